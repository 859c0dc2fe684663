#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of "catch syscall": with packets, and by the real gdb.

leaf and spin are the entries of system calls for vCPU 0 and 1. RAX is what a test has set in
vCPU 0; spin counts in it.
"""
import re
import sys

import rsp
from nonstop import quiet
from protocol import CALL_LEAF, LEAF, RIP, RSP, SPIN, WORK, equal, fields, get, guest, is_error, matches, put
from registers import Registers
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test
RAX, RBX = 0, 1
NOTHING = "no breakpoint, watchpoint or catch is inserted now\n"
FEATURES = "qSupported:swbreak+;hwbreak+;multiprocess+"


def ok(line, packet):
    equal((packet, line.ask(packet)), (packet, "OK"))


def msr(line, thread, name, value):
    ok(line, f"Hg{thread:x}")
    matches(rf".* 0x{value:016x}\n", line.monitor(f"msr {name} {value:#x}"))


def entries(line, first=LEAF, second=SPIN):
    """Set LSTAR of both vCPUs."""
    msr(line, 2, "lstar", second)
    msr(line, 1, "lstar", first)


def call(stop, thread, number):
    """Check a stop reply: thread N has made a system call."""
    stop = re.sub("^(Stop:)?T05", "T05", stop)
    matches(r"T05.*", stop)
    got = fields(stop)
    equal((got.get("thread"), got.get("syscall_entry")), (thread, f"{number:x}"))
    assert not {"swbreak", "hwbreak"} & set(got), stop


def objects(line):
    """Return the addresses of the target's breakpoints."""
    text = line.monitor("objects")
    return [] if text == NOTHING else \
        sorted(int(addr, 16) for addr in re.findall(r"^\d+: \w+ 0x(\w+),", text, re.M))


def loop(line):
    """Let only vCPU 0 run to its next stop."""
    return line.ask("vCont;c:1")


@test("QCatchSyscalls is announced, and wants numbers of 32 bits")
def packet():
    with guest(features=None) as g:
        assert "QCatchSyscalls+" in g.ask("qSupported").split(";")
        for wrong in ("", "2", "01", "1;", "1;x", "12", "1;2;", "1;;2", "0;1", "1;100000000", "1,2"):
            assert is_error(g.ask("QCatchSyscalls:" + wrong)), wrong
        equal(objects(g), [])
        for right in ("1", "1;0", "1;2;3b;ffffffff", "0", "0"):
            ok(g, "QCatchSyscalls:" + right)


@test("each call stops, at the entry of each vCPU, again and again")
def all_calls():
    with guest() as g:
        entries(g)
        put(g, RAX, 0x39, 1)
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [LEAF, SPIN])
        put(g, RBX, 0, 1)
        for turn in range(4):
            call(loop(g), "1", 0x39)
            equal((get(g, RIP, 1), get(g, RBX, 1)), (LEAF, turn))
        put(g, RAX, 0, 2)
        put(g, RIP, SPIN + 3, 2)
        for turn in range(3):
            call(g.ask("vCont;c:2"), "2", turn)
            equal(get(g, RIP, 2), SPIN)
        # One is hit at least, and the other one follows.
        found = {fields(g.ask("vCont;c"))["thread"] for _ in range(4)}
        equal(found, {"1", "2"})


@test("switched off and on around each stop, as gdb does; the breakpoints stay the same")
def around_stops():
    with guest() as g:
        entries(g, SPIN, SPIN)
        put(g, RAX, 0, 2)
        ok(g, "QCatchSyscalls:1;7;9")
        before = g.monitor("objects")
        equal(objects(g), [SPIN])
        for number in (7, 9):
            call(g.ask("vCont;c:2"), "2", number)
            ok(g, "QCatchSyscalls:0")
            equal(get(g, RIP, 2), SPIN)
            ok(g, "QCatchSyscalls:1;7;9")
        equal(g.monitor("objects").split(",")[0], before.split(",")[0])


@test("numbers: others do not stop; EAX alone counts")
def numbers():
    with guest() as g:
        entries(g)
        put(g, RAX, 0xfffffffe, 2)
        ok(g, "QCatchSyscalls:1;2;5;ffffffff")
        call(g.ask("vCont;c:2"), "2", 0xffffffff)
        call(g.ask("vCont;c:2"), "2", 2)
        equal(get(g, RAX, 2), 0x100000002)
        ok(g, "QCatchSyscalls:1;b")
        call(g.ask("vCont;c:2"), "2", 0xb)


@test("more numbers than a condition can have: gdb sees others as well, and passes over them")
def many_numbers():
    with guest() as g:
        entries(g)
        put(g, RAX, 0, 2)
        for count, number in ((408, 0x1000), (409, 0x1001)):
            ok(g, "QCatchSyscalls:1" + "".join(f";{0x1000 + n:x}" for n in range(count)))
            call(g.ask("vCont;c:2"), "2", number)
        put(g, RAX, 1, 2)
        call(g.ask("vCont;c:2"), "2", 2)


@test("off: no stop, and nothing is left in the guest")
def off():
    with guest() as g:
        entries(g)
        ok(g, "QCatchSyscalls:1")
        call(loop(g), "1", 0)
        ok(g, "QCatchSyscalls:0")
        g.send("vCont;c")
        g.write(b"\x03")
        matches("T02.*", g.recv())
        equal(objects(g), [])


@test("after a detach nothing is left, and the next debugger's guest runs")
def detach():
    with guest(FEATURES) as g:
        ok(g, "!")
        entries(g)
        ok(g, "QCatchSyscalls:1")
        call(loop(g), "p7.1", 0)
        ok(g, "D;7")
        matches("T05.*", g.ask("vAttach;7"))
        equal(objects(g), [])
        before = get(g, RBX, 1)
        g.send("vCont;c")
        g.write(b"\x03")
        matches("T02.*", g.recv())
        assert get(g, RBX, 1) >= before


@test("gdb's own breakpoint at the entry: the call is told; without it, the breakpoint")
def with_breakpoint():
    with guest() as g:
        entries(g)
        ok(g, f"Z0,{LEAF:x},1")
        ok(g, "QCatchSyscalls:1;2")
        stop = fields(loop(g))
        assert "swbreak" in stop and "syscall_entry" not in stop
        put(g, RAX, 2, 1)
        call(loop(g), "1", 2)
        # gdb steps over its breakpoint, and the entry is not hit again.
        ok(g, f"z0,{LEAF:x},1")
        assert "syscall_entry" not in fields(g.ask("vCont;s:1"))
        assert get(g, RIP, 1) != LEAF
        ok(g, f"Z0,{LEAF:x},1")
        ok(g, "QCatchSyscalls:0")
        assert "swbreak" in fields(loop(g))
        ok(g, f"z0,{LEAF:x},1")
        ok(g, "QCatchSyscalls:1;2")
        call(loop(g), "1", 2)


@test("a step to the entry ends there; the call is told when it goes on, before it does")
def stepped():
    with guest() as g:
        entries(g)
        ok(g, "QCatchSyscalls:1")
        put(g, RIP, WORK, 1)
        while get(g, RIP, 1) != LEAF:
            assert "syscall_entry" not in fields(g.ask("vCont;s:1"))
        rsp_before = get(g, RSP, 1)
        call(loop(g), "1", 0)
        equal((get(g, RIP, 1), get(g, RSP, 1)), (LEAF, rsp_before))
        matches("T05.*", g.ask("vCont;s:1"))
        assert get(g, RIP, 1) != LEAF


def both(line):
    """Let both vCPUs hit their entries at once; return the thread that is not told yet."""
    entries(line)
    ok(line, f"Z0,{CALL_LEAF:x},1")
    equal(fields(loop(line))["thread"], "1")
    ok(line, f"z0,{CALL_LEAF:x},1")
    matches("T05.*", line.ask("vCont;s:1"))
    equal(get(line, RIP, 1), LEAF)
    put(line, RIP, SPIN, 2)
    put(line, RAX, 4, 2)
    put(line, RAX, 3, 1)
    ok(line, "QCatchSyscalls:1")
    first = fields(line.ask("vCont;c"))["thread"]
    return "12".replace(first, "")


@test("two calls at once: the second is told before anything runs")
def pending():
    with guest() as g:
        other = both(g)
        before = get(g, RBX, 1)
        ok(g, "QCatchSyscalls:0")
        ok(g, "QCatchSyscalls:1")
        call(g.ask("vCont;c"), other, 2 + int(other))
        equal((get(g, RIP, 1), get(g, RIP, 2)), (LEAF, SPIN))
        equal((get(g, RBX, 1), get(g, RAX, 2)), (before, 4))


@test("two calls at once: the second is not told if gdb wants no more of them")
def dropped():
    with guest() as g:
        both(g)
        ok(g, "QCatchSyscalls:0")
        g.send("vCont;c")
        g.write(b"\x03")
        matches("T02.*", g.recv())
        equal(objects(g), [])


@test("? tells the call again, with the number that it had")
def again():
    with guest() as g:
        entries(g)
        put(g, RAX, 5, 1)
        ok(g, "QCatchSyscalls:1")
        call(loop(g), "1", 5)
        put(g, RAX, 0x66, 1)
        call(g.ask("?"), "1", 5)


@test("non-stop: switched on while the guest runs, and off at once")
def non_stop():
    with guest() as g:
        entries(g, LEAF, LEAF)
        ok(g, "QNonStop:1")
        ok(g, "vCont;c")
        ok(g, "QCatchSyscalls:1")
        call(g.notification(), "1", 0)
        ok(g, "vStopped")
        ok(g, "vCont;c:1")
        call(g.notification(), "1", 0)
        ok(g, "vStopped")
        equal(objects(g), [LEAF])
        ok(g, "QCatchSyscalls:0")
        equal(objects(g), [])
        ok(g, "vCont;c:1")
        quiet(g)


@test("no entry: an error, and the words come when the guest runs")
def no_entry():
    words = "catch syscall: the guest has no entry of system calls yet\n"
    with guest(FEATURES + ";error-message+") as g:
        for entry, efer in ((0, 0xd01), (LEAF, 0xd00)):
            entries(g, entry, entry)
            for thread in (1, 2):
                ok(g, f"Hg{thread}")
                Registers(g).put("efer", efer)
            equal(g.ask("QCatchSyscalls:1"), "E." + words[15:-1])
            equal(objects(g), [])
            equal(bytes.fromhex(g.ask("vCont;s:2")[1:]).decode(), words)
            matches("T05.*", g.recv())
        # One of two is enough.
        for thread in (1, 2):
            ok(g, f"Hg{thread}")
            Registers(g).put("efer", 0xd01)
        entries(g, LEAF, 0)
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [LEAF])
        # An entry that has moved is found before the guest runs again.
        entries(g, SPIN, SPIN)
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [SPIN])
        entries(g, 0x7f0000000000, 0x7f0000000000)
        equal(g.ask("QCatchSyscalls:1"), "E.no memory is at the entry of system calls")
        matches("O.*", g.ask("vCont;s:1"))
        matches("T05.*", g.recv())
        equal(objects(g), [])


@test("no entry in the non-stop protocol: the words wait for monitor prints")
def no_entry_non_stop():
    with guest() as g:
        entries(g, 0, 0)
        ok(g, "QNonStop:1")
        assert is_error(g.ask("QCatchSyscalls:1"))
        assert "catch syscall: the guest has no entry" in g.monitor("prints")


@test("no room for the breakpoints: an error, and those that were added go")
def no_room():
    with guest(FEATURES + ";error-message+", FAKE_BPS=2) as g:
        entries(g)
        ok(g, "Z0,10011,1")
        equal(g.ask("QCatchSyscalls:1"), "E.there are too many breakpoints")
        equal(objects(g), [0x10011])
        # Breakpoints that gdb has removed make room.
        ok(g, "z0,10011,1")
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [LEAF, SPIN])


@test("a target that does not tell MSRs: the packet is unknown")
def no_msrs():
    with guest(FAKE_FEW_REGS=1) as g:
        equal(g.ask("QCatchSyscalls:1"), "")
        equal(objects(g), [])


@test("monitor space this: the entry stops in that address space")
def one_space():
    with guest() as g:
        entries(g, LEAF, LEAF)
        g.monitor("space this")
        ok(g, "QCatchSyscalls:1")
        matches(r".*cr3 0x.*", g.monitor("objects"))
        call(loop(g), "1", 0)


@test("--arch i386: the entries are those of SYSENTER and INT 80h")
def i386():
    with guest(options=("--arch", "i386")) as g:
        entries(g, LEAF, LEAF)
        msr(g, 1, "sysenter_eip", 0)
        msr(g, 2, "sysenter_eip", SPIN)
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [SPIN])
        # A gate of long mode, which has 16 bytes: an interrupt gate, absent and present
        table = 0x1000
        for rights, wanted in (("0e", [SPIN]), ("8e", [LEAF, SPIN]), ("85", [SPIN])):
            gate = bytes.fromhex(f"25001000{'00'}{rights}0100" + "00" * 8)
            ok(g, f"M{table + 0x800:x},10:{gate.hex()}")
            ok(g, "Hg1")
            Registers(g).put("idtr_base", table)
            Registers(g).put("idtr_limit", 0x80f)
            ok(g, "QCatchSyscalls:1")
            equal(objects(g), wanted)
        Registers(g).put("idtr_limit", 0x80e)
        ok(g, f"M{table + 0x800:x},10:{gate.hex().replace('85', '8e', 1)}")
        ok(g, "QCatchSyscalls:1")
        equal(objects(g), [SPIN])
        put(g, RAX, 6, 2)
        ok(g, "QCatchSyscalls:1;9")
        call(g.ask("vCont;c:2"), "2", 9)


# ---- the real gdb ----

ENTRIES = ("set $lstar = &spin", "thread 2", "set $lstar = &spin", "set $rax = 0")


@test("gdb: catch syscall by name stops at that call alone, again after continue")
def by_name():
    shows(gdb(*ENTRIES, "catch syscall getpid", "continue", "p $rax", "info breakpoints",
              "set $rax = 10", "continue", "p $rax", "delete 1", "monitor objects",
              "tbreak *leaf if $rbx > 50", "continue"),
          r"^Catchpoint 1 \(syscall 'getpid' \[39\]\)",
          r'Thread 2 "vCPU 1" hit Catchpoint 1 \(call to syscall getpid\), ', r"^\$1 = 39$",
          r'catchpoint .*syscall "getpid"', r"already hit 1 time",
          r"hit Catchpoint 1 \(call to syscall getpid\)", r"^\$2 = 39$",
          r"Temporary breakpoint 2, leaf")


@test("gdb: catch syscall of all, with breakpoints always inserted")
def all_by_gdb():
    for inserted in ("on", "off"):
        shows(gdb(f"set breakpoint always-inserted {inserted}", *ENTRIES, "set scheduler-locking on",
                  "catch syscall", "continue", "continue", "stepi", "continue"),
              r"Catchpoint 1 \(any syscall\)",
              r"hit Catchpoint 1 \(call to syscall read\)", r"hit Catchpoint 1 \(call to syscall write\)",
              r"^47\t", r"hit Catchpoint 1 \(call to syscall open\)")


@test("gdb: several catchpoints, and a breakpoint at the entry")
def several():
    shows(gdb(*ENTRIES, "set scheduler-locking on", "catch syscall 3", "catch syscall 5 6",
              "continue", "continue", "delete 2", "break *spin if $rax == 9", "catch syscall 9",
              "continue", "delete 4", "set $rax = 8", "continue"),
          r"hit Catchpoint 1 \(call to syscall close\)", r"hit Catchpoint 2 \(call to syscall fstat\)",
          r"hit Catchpoint 4 \(call to syscall mmap\)", r"hit Breakpoint 3, spin")


@test("gdb without an ELF knows the names as well; with i386 they are those of i386")
def without_elf():
    lines = ("set $lstar = 0x10100", "thread 2", "set $lstar = 0x10100", "set $rax = 0",
             "catch syscall open", "continue")
    shows(gdb(*lines, elf=False), r"hit Catchpoint 1 \(call to syscall open\)")
    lines = ("set $sysenter_eip = 0x10100", "thread 2", "set $sysenter_eip = 0x10100",
             "set $eax = 0", "catch syscall open", "continue", "p $eax")
    shows(gdb(*lines, elf=False, options=("--arch", "i386")),
          r"hit Catchpoint 1 \(call to syscall open\)", r"^\$1 = 5$")


@test("gdb: no entry yet: a warning, and why")
def gdb_no_entry():
    shows(gdb("set $lstar = 0", "thread 2", "set $lstar = 0", "catch syscall", "tbreak *leaf",
              "continue", "info breakpoints"),
          r"inserting catchpoint 1", r"catch syscall: the guest has no entry of system calls yet",
          r"Temporary breakpoint 2, leaf", r"^1 +catchpoint +keep n ")


if __name__ == "__main__":
    sys.exit(TAP.run())
