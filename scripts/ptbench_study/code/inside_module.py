# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The engine as a module of a Debian kernel: getting that kernel, and building.

Nothing is installed: packages of the system's own archive are unpacked under build/inside/VERSION, and the
module is built there by the kernel's build system, out of a line of C for each source of the engine and of
inside/.
"""

import contextlib
import fcntl
import re
import shutil
import subprocess

from ..base import children
from ..base.errors import FAILED, NOTHING, SKIPPED, USAGE, Failure
from ..base.paths import BUILD, COMMAND, ROOT, shown
from ..base.progress import tell
from ..base.quoting import terminal
from .kernel_packages import DOWNLOAD_SECONDS, apt
from .kernels import sources

FOLDER = BUILD / "inside"
SOURCES = ROOT / "inside"
# Whose page tables the kernel can be asked for, or whose driver can be compiled into the module.
FORMATS = ("amdv1", "x86_64", "vtdss", "armv8_4k_s1")
VARIANTS = ("inline", "recursive")
KERNELS = ("6.12",)
OWN = ("main", "platform", "engine", "verify", "count", "io_pgtable", "dma", "intel_iommu",
       "amd_iommu")
ENGINE = ("common", "dump")
BUILD_SECONDS = 900
# Not for IOMMUs, not for machines like QEMU's, or without what the build needs.
OTHER_KINDS = ("-cloud-", "-rt-", "-dbg", "-unsigned", "-16k")


class Kernel:
    """A kernel package: full is its version as in linux-image-FULL-amd64."""

    def __init__(self, version, full):
        self.version = version
        self.full = full
        self.folder = FOLDER / full
        self.packages = self.folder / "packages"
        self.module = self.folder / "module"

    @property
    def code(self):
        """The version as the adapters compare it: 6012."""
        major, minor = self.version.split(".")
        return 1000 * int(major) + int(minor)

    @property
    def compiler(self):
        """What it and the module are built by, as "gcc 12.2.0"."""
        config = (self.headers / ".config").read_text(encoding="utf-8", errors="replace")
        match = re.search(r'^CONFIG_CC_VERSION_TEXT="\S*?(gcc|clang)\S* [^"]*?(\d+(?:\.\d+)+)"$', config,
                          re.M)
        if not match:
            raise Failure(f"{shown(self.headers)} does not say what the kernel is built by", FAILED)
        return f"{match[1]} {match[2]}"

    @property
    def image(self):
        """The kernel to boot."""
        return self.packages / "boot" / f"vmlinuz-{self.full}-amd64"

    @property
    def headers(self):
        """Where its build system is."""
        return self.packages / "usr" / "src" / f"linux-headers-{self.full}-amd64"


def digits(text):
    """The numbers in a version, for ordering."""
    return [int(number) for number in re.findall(r"\d+", text)]


def newest(names, version):
    """The full version of the newest kernel of "6.12" among names of packages; None without any."""
    pattern = re.compile(rf"linux-image-({re.escape(version)}\.\d[0-9a-z.+~]*)-amd64")
    found = [match[1] for name in names if not any(kind in name for kind in OTHER_KINDS)
             and (match := pattern.fullmatch(name))]
    return max(found, key=digits, default=None)


def find(version):
    """The Kernel that the system's archive has of a version, or that was unpacked before."""
    if version not in KERNELS:
        raise Failure(f"'{terminal(version)}' is no kernel that the module is made for: "
                      f"{', '.join(KERNELS)}", USAGE)
    here = [path.parent.name for path in FOLDER.glob("*/.complete")
            if path.parent.name.startswith(version + ".")]
    if here:
        return Kernel(version, max(here, key=digits))
    out = apt("apt-cache", "search", "--names-only", f"^linux-image-{re.escape(version)}[.].*-amd64$")
    full = newest([line.split(" ", 1)[0] for line in out.splitlines()], version)
    if full is None:
        raise Failure(f"the system's package lists have no kernel {version} for amd64", SKIPPED)
    return Kernel(version, full)


@contextlib.contextmanager
def locked():
    """One at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(kernel):
    """Get and unpack a kernel's packages, unless they are there."""
    if (kernel.folder / ".complete").exists():
        return
    names = [f"linux-image-{kernel.full}-amd64", f"linux-headers-{kernel.full}-amd64",
             f"linux-headers-{kernel.full}-common", f"linux-kbuild-{kernel.full}"]
    place = kernel.folder / "download"
    shutil.rmtree(kernel.folder, ignore_errors=True)
    place.mkdir(parents=True)
    tell(f"fetching Linux {kernel.full} and its headers (120 MB)")
    apt("apt-get", "download", *names, folder=place, seconds=DOWNLOAD_SECONDS)
    for package in sorted(place.glob("*.deb")):
        apt("dpkg-deb", "-x", str(package), str(kernel.packages), seconds=DOWNLOAD_SECONDS)
    shutil.rmtree(place)
    # It names its other half by an absolute path.
    makefile = kernel.headers / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8").replace(
        "/usr/src/", f"{kernel.packages}/usr/src/"), encoding="utf-8")
    (kernel.folder / ".complete").touch()


def take_drivers(kernel):
    """Unpack the drivers that the module is built against, out of the kernel's source package."""
    target = kernel.folder / "source"
    if (target / "drivers" / "iommu").is_dir():
        return target
    version = tuple(int(number) for number in kernel.version.split("."))
    archive = sources().get(version)
    if archive is None:
        raise Failure(f"no source of Linux {kernel.version} here: {COMMAND} kernels get {kernel.version}",
                      SKIPPED)
    if archive.is_dir():
        return archive
    target.mkdir(parents=True, exist_ok=True)
    done = children.run(["tar", "-xf", str(archive), "-C", str(target), "--strip-components=1", "--wildcards",
                         "*/drivers/iommu"], capture_output=True, text=True, errors="replace",
                        timeout=BUILD_SECONDS)
    if done.returncode or not (target / "drivers" / "iommu").is_dir():
        shutil.rmtree(target, ignore_errors=True)
        raise Failure(f"{shown(archive)} cannot be unpacked: {terminal(done.stderr.strip()[-200:])}", FAILED)
    return target


def line(path):
    """A source that is nothing but another one."""
    return f'#include "{path}"\n'


def instance(name, variant):
    """A source of the engine's operations for one format in one variant."""
    return (("#define PT_INLINE\n" if variant == "inline" else "")
            + f"#define PT_FORMAT {name}\n#define PT_FORMAT_HEADER \"formats/{name}.h\"\n"
            + '#include "iommu/instance.c"\n')


def list_of(formats):
    """The source of the table of formats."""
    names = [(name, f"{name}_inline_format", f"{name}_recursive_format") for name in formats]
    declarations = "".join(f"extern const struct pt_format {inline}, {recursive};\n"
                           for _, inline, recursive in names)
    rows = "".join(f'\t{{ "{name}", &{inline}, &{recursive} }},\n' for name, inline, recursive in names)
    return (f'#include "subjects.h"\n\n{declarations}\nconst struct inside_format inside_formats[] = {{\n'
            f"{rows}\t{{ NULL }},\n}};\n")


def source_files(kernel, formats, drivers):
    """{name: text} of all that the module is built from, Kbuild included."""
    files = {f"{name}.c": line(SOURCES / f"{name}.c") for name in OWN}
    files |= {f"engine_{name}.c": line(ROOT / "engine" / "iommu" / f"{name}.c") for name in ENGINE}
    files |= {f"{name}_{variant}.c": instance(name, variant) for name in formats for variant in VARIANTS}
    files |= {"formats.c": list_of(formats), "arm.c": line("drivers/iommu/io-pgtable-arm.c")}
    objects = " ".join(name.removesuffix(".c") + ".o" for name in sorted(files))
    flags = " ".join(f"-I{folder}" for folder in (
        SOURCES / "include", SOURCES, ROOT / "engine", ROOT / "engine" / "include", ROOT / "baselines",
        ROOT / "baselines" / "include", drivers, drivers / "drivers" / "iommu"))
    files["Kbuild"] = (f"obj-m := ptbench.o\nptbench-y := {objects}\n"
                       f"ccflags-y := {flags} -DPTBENCH_LINUX={kernel.code} -DADAPTER_GFP=GFP_ATOMIC\n")
    return files


def write_sources(kernel, formats):
    """Write them, touching only what is new, so that only that is compiled again."""
    kernel.module.mkdir(parents=True, exist_ok=True)
    files = source_files(kernel, formats, take_drivers(kernel))
    for name, text in files.items():
        path = kernel.module / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in kernel.module.glob("*.c"):
        if path.name not in files and not path.name.endswith(".mod.c"):
            path.unlink()


def run_make(kernel):
    """Build; Failure with the compiler's first error."""
    log = kernel.folder / "build.log"
    with open(log, "wb") as out:
        # Without BTF, which wants pahole.
        done = children.run(["make", "-j2", "-C", str(kernel.headers), f"M={kernel.module}",
                             "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules"],
                            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                            timeout=BUILD_SECONDS)
    if done.returncode:
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = said or ["no reason given"]
        first = next((text for text in said if re.search("error:", text, re.I)), said[-1])
        raise Failure(f"the module cannot be built: {terminal(first.strip())} (log: {shown(log)})", FAILED)


def build(version, formats):
    """Build the module for the newest kernel of a version; its Kernel."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise Failure(f"'{terminal(unknown[0])}' cannot be compared inside a kernel; there are: "
                      f"{', '.join(FORMATS)}", USAGE)
    if not shutil.which("make"):
        raise Failure("a kernel's modules are built with make: sudo apt-get install make", SKIPPED)
    with locked():
        kernel = find(version)
        fetch(kernel)
        write_sources(kernel, formats)
        tell(f"building the module for Linux {kernel.full}")
        try:
            run_make(kernel)
        except subprocess.TimeoutExpired:
            raise Failure(f"the module takes longer than {BUILD_SECONDS} s to build", FAILED) from None
    if not (kernel.module / "ptbench.ko").exists():
        raise Failure(f"the build has left no module in {shown(kernel.module)}", NOTHING)
    return kernel
