# SPDX-License-Identifier: GPL-2.0-only
"""The lab's commands."""

import argparse
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import apt, cache, cpio, emulators, host, parts, trees
from .say import LabError, say

USAGE = """\
usage: lab setup [PART...]                build what is missing (bochs lab debian)
       lab run   [OPTIONS] -- [FILE... --] COMMAND
       lab up    [OPTIONS] [--port PORT] -- [FILE... --] COMMAND
       lab qemu  [OPTIONS] -- [FILE... --] COMMAND
       lab path  cache|bochs|kernel-build|vmlinux|bzImage|kvm-selftests [KERNEL]
       lab make  KERNEL ARGUMENT...       make in what kernel-build is, for a module
       lab parts                          where each part comes from
       lab need  PACKAGE...               install what is missing of these
       lab tree  SUITE PACKAGE...         a system of another suite of Debian
       lab in    SUITE PACKAGE... -- COMMAND
                                          run COMMAND in it
       lab machine                        what a run has VMX from: bochs,
                                          bochs-packaged (less strict) or kvm
       lab clean                          empty the cache of what nobody uses

FILE is SRC or SRC:DST; DST is under /files unless it starts with a slash, and
/files is where COMMAND runs. One word of COMMAND is a shell command line, more
are a program and its arguments. See Documentation/lab.rst.

OPTIONS of run, up and qemu:
"""


def main(argv):
    """Run one lab command; returns the exit status."""
    commands = {"setup": _setup, "run": _run, "up": _up, "qemu": _qemu, "path": _path,
                "make": _make, "parts": _parts, "machine": _machine, "need": _need,
                "tree": _tree, "in": _in, "clean": _clean}
    options = argv[:argv.index("--")] if "--" in argv else argv
    if argv[:1] == ["help"] or "-h" in options or "--help" in options:
        print(USAGE + _parser("up").options(), end="")
        return 0
    if not argv or argv[0] not in commands:
        print(USAGE + _parser("up").options(), end="", file=sys.stderr)
        return host.End.LAB.value
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        parts.machine()
        return commands[argv[0]](argv[1:])
    except LabError as error:
        say(str(error))
        return host.End.LAB.value
    except (KeyboardInterrupt, BrokenPipeError):
        # Nobody reads the rest of the output.
        sys.stdout = None
        say("interrupted")
        return 130


def _interrupted(_signal, _frame):
    raise KeyboardInterrupt


# -- lab setup, path, make, parts, clean -----------------------------------

def _setup(argv):
    wanted = argv or ["bochs", "lab", "debian"]
    for part in wanted:
        if part == "bochs":
            if isinstance(emulators.with_vmx(), emulators.Bochs):
                parts.bochs()
        else:
            parts.kernel(part)
    parts.base_initramfs()
    return 0


def _path(argv):
    def of_kernel(field):
        return lambda name: getattr(parts.kernel(name), field)

    paths = {"cache": lambda _: cache.root(), "bochs": lambda _: parts.bochs().program,
             "kernel-build": of_kernel("build"), "vmlinux": of_kernel("vmlinux"),
             "bzImage": of_kernel("image"), "kvm-selftests": parts.kvm_selftests,
             "debian-build": lambda _: parts.kernel("debian").build}
    if len(argv) not in (1, 2) or argv[0] not in paths:
        raise LabError("path of what? " + " ".join(paths))
    name = argv[1] if len(argv) == 2 else "lab"
    # Modules are built for the host; a guest stays what it is.
    if argv[0] == "kernel-build":
        name = parts.host_kernel(name)
    found = paths[argv[0]](name)
    if not found:
        raise LabError(f"there is no {argv[0]} of the kernel {argv[1]}")
    print(found)
    return 0


def _need(argv):
    apt.install(*argv)
    return 0


def _machine(_argv):
    print(emulators.with_vmx().describe())
    return 0


def _clean(_argv):
    # Only what the cache made itself, in case it was pointed at something else.
    for name in cache.clean():
        say(f"{name} stays: another process uses it")
    return 0


def _make(argv):
    if not argv:
        raise LabError("make for which kernel? " + " ".join(parts.kernels()))
    return _become(parts.kernel(parts.host_kernel(argv[0])).make(argv[1:]))


def _parts(_argv):
    rows = [("part", "package", "suite", "there")]
    for part, package, suite, there in parts.origins():
        rows.append((part, package, suite, "yes" if there else "no"))
    for part, packages in (("to run", (*parts.BOCHS_PACKAGES, *parts.QEMU_PACKAGES)),
                           ("to boot", parts.INITRAMFS_PACKAGES)):
        for package in packages:
            version = apt.version(package)
            rows.append((part, f"{package}={version}" if version else package, apt.release(),
                         "yes" if version else "no"))
    for part, package, suite, there in rows:
        print(f"{part:10} {package:48} {suite:10} {there}")
    return 0


# -- lab tree, in ----------------------------------------------------------

def _tree(argv):
    if not argv:
        raise LabError("tree of what? SUITE PACKAGE...")
    print(trees.tree(argv[0], argv[1:]))
    return 0


def _in(argv):
    at = argv.index("--") if "--" in argv else len(argv)
    if not argv[:at] or not argv[at + 1:]:
        raise LabError("in what? SUITE PACKAGE... -- COMMAND")
    return _become(trees.command(trees.tree(argv[0], argv[1:at]), argv[at + 1:]))


def _become(command):
    """Run this command in our place; it holds what we have of the cache."""
    cache.keep_in_use()
    sys.stdout.flush()
    command = [str(word) for word in command]
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise LabError(f"{command[0]}: {error.strerror}") from error


# -- lab run, up, qemu -----------------------------------------------------

class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise LabError(message)

    def options(self):
        """The text of --help about the options."""
        formatter = self._get_formatter()
        formatter.add_arguments(action for action in self._actions)
        return formatter.format_help()


def _parser(name):
    parser = _Parser(prog=f"lab {name}", add_help=False)
    add = parser.add_argument
    add("--kernel", default="lab", type=parts.host_kernel,
        help=f"the host's kernel, one of {' '.join(parts.kernels())}")
    add("--cpus", type=int, default=1, metavar="N", help="1 if not said")
    add("--memory", type=int, default=1024, metavar="MIB", help="1024 if not said")
    add("--timeout", type=float, metavar="SECONDS", help="120 if not said; not for up")
    add("--cmdline", default="", metavar="TEXT", help="more for the kernel's command line")
    add("--with-libs", action="store_true", help="programs bring their shared libraries")
    add("--no-modules", action="store_true", help="without the kernel's own modules")
    add("--console", type=Path, metavar="FILE", help="put the kernel's console there")
    add("--allow-complaints", action="store_true", help="the kernel may warn of itself")
    add("--cpu-model", default="corei7_haswell_4770", metavar="MODEL", help="another CPU (Bochs)")
    add("--cpu-features", default="", metavar="NAMES", help="more features of it (Bochs)")
    add("--vmx-locked", action="store_true", help="firmware keeps VMX off (Bochs)")
    if name == "up":
        add("--port", type=int, default=0, help="for the second serial line (up)")
    return parser


def _parse(argv, name):
    parser = _parser(name)
    options, rest = [], []
    if "--" in argv:
        at = argv.index("--")
        options, rest = argv[:at], argv[at + 1:]
    else:
        options = argv
    args = parser.parse_args(options)
    if "--" in rest:
        at = rest.index("--")
        args.files, args.command = rest[:at], rest[at + 1:]
    else:
        args.files, args.command = [], rest
    if not args.command:
        raise LabError("no command to run: lab run [OPTIONS] -- [FILE... --] COMMAND")
    return args


def _libraries(program):
    """The shared libraries of a program, and its loader: absolute paths without the first
    slash, and the files, which are of the tree that has the program."""
    root = trees.root_of(program)
    inside = [] if root == Path("/") else ["chroot", root]
    listed = subprocess.run([*inside, "ldd", "/" / program.absolute().relative_to(root)],
                            capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        return {}
    words = (word for line in listed.stdout.splitlines() for word in line.split())
    names = [word for word in words if word.startswith("/")]
    # A link in a tree may be absolute.
    files = subprocess.run([*inside, "realpath", *names], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return {name.lstrip("/"): root / file.lstrip("/") for name, file in zip(names, files)}


def _add_files(archive, files, with_libs):
    added = {}
    for given in files:
        source, _, target = given.partition(":")
        source = Path(source)
        if not source.exists():
            raise LabError(f"{source}: there is no such file")
        target = os.path.normpath(os.path.join("/files", target or source.name)).lstrip("/")
        if source.is_dir():
            archive.tree(source, target)
            continue
        archive.file(target, source)
        for name, library in (_libraries(source) if with_libs else {}).items():
            if name not in added:
                archive.file(name, library)
            elif added[name] != library:
                raise LabError(f"{source} needs {library}, another program {added[name]}")
            added[name] = library


def _initrd(args, kernel, machine, mark, path):
    """The initial ramdisk: base, modules and this run's files, end to end."""
    run = path.with_suffix(".run")
    command = args.command[0] if len(args.command) == 1 else shlex.join(args.command)
    with cpio.Writer(run) as archive:
        archive.text("lab/mark", mark)
        archive.text("lab/command", "#!/bin/sh\n"
                     f"export LAB_MACHINE={machine} LAB_PATIENCE={parts.patience(kernel.name)}\n"
                     f"{command}\n", 0o755)
        _add_files(archive, args.files, args.with_libs)
    pieces = [parts.base_initramfs(), *([] if args.no_modules else [kernel.modules]), run]
    with path.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as source:
                shutil.copyfileobj(source, out)


def _keep(path, console):
    """Put the kernel's console where whoever asked finds it whole: two runs may end
    at the same time."""
    path = path or Path(os.environ.get("LAB_CONSOLE") or cache.root() / "last" / "console.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_bytes(console)
    partial.rename(path)
    return path


def _live(args, emulator, relay=None, on_up=None):
    """The status of a host's life; a host that its kernel's known race keeps from coming
    up is started again, with one word more, which changes the time of its ticks."""
    for tries in range(5):
        end, status, sentence, console = _live_once(args, emulator, relay, on_up)
        if end is not host.End.STUCK:
            break
        say(f"{sentence}: start {tries + 1} of 5")
        args.cmdline += " lab.again"
    log = _keep(args.console, console)
    if end is host.End.COMPLAINED and args.allow_complaints:
        end = host.End.EXITED
    return host.report(end, status, sentence, console, log)


def _live_once(args, emulator, relay, on_up):
    kernel = parts.kernel(args.kernel)
    mark = f"@lab-{secrets.token_hex(8)}"
    cmdline = f"{emulators.CMDLINE} {args.cmdline}".strip()
    # To know of all memory takes as long as the rest: only who asks for it pays.
    if kernel.name == "debug" and "kmemleak=" not in cmdline:
        cmdline += " kmemleak=off"
    # The emulated CPU has each flaw of its model, and no microcode against them.
    if kernel.name.startswith("debian") and "mitigations=" not in cmdline:
        cmdline += " mitigations=off pti=on"
    with tempfile.TemporaryDirectory(prefix="vmxdbg-lab.") as directory:
        directory = Path(directory)
        initrd = directory / "initrd"
        _initrd(args, kernel, emulator.describe(), mark, initrd)
        machine = emulators.Machine(directory, kernel.image, initrd, cmdline=cmdline,
                                    cpus=args.cpus, memory=args.memory, model=args.cpu_model,
                                    features=args.cpu_features, vmx_locked=args.vmx_locked)
        life = host.Host(emulator, machine, mark, args.timeout, relay, on_up)
        if emulator.at_a_time:
            with cache.one_of("emulator", emulator.at_a_time,
                              "the emulator, which another process is using"):
                end, status, sentence = life.run()
        else:
            end, status, sentence = life.run()
        return end, status, sentence, (directory / "console.log").read_bytes()


def _run(argv):
    args = _parse(argv, "run")
    args.timeout = (args.timeout or 120) * parts.patience(args.kernel)
    return _live(args, emulators.with_vmx())


def _qemu(argv):
    args = _parse(argv, "qemu")
    args.timeout = (args.timeout or 120) * parts.patience(args.kernel)
    return _live(args, emulators.Qemu("tcg"))


def _up(argv):
    args = _parse(argv, "up")
    args.timeout = args.timeout or 24 * 3600
    relay = host.Relay(args.port)
    return _live(args, emulators.with_vmx(), relay,
                 lambda: say(f"up: the host's second serial line is 127.0.0.1:{relay.port}"))
