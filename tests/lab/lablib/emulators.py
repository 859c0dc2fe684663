# SPDX-License-Identifier: GPL-2.0-only
"""How each emulator is started, and how its death is read.

The emulator's three serial lines are connections that it makes to us: the
command's output, the user's line, and the kernel's console.
"""

import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from . import apt, parts
from .say import LabError

CMDLINE = "console=ttyS2,115200 nokaslr tsc=reliable oops=panic panic=0"

_BOCHSRC = """\
romimage: file={bios}
vgaromimage: file=/usr/share/vgabios/vgabios.bin
{display}
cpu: model={model}{features}, count={cpus}, {quantum}ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
clock: sync=none, time0=1700000000
memory: guest={memory}, host={resident}
ata0-master: type=cdrom, path={directory}/boot.iso, status=inserted
boot: cdrom
{lines}
log: {directory}/emulator.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""

_BIOS = Path("/usr/share/bochs/BIOS-bochs-latest")

# Where it sets IA32_FEATURE_CONTROL: RDMSR; OR EAX, LOCKED | VMX; WRMSR.
_BIOS_ALLOWS_VMX = bytes.fromhex("0f3283c8050f30")
_BIOS_LOCKS_VMX = bytes.fromhex("0f3283c8010f30")

_ISOLINUX = """\
default lab
prompt 0
timeout 0
label lab
 kernel vmlinuz
 append initrd=initrd {cmdline}
"""


def _at_a_time():
    """How many Bochs may run at a time: each wants a core."""
    cores = len(os.sched_getaffinity(0))
    try:
        return max(1, int(os.environ.get("LAB_EMULATORS") or cores))
    except ValueError as error:
        raise LabError(f"LAB_EMULATORS: {error}") from error


# Bochs has no more (MiB) in memory; the rest of what is used goes to a file.
_RESIDENT = 2048


class Machine:
    """The machine that an emulator starts."""

    def __init__(self, directory, kernel, initrd, *, cmdline, cpus, memory, model, features,
                 vmx_locked):
        self.kernel = kernel
        self.initrd = initrd
        self.cmdline = cmdline
        self.cpus = cpus
        self.memory = memory
        self.model = model
        self.features = features
        # Firmware that keeps VMX off, as that of many a machine does.
        self.vmx_locked = vmx_locked
        self.directory = Path(directory)


class Bochs:
    """The emulated VMX machine."""

    name = "Bochs"

    def __init__(self):
        self.bochs = parts.bochs()
        # The packaged one's display takes a port that is always the same.
        self.at_a_time = 1 if self.bochs.packaged else _at_a_time()

    def describe(self):
        return "bochs-packaged" if self.bochs.packaged else "bochs"

    def start(self, machine, ports):
        directory = machine.directory
        self._make_iso(machine)
        lines = "\n".join(
            f"com{n}: enabled=1, mode=socket-client, dev=127.0.0.1:{port}"
            for n, port in enumerate(ports, 1))
        # The packaged one has only displays that want somebody to look at them.
        display = 'display_library: rfb, options="timeout=20"\nspeaker: enabled=0\n' \
            "sound: driver=dummy" if self.bochs.packaged else "display_library: nogui"
        (directory / "bochsrc").write_text(_BOCHSRC.format(
            bios=self._bios(machine), display=display, model=machine.model, cpus=machine.cpus,
            features=f', add_features="{machine.features}"' if machine.features else "",
            quantum="quantum=16, " if machine.cpus > 1 else "",
            memory=machine.memory, resident=min(machine.memory, _RESIDENT), lines=lines,
            directory=directory), encoding="ascii")
        argv = [self.bochs.program, "-q", "-f", directory / "bochsrc"]
        if self.bochs.packaged:
            # Built with its debugger, which waits for a command to continue.
            (directory / "continue").write_text("c\n", encoding="ascii")
            argv += ["-rc", directory / "continue"]
        emulator = _spawn(argv, directory)
        if self.bochs.packaged:
            threading.Thread(target=_look_at_display, args=(emulator,), daemon=True).start()
        return emulator

    @staticmethod
    def _bios(machine):
        if not machine.vmx_locked:
            return _BIOS
        image = _BIOS.read_bytes()
        if image.count(_BIOS_ALLOWS_VMX) != 1:
            raise LabError(f"{_BIOS} is not the one that --vmx-locked knows how to change")
        locked = machine.directory / "bios"
        locked.write_bytes(image.replace(_BIOS_ALLOWS_VMX, _BIOS_LOCKS_VMX))
        return locked

    @staticmethod
    def _make_iso(machine):
        tree = machine.directory / "iso"
        tree.mkdir()
        os.symlink(machine.kernel, tree / "vmlinuz")
        os.symlink(machine.initrd, tree / "initrd")
        (tree / "isolinux.cfg").write_text(_ISOLINUX.format(cmdline=machine.cmdline),
                                           encoding="utf-8")
        shutil.copy("/usr/lib/ISOLINUX/isolinux.bin", tree)
        shutil.copy("/usr/lib/syslinux/modules/bios/ldlinux.c32", tree)
        made = subprocess.run(
            ["xorriso", "-as", "mkisofs", "-quiet", "-f", "-o", machine.directory / "boot.iso",
             "-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4",
             "-boot-info-table", tree], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise LabError(f"the boot medium could not be made: {made.stderr}")

    @staticmethod
    def death(directory):
        """The cause of death in the emulator's own log."""
        text = _read(directory / "emulator.log") + _read(directory / "emulator.out")
        if "exception with no resolution" in text:
            return "triple fault"
        for line in reversed(text.splitlines()):
            # Turning the machine off is how every run ends.
            if ">>PANIC<<" in line and "soft power off" not in line:
                return line.strip()
        return ""


class Qemu:
    """QEMU, emulating a CPU without VMX or passing on that of the machine."""

    at_a_time = None

    def __init__(self, accelerator):
        apt.install(*parts.QEMU_PACKAGES)
        self.accelerator = accelerator
        self.name = f"QEMU ({accelerator})"

    def describe(self):
        return self.accelerator

    def start(self, machine, ports):
        if machine.vmx_locked:
            raise LabError("--vmx-locked is for Bochs only")
        cpu = "host" if self.accelerator == "kvm" else "max"
        argv = ["qemu-system-x86_64", "-accel", self.accelerator, "-cpu", cpu,
                "-smp", str(machine.cpus), "-m", str(machine.memory), "-nodefaults",
                "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", machine.kernel, "-initrd", machine.initrd,
                "-append", machine.cmdline,
                "-d", "cpu_reset", "-D", machine.directory / "emulator.log"]
        for n, port in enumerate(ports):
            argv += ["-chardev", f"socket,id=line{n},host=127.0.0.1,port={port}",
                     "-serial", f"chardev:line{n}"]
        return _spawn(argv, machine.directory)

    @staticmethod
    def death(directory):
        if "Triple fault" in _read(directory / "emulator.log"):
            return "triple fault"
        for line in _read(directory / "emulator.out").splitlines():
            if line.startswith("qemu-system-x86_64:") and "warning" not in line:
                return line
        return ""


def _spawn(argv, directory):
    with (directory / "emulator.out").open("wb") as out:
        # The emulator must not outlive us, even if we are killed.
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, argv)],
                                stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, cwd=directory,
                                start_new_session=True)


def _read(path):
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _look_at_display(emulator):
    """Be the viewer that the packaged Bochs waits for, and read what it sends."""
    while emulator.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", 5900), timeout=1) as viewer:
                viewer.settimeout(None)
                viewer.recv(12)
                viewer.sendall(b"RFB 003.003\n")
                viewer.recv(4)
                viewer.sendall(b"\x01")
                while viewer.recv(65536):
                    pass
        except OSError:
            if emulator.poll() is None:
                threading.Event().wait(0.1)


def nested_vmx():
    """Whether KVM works here and gives VMX to its guests."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
        nested = Path("/sys/module/kvm_intel/parameters/nested").read_text(encoding="ascii")
    except OSError:
        return False
    return nested.strip() in ("Y", "1")


def with_vmx():
    """The machine with VMX that LAB asks for, or the best there is."""
    wanted = os.environ.get("LAB", "auto")
    if wanted not in ("auto", "bochs", "kvm"):
        raise LabError(f"LAB={wanted}: it is bochs, kvm or auto")
    if wanted == "kvm" and not nested_vmx():
        raise LabError("LAB=kvm: KVM does not work here, or offers its guests no VMX "
                       "(kvm_intel's parameter nested)")
    if wanted == "kvm" or (wanted == "auto" and nested_vmx()):
        return Qemu("kvm")
    return Bochs()


