#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tools that bring kernel drivers into the build: extraction, error summary, tree search."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

BASELINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "baselines")
TOOLS = os.path.join(BASELINES, "tools")
CMAKE = os.environ.get("CMAKE", "cmake")
sys.path.insert(0, TOOLS)

import extract  # noqa: E402

SOURCE = """\
// unused();
#include <linux/never.h>
#define USED_SHIFT 3 /* shift */
#define UNUSED_SHIFT 4
#define WIDE(x) \\
\t((x) << USED_SHIFT)

struct used {
\tint value; /* not unused() */
};

struct unused_type {
\tint value;
};

enum colour {
\tRED,
\tGREEN,
};

static LIST_HEAD(used_list);
static int used_variable = 1;
static int unused_array[] = {
\t1, 2,
};

static int helper(struct used *used);

static int __init unused(void)
{
\treturn UNUSED_SHIFT;
}

#ifdef CONFIG_SOMETHING
static int helper(struct used *used)
{
\treturn WIDE(used->value) + used_variable + list_count(&used_list);
}
#else
static int helper(struct used *used)
{
\treturn GREEN;
}
#endif
EXPORT_SYMBOL_GPL(helper);

static const char *text = "root(";
int root(struct used *used,
\t int more)
{
\tif (more)
\t\treturn cut_here(used);
\treturn helper(used);
}

static int cut_here(struct used *used)
{
\treturn unused();
}
"""


class Extraction(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "driver.c")

    def extract(self, roots, cut=(), source=SOURCE):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(source)
        return extract.extract(self.path, roots, cut)

    def test_closure_is_kept(self):
        text = self.extract(["root"], ["cut_here"])
        for part in ("struct used {", "USED_SHIFT 3", "((x) << USED_SHIFT)", "LIST_HEAD(used_list)",
                     "used_variable = 1", "GREEN,", "helper(struct used *used);", "#ifdef", "#else",
                     "\t int more)"):
            self.assertIn(part, text)

    def test_rest_is_blank(self):
        text = self.extract(["root"], ["cut_here"])
        for part in ("unused", "#include", "EXPORT_SYMBOL", "text =", "return cut_here(used);\n}"):
            self.assertNotIn(part, text.replace("/* not unused() */", ""))

    def test_cut_is_not_followed(self):
        self.assertNotIn("static int cut_here", self.extract(["root"], ["cut_here"]))
        self.assertIn("unused(void)", self.extract(["root"]))

    def test_line_numbers_stay(self):
        lines = self.extract(["root"]).split("\n")
        self.assertEqual(lines[0], f'#line 1 "{self.path}"')
        source = SOURCE.split("\n")
        self.assertEqual(len(lines), len(source) + 1)
        for number, line in enumerate(lines[1:]):
            self.assertIn(line, ("", source[number]))

    def test_roots(self):
        with self.assertRaisesRegex(extract.ExtractError, "no function absent"):
            self.extract(["absent"])
        with self.assertRaisesRegex(extract.ExtractError, "no function used_variable"):
            self.extract(["used_variable"])
        self.assertIn("int root", self.extract(["root", "absent?"]))

    def test_unreadable_file(self):
        with self.assertRaisesRegex(extract.ExtractError, "line 1: an item that does not end"):
            self.extract(["f"], source="int f(void)\n{\n")

    def test_command_line(self):
        result = subprocess.run([sys.executable, os.path.join(TOOLS, "extract.py"), "/nowhere.c",
                                 "--root", "f", "--output", os.path.join(self.folder.name, "x.c")],
                                stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^ptbench: cannot extract from /nowhere.c: .*No such file")


class CompileDriver(unittest.TestCase):
    def compile(self, source):
        with tempfile.TemporaryDirectory() as tree:
            path = os.path.join(tree, "drivers", "iommu", "driver.c")
            os.makedirs(os.path.dirname(path))
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
            result = subprocess.run(
                [sys.executable, os.path.join(TOOLS, "compile_driver.py"), "--tree", tree,
                 "--version", "linux-9.9", "--", os.environ.get("CC", "cc"),
                 "-Werror=implicit-function-declaration", "-c", path, "-o", path + ".o"],
                stderr=subprocess.PIPE, text=True, check=False)
            return result.returncode, result.stderr.splitlines()

    def test_success_says_nothing(self):
        self.assertEqual(self.compile("int f(void) { return 0; }\n"), (0, []))

    def test_first_symbol_is_named(self):
        code, lines = self.compile("int f(void)\n{\n\treturn new_helper(1) + other(2);\n}\n")
        self.assertEqual(code, 1)
        self.assertRegex(lines[-1], r"^ptbench: drivers/iommu/driver.c does not compile with "
                                    r"linux-9.9: 'new_helper' at drivers/iommu/driver.c:3 \(.*\)$")

    def test_missing_header_is_named(self):
        code, lines = self.compile("#include <linux/new.h>\n")
        self.assertEqual(code, 1)
        self.assertRegex(lines[-1], "'linux/new.h' at drivers/iommu/driver.c:1 ")

    def test_warnings_pass_through(self):
        code, lines = self.compile("#warning look here\n")
        self.assertEqual(code, 0)
        self.assertTrue(any("look here" in line for line in lines))


class KernelTree(unittest.TestCase):
    """kernel_tree.cmake as a script: what it says about a tree."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def search(self, kernel, more="", fetched=""):
        script = os.path.join(self.folder.name, "search.cmake")
        with open(script, "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.18)\n")
            for name in ("kernel_files", "kernel_tree"):
                file.write(f'include("{BASELINES}/cmake/{name}.cmake")\n')
            file.write('message("${PTBENCH_KERNEL_NAMES} ${PTBENCH_KERNEL_CODES}")\n' + more)
        result = subprocess.run([CMAKE, f"-DPTBENCH_KERNEL={kernel}", f"-DPTBENCH_KERNELS_FOLDER={fetched}",
                                 "-P", script],
                                cwd=self.folder.name, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        return result.returncode, result.stdout

    def capabilities(self, tree):
        code, output = self.search(tree, f'ptbench_capabilities("{tree}" found)\n'
                                         'message("has: ${found}")\n')
        self.assertEqual(code, 0, output)
        return set(re.search(r"^has: (.*)$", output, re.M)[1].split(";"))

    def all_files(self):
        script = os.path.join(self.folder.name, "list.cmake")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'include("{BASELINES}/cmake/kernel_files.cmake")\n'
                       'foreach(name IN LISTS PTBENCH_CAPABILITIES)\n'
                       '\tmessage("${name};${PTBENCH_NEEDS_${name}};${PTBENCH_FILES_${name}}")\n'
                       'endforeach()\n')
        result = subprocess.run([CMAKE, "-P", script],
                                stderr=subprocess.PIPE, text=True, check=True)
        return [line.split(";") for line in result.stderr.strip().splitlines()]

    def make_tree(self, makefile, name="linux-source-7.3"):
        tree = os.path.join(self.folder.name, name)
        texts = {"Makefile": makefile}
        for _, needs, *files in self.all_files():
            for index, file in enumerate(files):
                texts[file] = texts.get(file, "") + (needs if index == 0 else "") + "\n"
        for name, text in texts.items():
            path = os.path.join(tree, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return tree

    MAKEFILE = "# SPDX\nVERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 15\n"

    def refused(self, kernel):
        code, output = self.search(kernel)
        self.assertNotEqual(code, 0, output)
        lines = [line for line in output.splitlines() if line.startswith("ptbench: refused: ")]
        self.assertEqual(len(lines), 1, output)
        return lines[0].removeprefix("ptbench: refused: ")

    def test_version_comes_from_the_makefile(self):
        code, output = self.search(self.make_tree(self.MAKEFILE))
        self.assertEqual(code, 0, output)
        self.assertIn("linux-7.3 7003\n", output)

    def test_archive_is_unpacked_once(self):
        tree = self.make_tree(self.MAKEFILE)
        archive = tree + ".tar.xz"
        subprocess.run(["tar", "-C", self.folder.name, "-cJf", archive, os.path.basename(tree)],
                       check=True)
        code, output = self.search(archive)
        self.assertEqual(code, 0, output)
        self.assertIn("Unpacking", output)
        self.assertIn("linux-7.3 7003", output)
        self.assertNotIn("Unpacking", self.search(archive)[1])

    def test_several_kernels_keep_their_order(self):
        new = self.make_tree(self.MAKEFILE)
        old = self.make_tree("VERSION = 6\nPATCHLEVEL = 1\n", "old")
        code, output = self.search(f"mine={new};{old};{new}")
        self.assertEqual(code, 0, output)
        self.assertIn("mine;linux-6.1;linux-7.3 7003;6001;7003\n", output)

    def test_two_kernels_of_one_name_are_refused(self):
        tree = self.make_tree(self.MAKEFILE)
        self.assertIn("two kernels are called linux-7.3", self.refused(f"{tree};{tree}"))

    def test_label_of_another_variant_is_refused(self):
        tree = self.make_tree(self.MAKEFILE)
        for label in ("inline", "recursive-rcu", "limit", "linux", "two words"):
            self.assertIn(f"'{label}' cannot be the name of a kernel", self.refused(f"{label}={tree}"))

    def test_a_missing_file_costs_only_its_own_formats(self):
        tree = self.make_tree(self.MAKEFILE)
        everything = self.capabilities(tree)
        os.remove(os.path.join(tree, "drivers/iommu/io-pgtable-dart.c"))
        self.assertEqual(everything - self.capabilities(tree), {"DART"})
        os.remove(os.path.join(tree, "drivers/iommu/amd/io_pgtable.c"))
        self.assertEqual(everything - self.capabilities(tree), {"DART", "AMD"})

    def test_a_function_that_has_moved_away_is_noticed(self):
        tree = self.make_tree(self.MAKEFILE)
        everything = self.capabilities(tree)
        with open(os.path.join(tree, "drivers/iommu/intel/iommu.c"), "w", encoding="utf-8") as file:
            file.write("int something_else;\n")
        self.assertEqual(everything - self.capabilities(tree), {"INTEL"})

    def test_old_kernel_is_refused_with_the_range(self):
        tree = self.make_tree("VERSION = 5\nPATCHLEVEL = 15\n")
        self.assertEqual(self.refused(tree), f"{tree} is Linux 5.15; 6.1 to 7.3 can be compared with")

    def test_folder_that_is_no_kernel_is_refused_with_the_range(self):
        self.assertEqual(self.refused(self.folder.name), f"no Linux source tree at {self.folder.name}; "
                                                         "Linux 6.1 to 7.3 can be compared with")

    def test_no_tree_is_loud(self):
        code, output = self.search("none")
        self.assertEqual(code, 0, output)
        self.assertIn("apt install linux-source-6.12", output)

    def test_missing_tree_is_named(self):
        self.assertIn("/nowhere/linux", self.refused("/nowhere/linux"))

    def test_the_newest_fetched_one_is_among_the_usual(self):
        fetched = os.path.join(self.folder.name, "fetched")
        os.mkdir(fetched)
        for version in ("6.9", "7.10"):
            tree = self.make_tree("VERSION = {}\nPATCHLEVEL = {}\n".format(*version.split(".")),
                                  f"linux-source-{version}")
            subprocess.run(["tar", "-C", self.folder.name, "-cJf",
                            os.path.join(fetched, f"linux-source-{version}.tar.xz"), os.path.basename(tree)],
                           check=True)
        code, output = self.search("", fetched=fetched)
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"linux-7\.10 (6012;)?7010\n")


if __name__ == "__main__":
    unittest.main()
