# SPDX-License-Identifier: GPL-2.0-only
"""Linux with four CPUs in QEMU 10, whose interrupt controllers are the kernel's, on KVM and on
vmxdbg in one boot: exits and CPU time."""

import shutil
import subprocess
import sys

from stubs import BUILD, LAB, TOP, Wrong, devices, tree

QEMU = ("trixie", "qemu-system-x86", "qemu-utils", "seabios")

IN_HOST = """
modprobe kvm-intel enable_apicv=0 && echo device kvm && ./qemu-in-host kvm &&
rmmod kvm-intel && ./load-vmxdbg && echo device vmxdbg && ./qemu-in-host vmxdbg
"""

# Each row: what, its name in what is printed, units of that in one of ours, the goal.
ROWS = (
    ("VM exits", "exits", 1, 1.00),
    ("CPU time of the host, ms", "host_time", 0.1, 0.90),
    ("the same with the guest's, ms", "time", 0.1, None),
)

# The section of the page
TITLE = "Linux with four CPUs in QEMU 10"
TEXT = """\

{title}
{rule}

Debian 13's QEMU {version} with its defaults, ``-M q35 -smp 4``, on ``/dev/kvm`` and on
``/dev/vmxdbg`` in one boot, up to the first output of the guest's init. The CPU time is of
QEMU and of what the kernel does for it, in steps of 10 ms.

"""


def build():
    """Build the files that the host needs, except the module, and return their list."""
    own = BUILD / "bench"
    own.mkdir(parents=True, exist_ok=True)
    guest = own / "guest.cpio"
    subprocess.run([TOP / "tests/guest/mkinitrd", guest], check=True, stdout=sys.stderr)
    kernel = subprocess.run([LAB, "path", "bzImage"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout.strip()
    shutil.copy(kernel, own / "bzImage")
    root = tree(*QEMU)
    places = ("usr/bin/qemu-system-x86_64", "usr/share/seabios", "usr/share/qemu")
    names = ("kvmvapic.bin", "linuxboot.bin", "linuxboot_dma.bin")
    files = [*places[:2], *(f"{places[2]}/{name}" for name in names)]
    return [guest, own / "bzImage", TOP / "tests/bench/qemu-in-host",
            *(f"{root}/{name}:/{name}" for name in files if (root / name).exists())]


def version():
    """Return QEMU's version."""
    said = subprocess.run(["chroot", tree(*QEMU), "qemu-system-x86_64", "--version"], check=True,
                          text=True, stdout=subprocess.PIPE).stdout
    return said.split()[3].partition("(")[0]


def table(found):
    """Return the table, in reStructuredText."""
    rule = f"{'=' * 32}  {'=' * 8}  {'=' * 8}  {'=' * 6}  {'=' * 6}"
    lines = [rule, f"{'boot':32}  {'KVM':>8}  {'vmxdbg':>8}  {'ratio':>6}  {'goal':>6}", rule]
    for what, name, divisor, goal in ROWS:
        kvm, ours = (found[device][name] / divisor for device in ("kvm", "vmxdbg"))
        lines.append(f"{what:32}  {kvm:8.0f}  {ours:8.0f}  {ours / kvm:6.2f}"
                     + (f"  {goal:6.2f}" if goal else ""))
    return "\n".join(lines + [rule]) + "\n"


def section(host):
    """Return the section of the page. @host: the function that runs a command in the host"""
    printed = host(build(), IN_HOST)
    found, _ = devices(printed)
    if any(name not in found.get(device, {}) for device in ("kvm", "vmxdbg")
           for _, name, *_ in ROWS):
        raise Wrong(f"Linux in QEMU did not boot:\n{printed}")
    return TEXT.format(title=TITLE, rule="=" * len(TITLE), version=version()) + table(found)
