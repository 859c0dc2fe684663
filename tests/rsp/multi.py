#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of --multi: several VMs and several debuggers at a time."""
import contextlib
import re
import sys

import rsp
from life import introduce
from protocol import (ALL_FEATURES, LEAF, RIP, VM_ENDS, document, equal, fields, get, is_error, le,
                      matches, put, run)
from rsp import Daemon
from trace import ok, point, status
from with_gdb import ELF, gdb, shows

TAP = rsp.Tap()
test = TAP.test
NO_VM = "E.no VM is attached"


@contextlib.contextmanager
def daemon_of(*options, count=3, transport="unix"):
    daemon = Daemon("--multi", *options, env={"FAKE_VMS": str(count), "FAKE_MANY": "1"},
                    transport=transport)
    try:
        yield daemon
    finally:
        daemon.end()


@contextlib.contextmanager
def debugger(daemon):
    """A debugger of target extended-remote, without a VM."""
    g = daemon.connect()
    g.daemon = daemon
    assert g.ask(ALL_FEATURES)
    g.stop_ack()
    equal(g.ask("!"), "OK")
    yield g
    g.close()


def attach(g, vm):
    stop = g.ask(f"vAttach;{vm:x}")
    matches(rf"T05.*thread:p{vm:x}\.1;.*", stop)
    return fields(stop)


@test("no VM at first: tables of VMs, attach by number, and back")
def begin():
    with daemon_of() as daemon, debugger(daemon) as g:
        equal(g.ask("?"), "W00")
        equal(g.ask("g"), NO_VM)
        equal(re.findall(r"^VM (\d+)", g.monitor("vms"), re.M), ["7", "8", "9"])
        assert '<column name="pid">9</column>' in document(g, "osdata:read:vms", 0xfff)
        equal(g.ask("vAttach;a"), "E.there is no such VM")
        attach(g, 8)
        matches(r"VM 7[^\n]*KiB\nVM 8[^\n]*, attached\nVM 9[^\n]*KiB\n", g.monitor("vms"))
        matches("VM 8 of process 4243.*", g.monitor("info"))
        equal(g.ask("vAttach;9"), 
              "E.VM 8 is attached: detach from it first, or use another connection")
        equal(g.ask("D;8"), "OK")
        assert daemon.wait_said("fake: detached VM 8")
        attach(g, 9)


@test("two debuggers, two VMs: each has its own registers, memory, breakpoints and stops")
def two():
    with daemon_of() as daemon, debugger(daemon) as a, debugger(daemon) as b:
        attach(a, 7)
        attach(b, 8)
        equal(a.ask("M20000,4:11223344"), "OK")
        equal(b.ask("m20000,4"), "00000000")
        put(a, 3, 0x1234, 1)
        assert get(b, 3, 1) != 0x1234
        equal(a.ask(f"Z0,{LEAF:x},1"), "OK")
        b.send("vCont;c")
        a.send("vCont;c")
        equal(fields(a.recv())["10"], le(LEAF))
        equal(b.recv(timeout=0.2), None)
        b.write(b"\x03")
        matches("T02.*thread:p8.1;.*", b.recv())
        equal(b.monitor("objects"), "no breakpoint, watchpoint or catch is inserted now\n")
        # one goes: the other has its VM still
        a.close()
        assert daemon.wait_said("fake: detached VM 7")
        assert "detached VM 8" not in daemon.said()
        matches("VM 8 of.*", b.monitor("info"))


@test("a long search of one debugger does not keep the other waiting")
def fair():
    with daemon_of() as daemon, debugger(daemon) as a, debugger(daemon) as b:
        attach(a, 7)
        attach(b, 8)
        equal(a.ask("M1000,1000:" + le(0x1003) * 512), "OK")
        a.send("qSearch:memory:1ff000;ffffffffff000000;qrst")
        for _ in range(20):
            b.send("vCont;s:p8.1")
            matches("T05.*", b.recv())
        a.write(b"\x03")
        assert is_error(a.recv())


@test("a VM has one debugger: the second is told so, and can take another VM")
def one_each():
    with daemon_of() as daemon, debugger(daemon) as a, debugger(daemon) as b:
        attach(a, 7)
        equal(b.ask("vAttach;7"), "E.another debugger has this VM")
        attach(b, 9)
        equal(a.ask("D;7"), "OK")
        equal(b.ask("D;9"), "OK")
        attach(b, 7)


@test("the end of a VM: its debugger goes on, the other notices nothing")
def vm_ends():
    with daemon_of() as daemon, debugger(daemon) as a, debugger(daemon) as b:
        attach(a, 7)
        attach(b, 8)
        put(a, RIP, VM_ENDS, 1)
        a.send("vCont;c")
        equal(a.recv(), "W00;process:7")
        equal(a.ask("vAttach;7"), "E.there is no such VM")
        attach(a, 9)
        matches("VM 8 of.*", b.monitor("info"))


@test("non-stop in one VM, all-stop in another")
def modes():
    with daemon_of() as daemon, debugger(daemon) as a, debugger(daemon) as b:
        equal(a.ask("QNonStop:1"), "OK")
        equal(a.ask("?"), "OK")
        equal(a.ask("vAttach;7"), "OK")
        matches(r"Stop:T00.*thread:p7.1;.*", a.notification())
        matches(r"T00.*thread:p7.2;.*", a.ask("vStopped"))
        equal(a.ask("vStopped"), "OK")
        attach(b, 8)
        equal(a.ask("vCont;c:p7.1"), "OK")
        b.send("vCont;c")
        equal(a.ask("vCont;t:p7.1"), "OK")
        assert a.notification()
        b.write(b"\x03")
        matches("T02.*", b.recv())


@test("--on-vanish stay: each VM waits for the debugger that attaches to it")
def stay():
    with daemon_of("--on-vanish", "stay") as daemon:
        for vm in (7, 9):
            with debugger(daemon) as g:
                attach(g, vm)
                equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
                g.send("vCont;c")
                equal(fields(g.recv())["10"], le(LEAF))
                assert "catch cpuid" in g.monitor("catch cpuid")
                put(g, 3, vm, 1)
            assert daemon.wait_said(f"the debugger of VM {vm} has gone")
        with debugger(daemon) as a, debugger(daemon) as b:
            for g, vm in ((a, 9), (b, 7)):
                stop = attach(g, vm)
                equal((stop["10"], "swbreak" in stop), (le(LEAF), True))
                equal(get(g, 3), vm)
                matches(" +1  catch cpuid.*", g.monitor("catch"))
            equal(a.ask("D;9"), "OK")
            assert daemon.wait_said("fake: detached VM 9")
            attach(a, 9)
            equal(a.monitor("catch"), "no catchpoints\n")


@test("QTDisconnected: traces of several VMs go on")
def traces():
    with daemon_of() as daemon:
        for vm in (7, 8):
            with debugger(daemon) as g:
                attach(g, vm)
                ok(g, "QTinit", "QTDisconnected:1")
                point(g, vm, LEAF)
                ok(g, "QTStart")
            assert daemon.wait_said(f"the debugger of VM {vm} has gone: the guest goes on")
        with debugger(daemon) as g:
            for vm in (8, 7):
                attach(g, vm)
                assert status(g)["running"]
                matches(f"T{vm}:.*", g.ask("qTfP"))
                ok(g, "QTStop", "D")


@test("a debugger that is not of extended-remote hears that there is no program")
def plain():
    with daemon_of() as daemon:
        g = daemon.connect()
        introduce(g)
        equal(g.ask("?"), "W00")
        equal(g.ask("qfThreadInfo"), "l")
        equal(g.ask("vAttach;7")[:3], "T05")
        equal(g.ask("D"), "OK")
        assert daemon.wait_said("fake: detached VM 7")
        g.close()


@test("--once: the daemon ends when all its debuggers have gone")
def once():
    for goodbye in (("D;7",), ()):
        with daemon_of("--once") as daemon, debugger(daemon) as a:
            with debugger(daemon) as b:
                attach(b, 7)
                for packet in goodbye:
                    equal(b.ask(packet), "OK")
            assert daemon.wait_said("fake: detached VM 7")
            attach(a, 8)
            a.close()
            equal(daemon.status(), 0)


@test("more debuggers than there is room for are closed, and the others served")
def many():
    with daemon_of() as daemon, debugger(daemon) as g:
        others = [daemon.connect() for _ in range(40)]
        assert daemon.wait_said("too many connections")
        attach(g, 7)
        for line in others:
            line.close()
        with debugger(daemon) as again:
            attach(again, 8)


@test("--multi and a VM, --wait or a serial line: wrong usage")
def usage():
    for args in (("--vm", "7", "--tcp", "0"), ("--pid", "7", "--tcp", "0"), ("--wait", "--tcp", "0"),
                 ("--serial", "/dev/null")):
        result = run("--multi", *args)
        equal((args, result.returncode), (args, 2))
        matches(r"vmxdbgd: --multi [^\n]*\n", result.stderr)


@test("gdb: target extended-remote, attach, detach, attach to another, info os")
def with_gdb():
    with daemon_of(transport="tcp") as daemon:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+): ", daemon.said())[1]
        text = gdb("info os vms", "attach 8", "info inferiors", "print $rip", "detach", "attach 9",
                   "info threads", "detach", daemon=daemon,
                   connect=f"target extended-remote {where}")
        shows(text, r"^9 +fakevmm", r"process 8", r"\$1 = .*0x10000", r'Thread 9.1 "vCPU 0"')


@test("gdb: two VMs at a time, by two connections of one gdb")
def gdb_two():
    with daemon_of(transport="tcp") as daemon:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+): ", daemon.said())[1]
        # gdb handles several connections only so
        begin_ = f"target extended-remote {where}"
        text = gdb("maint set target-non-stop on", begin_, "attach 7", "set var $rbx = 0x7777", "add-inferior -no-connection -exec " + ELF,
                   "inferior 2", begin_, "attach 9",
                   "break leaf", "continue", "print/x $rbx", "inferior 1", "print/x $rbx",
                   "info inferiors", daemon=daemon, connect="echo")
        shows(text, r"Breakpoint 1|hit Breakpoint", r"\$1 = 0x[0-9a-f]+$", r"\$2 = 0x7777$",
              r"process 7", r"process 9")


@test("gdb: a second VM in one connection is refused, and the first stays attached and usable")
def gdb_two_in_one():
    for first in (["set non-stop off"], ["maint set target-non-stop on"]):
        with daemon_of(transport="tcp") as daemon:
            assert daemon.wait_said("waiting for gdb")
            where = re.search(r"gdb at (\S+): ", daemon.said())[1]
            text = gdb(*first, f"target extended-remote {where}", "attach 7", "break leaf",
                       "add-inferior", "inferior 2", "attach 8", "inferior 1", "continue",
                       "stepi", "print $rip", "detach", "attach 8", "info inferiors",
                       daemon=daemon, connect="echo")
            # gdb 13 does not print why.
            shows(text, r"Attaching to process 8 failed", r"hit Breakpoint 1, leaf",
                  r"= .*<leaf\+1>", r"\* 1 +process 8")
            assert "attached VM 9" not in daemon.said()


@test("gdb: target remote without extended-remote is told what to do")
def gdb_plain():
    with daemon_of(transport="tcp") as daemon:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+): ", daemon.said())[1]
        shows(gdb(daemon=daemon, connect=f"target remote {where}"), r"try extended-remote")


if __name__ == "__main__":
    sys.exit(TAP.run())
