#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tools that bring kernel drivers into the build: extraction, error summary, tree search."""
import os
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

    def search(self, kernel):
        script = os.path.join(self.folder.name, "search.cmake")
        with open(script, "w", encoding="utf-8") as file:
            for name in ("kernel_files", "kernel_tree"):
                file.write(f'include("{BASELINES}/cmake/{name}.cmake")\n')
            file.write('message("${PTBENCH_KERNEL_NAME} ${PTBENCH_KERNEL_CODE}")\n'
                       'message("s390: ${PTBENCH_KERNEL_S390}")\n')
        result = subprocess.run([CMAKE, f"-DPTBENCH_KERNEL={kernel}", "-P", script],
                                cwd=self.folder.name, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        return result.returncode, result.stdout

    def required_files(self):
        script = os.path.join(self.folder.name, "list.cmake")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'include("{BASELINES}/cmake/kernel_files.cmake")\n'
                       'message("${PTBENCH_KERNEL_FILES}")\n')
        result = subprocess.run([CMAKE, "-P", script],
                                stderr=subprocess.PIPE, text=True, check=True)
        return result.stderr.strip().split(";")

    def make_tree(self, makefile):
        tree = os.path.join(self.folder.name, "linux-source-7.3")
        for name in self.required_files():
            path = os.path.join(tree, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(makefile if name == "Makefile" else "\n")
        return tree

    MAKEFILE = "# SPDX\nVERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 15\n"

    def test_version_comes_from_the_makefile(self):
        code, output = self.search(self.make_tree(self.MAKEFILE))
        self.assertEqual(code, 0, output)
        self.assertIn("linux-7.3 7003\ns390: FALSE", output)

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

    def test_missing_file_is_named(self):
        tree = self.make_tree(self.MAKEFILE)
        os.remove(os.path.join(tree, "drivers/iommu/io-pgtable-dart.c"))
        code, output = self.search(tree)
        self.assertNotEqual(code, 0)
        self.assertRegex(" ".join(output.split()), "lacks drivers/iommu/io-pgtable-dart.c")

    def test_no_tree_is_loud(self):
        code, output = self.search("none")
        self.assertEqual(code, 0, output)
        self.assertIn("apt install linux-source-6.12", output)

    def test_missing_tree_is_named(self):
        code, output = self.search("/nowhere/linux")
        self.assertNotEqual(code, 0)
        self.assertIn("PTBENCH_KERNEL=/nowhere/linux: no such folder or archive", output)


if __name__ == "__main__":
    unittest.main()
