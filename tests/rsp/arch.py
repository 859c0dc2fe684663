#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the registers that a debugger sees, by option and by monitor command."""
import re
import sys

import rsp
from acting_gdb import LOAD
from cond import insert, reg_is
from protocol import LEAF, WORK, document, equal, get, guest, matches, put
from trace import ok, point, status
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

RCX = 2

# The number of the program counter in each layout
PC = {"i386:x86-64": 16, "i386": 8, "i8086": 8}


def architecture(line):
    return re.search(r"<architecture>(\S+)</architecture>",
                     document(line, "features:read:target.xml", 0xfff))[1]


def size(line):
    return len(line.ask("g")) // 2


@test("monitor arch: description, g and p change together, and back")
def changes():
    with guest() as g:
        equal(g.monitor("arch"), "registers and code are those of x86-64\n")
        large, pc = size(g), get(g, 16, 1)
        for name, arch in (("i8086", "i8086"), ("i386", "i386"), ("x86-64", "i386:x86-64")):
            text = g.monitor(f"arch {name}")
            equal(text, f"registers and code are those of {name}\n"
                        "gdb takes it from \"unset tdesc filename\"\n")
            equal(architecture(g), arch)
            equal(get(g, PC[arch], 1) & 0xffffffff, pc)
        equal(size(g), large)
        g.monitor("arch i386")
        assert size(g) < large
        for bad in ("arch 8086", "arch i386 i386", "arch \"\""):
            matches(r"usage: monitor arch .*", g.monitor(bad))
        equal(architecture(g), "i386")


@test("monitor arch auto: the mode in which the vCPU is, which has to be stopped")
def auto():
    for env, arch in (({}, "x86-64"), ({"FAKE_REAL": 1}, "i8086")):
        with guest(**env) as g:
            g.monitor("arch i386")
            matches(f"registers and code are those of {arch}\n.*", g.monitor("arch auto"))
            equal(g.ask("QNonStop:1"), "OK")
            equal(g.ask("vCont;c"), "OK")
            equal(g.monitor("arch auto"), "arch: the vCPU is running\n")


@test("monitor arch: the next debugger begins with --arch again")
def next_one():
    with guest() as g:
        g.monitor("arch i8086")
        equal(architecture(g), "i8086")
        g.close()
        other = g.daemon.connect()
        assert other.ask("qSupported:xmlRegisters=i386")
        equal(architecture(other), "i386:x86-64")
        other.close()


@test("monitor arch: not while a trace runs; afterwards its frames are gone")
def trace():
    with guest() as g:
        ok(g, "QTinit")
        point(g, 1, LEAF, "R01")
        ok(g, "QTStart")
        matches("arch: a trace runs.*tstop\n", g.monitor("arch i386"))
        equal(architecture(g), "i386:x86-64")
        ok(g, "QTStop")
        g.monitor("arch x86-64")
        matches("T1:.*", g.ask("qTfP"))
        g.monitor("arch i386")
        equal(g.ask("qTfP"), "l")
        equal(status(g)["running"], False)


@test("monitor arch: a breakpoint that is set again has its condition by the new numbers")
def condition():
    with guest() as g:
        equal(insert(g, reg_is(0, RCX)), "OK")
        put(g, RCX, 5, 1)
        equal(insert(g, reg_is(5, RCX), at=WORK), "OK")
        matches("T05.*", g.ask("vCont;c"))
        equal(g.ask(f"z0,{WORK:x},1"), "OK")
        equal(g.ask(f"z0,{LEAF:x},1"), "OK")
        g.monitor("arch i386")
        # Equal bytes: 2 is rcx there, and edx here.
        equal(insert(g, reg_is(5, RCX), at=WORK), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.2), None)
        g.write(b"\x03")
        matches("T02.*", g.recv())
        put(g, RCX, 5, 1)
        matches("T05.*", g.ask("vCont;c"))


@test("gdb: vmx-arch from 64 to 16 bits and back, with the symbols of a 64-bit file")
def live():
    text = gdb(LOAD, "x/i &leaf", "vmx-arch auto", "x/2i &leaf", "info registers eip", "stepi",
               "info threads", "vmx-arch i386", "x/2i &leaf", "vmx-arch", "vmx-arch nonsense",
               "vmx-arch x86-64", "x/2i &leaf", "info registers rip", "break leaf", "continue",
               env={"FAKE_REAL": "1"})
    shows(text, r"push +%rbp", r"those of i8086", r"push +%bp$", r"dec +%ax$", r"^eip +0x",
          r"vCPU 0", r"those of i386", r"push +%ebp$", r"dec +%eax$", r"those of i386$",
          r"usage: monitor arch", r"those of x86-64", r"push +%rbp$", r"mov +%rsp,%rbp$",
          r"^rip +0x", r"Breakpoint 1, leaf")


if __name__ == "__main__":
    sys.exit(TAP.run())
