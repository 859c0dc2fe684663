# SPDX-License-Identifier: GPL-2.0-only
"""The parts of a lab that are built or fetched once: emulator and kernels.

Each is built by the tools of Debian 12, in a tree of it where this machine has another
release, so that all machines have the same and share a cache.
"""

import lzma
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from . import apt, cache, cpio, pins, trees
from .say import LabError, run_step, say
from .suites import Suite

LAB = Path(__file__).resolve().parent.parent

# Where the kernels come from, and the tools that build all parts.
SUITE = "bookworm"

BOCHS_SUITE = "trixie"
BOCHS_SOURCE = "bochs=3.0+dfsg-1"
BOCHS_PACKAGES = ("bochsbios", "vgabios", "isolinux", "syslinux-common", "xorriso")
QEMU_PACKAGES = ("qemu-system-x86", "seabios")
INITRAMFS_PACKAGES = ("busybox-static",)
BOCHS_BUILD_PACKAGES = ("gcc", "g++", "make", "patch", "xz-utils")

# Debian's kernel has most things as modules. A host gets these, which a lab run may
# load, and the modules that they depend on.
DEBIAN_MODULES = ("kvm-intel", "msr", "cpuid", "loop", "brd")

# A guest gets these, for what a machine of QEMU's may have.
DEBIAN_GUEST_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "sd_mod", "nvme")


def _log(name):
    return cache.root() / "log" / f"{name}.log"


def _build_step(what, argv, packages, log, cwd):
    """Run argv where there are these packages of Debian 12."""
    if apt.release() == SUITE:
        apt.install(*packages)
    else:
        argv = trees.command(trees.tree(SUITE, packages), argv, cwd)
    run_step(what, argv, log, cwd=cwd)


# -- the emulator ----------------------------------------------------------

class Bochs:
    """An emulator: where it is, and what sets it apart."""

    def __init__(self, program, packaged):
        self.program = program
        # Debian 12's own one: no patches of ours, a debugger, no headless display.
        self.packaged = packaged


class _NoSource(LabError):
    """The mirror has no source of Bochs."""


def _build_bochs(work, _final):
    log = _log("bochs")
    log.unlink(missing_ok=True)
    source = work / "source"
    source.mkdir()
    try:
        tarball = Suite(BOCHS_SUITE, "deb-src").fetch_source(BOCHS_SOURCE, source)
    except LabError as error:
        raise _NoSource(str(error)) from error
    build = work / "build"
    build.mkdir()
    _build_step("building Bochs (one to two minutes)",
                [LAB / "bochs/build.sh", tarball, work / "bin", *_bochs_patches()],
                BOCHS_BUILD_PACKAGES, log, build)
    shutil.rmtree(source)
    shutil.rmtree(build)


def _bochs_patches():
    return sorted((LAB / "bochs").glob("*.patch"))


def _bochs_key():
    return cache.key(BOCHS_SOURCE, LAB / "bochs/build.sh", *_bochs_patches())


def bochs():
    """The emulator that LAB_BOCHS asks for: built, packaged, or built if its source can
    be had."""
    wanted = os.environ.get("LAB_BOCHS", "auto")
    if wanted not in ("auto", "built", "packaged"):
        raise LabError(f"LAB_BOCHS={wanted}: it is built, packaged or auto")
    apt.install(*BOCHS_PACKAGES)
    if wanted != "packaged":
        try:
            entry = cache.entry("bochs", _bochs_key(), _build_bochs)
            return Bochs(entry / "bin/bochs", packaged=False)
        except _NoSource as error:
            if wanted == "built":
                raise
            say(f"{error}")
            say("using the packaged Bochs instead: slower, and less strict than a CPU")
    apt.install("bochs")
    return Bochs(Path("/usr/bin/bochs"), packaged=True)


# -- kernels ---------------------------------------------------------------

class Kernel:
    """A host kernel: its image, its modules as a cpio archive, its build tree (in a tree
    of another Debian if there is a root)."""

    def __init__(self, name, image, modules, build, vmlinux, root=None, guest_modules=None):
        self.name = name
        self.image = image
        self.modules = modules
        self.build = build
        self.vmlinux = vmlinux
        self.root = root
        # A directory with the modules for guests in QEMU
        self.guest_modules = guest_modules or modules.parent / "modules"

    def make(self, arguments):
        """The command that runs make for a module."""
        if not self.root:
            return ["make", "-C", self.build, *arguments]
        inside = Path("/") / self.build.relative_to(self.root)
        return trees.command(self.root, ["make", "-C", inside, *arguments])


# Debian's package of the source of each of the lab's own kernels.
LAB_SOURCE = "linux-source-6.1"
OTHER_SOURCES = {"lab612": "linux-source-6.12"}
KERNEL_BUILD_PACKAGES = ("gcc", "make", "bc", "bison", "flex", "cpio", "kmod", "lz4", "xz-utils",
                      "libelf-dev", "rsync")

SELFTEST_BUILD_PACKAGES = ("gcc", "libc6-dev", "make", "xz-utils")


def _lab_configs(flavour):
    more = "guest-drivers" if flavour == "lab" else flavour
    return [LAB / "kernel/lab.config", LAB / f"kernel/{more}.config"]


def lab_source(flavour):
    """The package=version of a lab kernel's source."""
    return Suite(SUITE).find(OTHER_SOURCES.get(flavour, LAB_SOURCE))


def _lab_key(flavour):
    version = lab_source(flavour).partition("=")[2]
    return cache.key(version, LAB / "kernel/build.sh", *_lab_configs(flavour))


def lab_kernel(flavour="lab"):
    """The lab's own kernel from Debian's kernel source."""
    source = lab_source(flavour)
    configs = _lab_configs(flavour)
    name = source.partition("=")[0]
    digest = _lab_key(flavour)

    def build(work, final):
        log = _log(f"kernel-{flavour}")
        log.unlink(missing_ok=True)
        unpacked = work / "source"
        package = Suite(SUITE).fetch(source, work)
        run_step(f"unpacking {source}", ["dpkg-deb", "-x", package, unpacked], log)
        package.unlink()
        tarball = unpacked / f"usr/src/{name}.tar.xz"
        _build_step(f"building the {flavour} kernel (about four minutes)",
                    [LAB / "kernel/build.sh", tarball, work, final, *configs],
                    KERNEL_BUILD_PACKAGES, log, work)
        shutil.rmtree(unpacked)
        cpio.write_tree(work / "modules.cpio", work / "modules")

    entry = cache.entry(f"kernel-{flavour}", digest, build)
    tree = entry / "build"
    return Kernel(flavour, tree / "arch/x86/boot/bzImage", entry / "modules.cpio", tree,
                  tree / "vmlinux")


def kvm_selftests(name="lab"):
    """The directory with the selftests of KVM that are in a kernel's source."""
    script = LAB / "kernel/selftests.sh"
    log = _log(f"selftests-{name}")

    def compile_in(work, source):
        _build_step(f"building the selftests of the {name} kernel (one to two minutes)",
                    [script, source, work], SELFTEST_BUILD_PACKAGES, log, work)

    def build(work, _final):
        log.unlink(missing_ok=True)
        if name not in DEBIAN_HEADERS:
            compile_in(work, lab_kernel(name).build)
            return
        unpacked = work / "package"
        package = Suite(DEBIAN_HEADERS[name][0]).fetch(_debian_source(name), work)
        run_step(f"unpacking {package.name}", ["dpkg-deb", "-x", package, unpacked], log)
        package.unlink()
        compile_in(work, next(unpacked.glob("usr/src/linux-source-*.tar.xz")))
        shutil.rmtree(unpacked)

    if name in DEBIAN_HEADERS:
        origin = _debian_source(name)
    else:
        origin = _lab_key(name)
    return cache.entry(f"selftests-{name}", cache.key(origin, script), build) / "bin"


# Packages of a tree in which make builds a module.
MODULE_BUILD_PACKAGES = ("gcc", "make")

# Debian's own kernels: the suite, and its metapackage for the headers of the current one.
DEBIAN_HEADERS = {"debian": (SUITE, "linux-headers-amd64"),
                  "debian612": ("trixie", "linux-headers-amd64"),
                  "debian73": ("trixie-backports", "linux-headers-amd64")}


def debian_release(name):
    """The release of Debian's current kernel and the version of its packages."""
    from_suite, package = DEBIAN_HEADERS[name]
    suite = Suite(from_suite)
    headers = suite.find(package)

    def find():
        found = re.search(r"linux-headers-(\S+) \(= (\S+)\)", suite.field(headers, "Depends"))
        if not found:
            raise LabError(f"{headers} names no kernel release")
        return " ".join(found.groups())

    return pins.pinned(f"{from_suite}:{name}", find).split()


def _debian_source(name):
    """The package=version of the source of one of Debian's kernels."""
    release, version = debian_release(name)
    return f"linux-source-{'.'.join(release.split('.')[:2])}={version}"


def _debian_headers(from_suite, release, version):
    """Where modules are built for it, and the tree that this is in, if any."""
    path = Path("usr/src") / f"linux-headers-{release}"
    if apt.release() == from_suite:
        apt.install(f"linux-headers-{release}")
        return Path("/") / path, None
    root = trees.tree(from_suite, [f"linux-headers-{release}={version}", *MODULE_BUILD_PACKAGES])
    return root / path, root


def _debian_image(suite, release, version):
    """The packages of the kernel and of its modules: one, or those that it consists of."""
    image = f"linux-image-{release}={version}"
    parts = re.findall(rf"linux-(?:base|binary|modules)-{re.escape(release)}",
                       suite.field(image, "Depends"))
    return [f"{part}={version}" for part in parts] or [image]


def _debian_key(name):
    return cache.key(*debian_release(name), " ".join(DEBIAN_MODULES),
                     " ".join(DEBIAN_GUEST_MODULES), "2")


def debian_kernel(name="debian"):
    """One of Debian's unmodified kernels, unpacked in the cache."""
    release, version = debian_release(name)
    from_suite = DEBIAN_HEADERS[name][0]
    headers, tree = _debian_headers(from_suite, release, version)

    def build(work, _final):
        apt.install("kmod")
        root = work / "root"
        for name in _debian_image(Suite(from_suite), release, version):
            package = Suite(from_suite).fetch(name, work)
            run_step(f"unpacking {name}", ["dpkg-deb", "-x", package, root], _log("debian"))
            package.unlink()
        # Newer packages know no other place than /usr/lib.
        if not (root / "lib").exists():
            (root / "lib").symlink_to("usr/lib")
        run_step("listing its modules", ["depmod", "-b", root, release], _log("debian"))
        tree = root / "lib/modules" / release
        for part, names in (("modules", DEBIAN_MODULES), ("guest", DEBIAN_GUEST_MODULES)):
            kept = work / part / "lib/modules" / release
            _copy_modules(tree, names, kept)
            run_step("listing those kept", ["depmod", "-b", work / part, release],
                     _log("debian"))
        image = root / "boot" / f"vmlinuz-{release}"
        shutil.move(image if image.exists() else tree / "vmlinuz", work / "vmlinuz")
        cpio.write_tree(work / "modules.cpio", work / "modules")
        shutil.rmtree(root)

    entry = cache.entry(f"kernel-{name}", _debian_key(name), build)
    return Kernel(name, entry / "vmlinuz", entry / "modules.cpio", headers, None, tree,
                  entry / "guest")


def _copy_modules(tree, names, target):
    """Copy the named modules of a tree, all that they depend on, and the tree's lists."""
    for path in _with_dependencies(tree, names):
        module = target / path
        module.parent.mkdir(parents=True, exist_ok=True)
        if module.suffix == ".xz":
            # Newer ones are compressed, which busybox does not undo.
            module.with_suffix("").write_bytes(lzma.decompress((tree / path).read_bytes()))
        else:
            shutil.copy(tree / path, module)
    for path in tree.glob("modules.*"):
        shutil.copy(path, target)


def _with_dependencies(tree, names):
    """The paths of the named modules and of all that they depend on."""
    depends = {}
    for line in (tree / "modules.dep").read_text(encoding="ascii").splitlines():
        path, _, rest = line.partition(":")
        depends[path] = rest.split()
    kept = set()
    for path, needed in depends.items():
        if Path(path).name.partition(".")[0] in names:
            kept.update([path, *needed])
    return kept


def kernels():
    """The names of all kernels."""
    own = sorted({path.stem for path in (LAB / "kernel").glob("*.config")} - {"guest-drivers"})
    return [*own, *DEBIAN_HEADERS]


def host_kernel(name):
    """The kernel that a host gets who asks for this one: LAB_KERNEL takes the place
    of the lab kernel."""
    return os.environ.get("LAB_KERNEL") or name if name == "lab" else name


def patience(name):
    """How many times longer than others this kernel may take."""
    return {"debug": 5, "debian612": 3, "debian73": 3}.get(name, 1)


def kernel(name):
    """The kernel of that name."""
    if name in DEBIAN_HEADERS:
        return debian_kernel(name)
    if (LAB / f"kernel/{name}.config").exists():
        return lab_kernel(name)
    raise LabError(f"no kernel is called {name}")


# -- the initial ramdisk ---------------------------------------------------

def base_initramfs():
    """The cpio archive that every host starts from: busybox and our /init."""
    apt.install(*INITRAMFS_PACKAGES)
    init = LAB / "initramfs/init"
    busybox = Path("/bin/busybox")
    if not busybox.exists():
        busybox = Path("/usr/bin/busybox")

    def build(work, _final):
        applets = subprocess.run([busybox, "--list-full"], capture_output=True, text=True,
                                 check=True).stdout.split()
        with cpio.Writer(work / "base.cpio") as archive:
            archive.device("dev/console", 0o600, 5, 1)
            for name in ("proc", "sys", "run", "root", "files"):
                archive.directory(name)
            archive.directory("tmp", 0o1777)
            archive.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                                       "nobody:x:65534:65534:nobody:/:/bin/sh\n")
            archive.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
            archive.text("etc/hosts", "127.0.0.1 localhost\n")
            archive.file("init", init, 0o755)
            archive.file("bin/busybox", busybox, 0o755)
            for applet in applets:
                if applet != "bin/busybox":
                    archive.link(applet, "/bin/busybox")

    digest = cache.key(init, busybox, Path(cpio.__file__), "1")
    return cache.entry("initramfs", digest, build) / "base.cpio"


# -- where they come from --------------------------------------------------

def origins():
    """Each part that is made or fetched, as its name, its package=version, the suite of
    that, and whether the cache has it."""
    found = [("bochs", BOCHS_SOURCE, BOCHS_SUITE, "bochs", _bochs_key())]
    for name in kernels():
        suite = SUITE
        if name in DEBIAN_HEADERS:
            suite = DEBIAN_HEADERS[name][0]
            release, version = debian_release(name)
            package, digest = f"linux-image-{release}={version}", _debian_key(name)
        else:
            package, digest = lab_source(name), _lab_key(name)
        found.append((name, package, suite, f"kernel-{name}", digest))
    return [(part, package, suite, cache.has(entry, digest))
            for part, package, suite, entry, digest in found]


def machine():
    """The kind of this machine, which must be able to run what is built."""
    if platform.machine() != "x86_64":
        raise LabError("the lab runs on x86-64 Linux only")
