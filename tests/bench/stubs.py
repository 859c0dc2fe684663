# SPDX-License-Identifier: GPL-2.0-only
"""gdb with a guest in QEMU, by QEMU's own stub on KVM and by vmxdbgd, in one boot: the ticks
of what a person types at gdb's prompt, and packets."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / "tests/lab/lab"
BUILD = Path(os.environ.get("BUILD", TOP / ".build"))
HERE = TOP / "tests/bench/gdb"

# Debian 13's gdb, because that of Debian 12 converts memory from hexadecimal, slowly. QEMU is
# Debian 12's, as in the suites: later ones want KVM's own interrupt controllers.
GDB = ("trixie", "gdb")
QEMU = ("bookworm", "qemu-system-x86", "qemu-utils", "seabios")

MIB = 1 << 20
NEEDLE = 0x5000000 - 8
STEPI_BYTES = 7     # of an ADD and a XOR in the guest's code, two steps

IN_HOST = """
modprobe kvm-intel enable_apicv=0 && echo device kvm && ./in-host kvm &&
rmmod kvm-intel && ./load-vmxdbg && echo device vmxdbg && ./in-host vmxdbg
"""

# Each row: what, what is said of a device, the goal, and its unit.
ROWS = (
    ("dump of zeros, a byte [#z]_", "zeros", 30, "ticks"),
    ("dump of noise, a byte [#z]_", "noise", 30, "ticks"),
    ("find in 64 MiB, a byte [#q]_", "find", 3, "ticks"),
    ("stepi [#g]_", "stepi", 0.40, "ratio"),
    ("breakpoint hit, reported, continued", "hits", 0.40, "ratio"),
    ("breakpoint whose condition is false", "false", None, None),
    ("packets for each such hit", "false_packets", 0, "packets"),
    ("next over 2000 instructions [#q]_", "next", None, None),
    ("stops for that next", "next_stops", 1, "stop"),
    ("10 breakpoints, in and out", "insert_10", None, None),
    ("100 breakpoints, in and out", "insert_100", None, None),
    ("1000 breakpoints, in and out", "insert_1000", None, None),
    ("10000 breakpoints, in and out", "insert_10000", None, None),
    ("the same, by those of 1000 [#i]_", "growth", 5, "times"),
)


# The section of the page, which is its last.
TITLE = "gdb on two stubs"
TEXT = """\

{title}
{rule}

Debian 13's gdb {gdb} with the same guest in QEMU 7.2: by QEMU's own stub on ``/dev/kvm``, and by
vmxdbgd on ``/dev/vmxdbg``, in one boot, with one CPU, through a Unix socket. Ticks are of
everything: gdb, the stub, the kernel, the guest. They are the mean of many repetitions, or of
all bytes. A goal is the highest figure or ratio that is acceptable.

"""

NOTES = """
.. [#z] ``dump binary memory`` of 1 MiB; of 64 KiB with QEMU's stub. gdb reads a packet character
   by character, and takes 200 ticks for each itself. QEMU's stub sends two for each byte.
   vmxdbgd sends one, and three for a run of up to 98 equal bytes. So memory in long runs takes
   less than the goal, and no stub can send memory without any that fast.
.. [#q] QEMU's stub cannot search, so gdb reads the memory: the last 64 KiB. And gdb steps each
   instruction of the line: 40 of them, times 50.
.. [#g] gdb sends five packets to vmxdbgd, and takes about three quarters of the ticks itself.
.. [#i] Each breakpoint is a packet to insert it and one to remove it; gdb has no packet for many.
   So ten times as many take ten times as long, where the goal is five times, with either stub.
"""


class Wrong(Exception):
    """gdb has not done what was to be measured."""


def noise():
    """The first MiB of what the guest writes from 16 MiB on."""
    words, word, mask = [], 1, (1 << 64) - 1
    for _ in range(MIB // 8):
        word ^= word << 13 & mask
        word ^= word >> 7
        word ^= word << 17 & mask
        words.append(word)
    return struct.pack(f"<{len(words)}Q", *words)


def tree(suite, *packages):
    """The directory of a system with these packages."""
    return Path(subprocess.run([LAB, "tree", suite, *packages], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.strip())


def gdb_with_libraries(target):
    """Copy gdb, its libraries and their loader into one directory: the host has others."""
    root = tree(*GDB)
    inside = ["chroot", root]
    listed = subprocess.run([*inside, "ldd", "/usr/bin/gdb"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    names = [word for word in listed.split() if word.startswith("/")]
    files = subprocess.run([*inside, "realpath", *names], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(root / "usr/bin/gdb", target / "gdb")
    for name, file in zip(names, files):
        name = Path(name).name
        shutil.copy(root / file.lstrip("/"),
                    target / ("ld.so" if name.startswith("ld-linux") else name))
    return target


def build():
    """Build the files that the host needs, except the module, and return their list."""
    own = BUILD / "bench"
    subprocess.run(["make", "-s", "-C", TOP / "tests/bench", f"O={own}", f"{own}/ticks",
                    f"{own}/guest.elf", f"{own}/guest.bin"], check=True)
    subprocess.run(["make", "-s", "-C", TOP / "userspace", f"O={BUILD}/userspace-static",
                    "STATIC=1"], check=True, stdout=sys.stderr)
    (own / "noise.want").write_bytes(noise())
    (own / "zeros.want").write_bytes(bytes(MIB))
    qemu = tree(*QEMU)
    data = ("usr/bin/qemu-system-x86_64", "usr/share/qemu/kvmvapic.bin")
    return [gdb_with_libraries(own / "gdb"), HERE / "in-host", HERE / "script", HERE / "guest.S",
            *(own / name for name in ("ticks", "guest.elf", "guest.bin", "noise.want",
                                      "zeros.want")),
            BUILD / "userspace-static/vmxdbgd", *(f"{qemu}/{name}:/{name}" for name in data)]


def devices(printed):
    """Return what gdb said with each device: {device: {name: number}}, and gdb's version."""
    found, device, version = {}, None, ""
    for line in printed.splitlines():
        *name, value = line.split() or [""]
        if name == ["device"]:
            device = found.setdefault(value, {})
        elif line.startswith("GNU gdb"):
            version = line.split()[-1]
        elif device is not None and value.lstrip("-").isdigit():
            device[" ".join(name)] = int(value)
    return found, version


def check(device, said):
    """Raise Wrong if gdb has not done what is measured."""
    steps, next_line = said["stepi count"], said["next_line"]
    want = {"zeros_bytes": 1, "noise_bytes": 1, "found": NEEDLE,
            "stepi_to": said["stepi_from"] + steps // 2 * STEPI_BYTES,
            "next_from": 1, "next_to": 1, "hits_seen": said["hits count"],
            "false_seen": said["false count"],
            "next_stops": next_line if device == "kvm" else 1}
    for name in said:
        if name.startswith("insert_") and name.endswith(" count"):
            name = name[:-len(" count")]
            want |= {f"{name}_stopped": 1, f"{name}_last": 2 * (said[f"{name} count"] - 1)}
    for name, value in want.items():
        if said.get(name) != value:
            raise Wrong(f"gdb on {device}: {name} is {said.get(name)}, not {value}")


def costs(said):
    """Return the cost of each row's thing, from what was said: {row: number}."""
    cost = {"next_stops": said["next_stops"] * 2000 / said["next_line"],
            "false_packets": (said["false_19_packets"] - said["false_9_packets"]) / 10}
    for name, ticks in said.items():
        if f"{name} count" in said:
            count = 1 if name.startswith("insert_") else said[f"{name} count"]
            cost[name] = (ticks - said["nothing"]) / count
    cost["growth"] = cost["insert_10000"] / cost["insert_1000"]
    cost["next"] *= 2000 / said["next_line"]
    return cost


def table(found):
    """Return the table, in reStructuredText."""
    rule = f"{'=' * 37}  {'=' * 10}  {'=' * 10}  {'=' * 6}  {'=' * 10}"
    lines = [rule, f"{'gdb':37}  {'QEMU':>10}  {'vmxdbgd':>10}  {'ratio':>6}  {'goal':>10}", rule]
    for what, name, goal, unit in ROWS:
        kvm, ours = (costs(found[device])[name] for device in ("kvm", "vmxdbg"))
        digits = 1 if name in ("find", "growth") else 0
        ratio = f"{ours / kvm:6.2f}"
        goal = f"{goal:.2f}" if unit == "ratio" else f"{goal} {unit}" if unit else ""
        lines.append(f"{what:37}  {kvm:10.{digits}f}  {ours:10.{digits}f}  {ratio}  "
                     f"{goal:>10}".rstrip())
    return "\n".join(lines + [rule]) + "\n"


def section(host):
    """Return the section of the page. @host: the function that runs a command in the host"""
    found, version = devices(host(build(), IN_HOST))
    for device, said in found.items():
        check(device, said)
    return TEXT.format(title=TITLE, rule="=" * len(TITLE), gdb=version) + table(found) + NOTES
