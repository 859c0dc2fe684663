#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of new vCPUs, of stops on request in the non-stop protocol, and of the memory map."""
import re
import sys

import rsp
from protocol import (LEAF, NEW_VCPU, RIP, SLEEP, SPIN, VM_ENDS, equal, fields, get, guest,
                      is_error, matches, non_stop_guest, put)
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

RAX = 0


def threads(line):
    return [int(n, 16) for n in line.ask("qfThreadInfo")[1:].split(",")]


def stops(line):
    """All stops that a notification begins: thread and signal."""
    found = []
    stop = line.notification()
    matches("Stop:T.*", stop)
    stop = stop[5:]
    while stop != "OK":
        found.append((int(fields(stop)["thread"], 16), int(stop[1:3], 16)))
        stop = line.ask("vStopped")
    return sorted(found)


def quiet(line):
    equal(line.notification(0.2), None)


def running(line, thread):
    """Check that the vCPU runs: it counts in rax."""
    values = []
    for _ in range(2):
        equal(line.ask(f"vCont;t:{thread:x}"), "OK")
        equal(stops(line), [(thread, 0)])
        values.append(get(line, RAX, thread))
        equal(line.ask(f"vCont;c:{thread:x}"), "OK")
    assert values[0] < values[1], values


@test("non-stop: a new vCPU runs, and is in the list, also while another one is stopped")
def new_runs():
    for resume, others in (("vCont;c", [(1, 0), (2, 0)]), ("vCont;c:1", [(1, 0)])):
        with guest() as g:
            put(g, RIP, NEW_VCPU, 1)
            equal(g.ask("QNonStop:1"), "OK")
            equal(g.ask(resume), "OK")
            quiet(g)
            equal(threads(g), [1, 2, 3])
            assert 'name="vCPU 2">running, ' in g.ask("qXfer:threads:read::0,1000")
            running(g, 3)
            equal(g.ask("vCont;t"), "OK")
            equal(stops(g), [*others, (3, 0)])
            if len(others) == 1:
                equal(get(g, RIP, 2), SPIN)


@test("QThreadEvents: a new vCPU stops and is reported, in non-stop and in all-stop")
def created():
    with guest(features=None) as g:
        assert "QThreadEvents+" in g.ask("qSupported").split(";")
        for bad in ("", "2", "10", "x"):
            assert is_error(g.ask("QThreadEvents:" + bad)), bad
    with guest(features=None, FAKE_VCPUS=1) as g:
        assert "QThreadEvents+" not in g.ask("qSupported").split(";")
        equal(g.ask("QThreadEvents:1"), "OK")
    for all_of_them in (True, False):
        with guest() as g:
            put(g, RIP, NEW_VCPU, 1)
            equal(g.ask("QNonStop:1"), "OK")
            equal(g.ask("QThreadEvents:1"), "OK")
            equal(g.ask("vCont;c" if all_of_them else "vCont;c:1"), "OK")
            stop = g.notification()
            matches("Stop:T05.*create:;thread:3;.*", stop)
            equal(g.ask("vStopped"), "OK")
            equal(g.ask("vCont;c:3"), "OK")
            running(g, 3)
            quiet(g)
    with guest() as g:
        put(g, RIP, NEW_VCPU, 1)
        equal(g.ask("QThreadEvents:1"), "OK")
        stop = g.ask("vCont;c")
        matches("T05.*create:;thread:3;.*", stop)
        equal(threads(g), [1, 2, 3])
    with guest() as g:
        put(g, RIP, NEW_VCPU, 1)
        equal(g.ask("QThreadEvents:1"), "OK")
        equal(g.ask("QThreadEvents:0"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.2), None)
        g.write(b"\x03")
        matches("T02.*", g.recv())
        equal(threads(g), [1, 2, 3])


def one_and_the_new_one(g):
    """Two stops: thread 1 at its breakpoint, and thread 3, which is new."""
    found = []
    for _ in range(2):
        stop = fields(g.ask("vCont;c"))
        found.append((int(stop["thread"], 16), "create" in stop))
    equal(sorted(found), [(1, False), (3, True)])


@test("QThreadEvents: a breakpoint at the same time is not lost")
def created_and_hit():
    with guest() as g:
        put(g, RIP, NEW_VCPU, 1)
        equal(g.ask("QThreadEvents:1"), "OK")
        equal(g.ask(f"Z0,{NEW_VCPU + 2:x},1"), "OK")
        one_and_the_new_one(g)


@test("QThreadEvents: a new vCPU that hits a breakpoint at once is reported with it")
def created_at_breakpoint():
    with guest() as g:
        put(g, RIP, NEW_VCPU, 1)
        put(g, RIP, SLEEP, 2)
        equal(g.ask("QThreadEvents:1"), "OK")
        equal(g.ask(f"Z0,{SPIN:x},1"), "OK")
        one_and_the_new_one(g)
        equal(get(g, RIP, 3), SPIN)


@test("vCont;t: all, one, again, in one packet with others, of what is not there")
def stop_on_request():
    with guest("qSupported:multiprocess+") as g:
        equal(g.ask("QNonStop:1"), "OK")
        equal(g.ask("vCont;t"), "OK")
        quiet(g)
        equal(g.ask("vCont;c"), "OK")
        for which in ("", ":p7.-1", ":-1", ":p-1.-1"):
            equal(g.ask("vCont;t" + which), "OK")
            found = []
            stop = g.notification()[5:]
            while stop != "OK":
                found.append(re.search(r"thread:(p7\.\d)", stop)[1])
                matches("T00.*", stop)
                stop = g.ask("vStopped")
            equal(sorted(found), ["p7.1", "p7.2"])
            equal(g.ask("vCont;t" + which), "OK")
            quiet(g)
            equal(g.ask("vCont;c"), "OK")
        equal(g.ask("vCont;t:p7.2"), "OK")
        matches("Stop:T00.*thread:p7.2;.*", g.notification())
        # Not acknowledged yet: no second stop.
        equal(g.ask("vCont;t:p7.2"), "OK")
        equal(g.ask("vStopped"), "OK")
        equal(g.ask("vCont;c:p7.2;t:p7.1"), "OK")
        matches("Stop:T00.*thread:p7.1;.*", g.notification())
        equal(g.ask("vStopped"), "OK")
        equal(g.ask("vCont;t:p7.2;c"), "OK")
        matches("Stop:T00.*thread:p7.2;.*", g.notification())
        equal(g.ask("vStopped"), "OK")
        for bad in ("t:p7.9", "t:9", "t:p8.1", "t:", "tt", "t;", "t:x"):
            assert is_error(g.ask("vCont;" + bad)), bad
        quiet(g)


@test("vCont;t where a stop is pending: the stop comes, not the request")
def stop_at_breakpoint():
    with guest() as g:
        equal(g.ask("QNonStop:1"), "OK")
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        equal(g.ask("vCont;c:1"), "OK")
        matches("Stop:T05.*thread:1;.*", g.notification())
        equal(g.ask("vCont;t:1"), "OK")
        equal(g.ask("vStopped"), "OK")
        quiet(g)


def memory_map(line):
    reply = line.ask("qXfer:memory-map:read::0,1000")
    return re.findall(r'<memory type="(\w+)" start="0x(\w+)" length="0x(\w+)"/>', reply) or reply


@test("memory map: the slots while addresses are physical, none otherwise")
def slots():
    for env, wanted in (({}, [("ram", "0", "200000")]),
                        ({"FAKE_ROM": 1}, [("ram", "0", "1f0000"), ("rom", "1f0000", "10000")])):
        with guest(features=None, **env) as g:
            assert "qXfer:memory-map:read+" in g.ask("qSupported").split(";")
            equal(memory_map(g), "E00")
            equal(g.ask("Qqemu.PhyMemMode:1"), "OK")
            equal(memory_map(g), wanted)
            equal(g.ask("qXfer:memory-map:read:x:0,100"), "E00")
            equal(g.ask("Qqemu.PhyMemMode:0"), "OK")
            equal(memory_map(g), "E00")


@test("gdb: it reads no map while addresses are linear, and both kinds of addresses work")
def gdb_map():
    out = gdb("info mem", "x/xb 0xffffffff80010000", "monitor physical on", "info mem",
              "maintenance packet qXfer:memory-map:read::0,fff", "x/xb 0x10000",
              "x/xb 0x300000", "monitor physical off", "x/xb 0xffffffff80010000",
              "break leaf", "continue", env={"FAKE_ROM": "1"})
    shows(out, r"There are no memory regions", r"0xffffffff80010000:\s+0x48",
          r"There are no memory regions", r'type=.*rom.* start=.*0x1f0000', r"0x10000 <_start>:\s+0x48",
          r"Cannot access memory", r"0xffffffff80010000:\s+0x48", r"hit Breakpoint 1, leaf")


@test("gdb: a vCPU that is created in non-stop mode becomes a thread that runs")
def gdb_new():
    daemon = rsp.Daemon(transport="tcp")
    try:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+)", daemon.said())[1]
        out = gdb("set non-stop on", f"target remote {where}", "set var $rip = new_vcpu",
                  "continue -a", "shell sleep 0.3", "info threads", daemon=daemon,
                  connect="set height 0")
    finally:
        daemon.end()
    shows(out, r'Thread 7\.3 "vCPU 2" \(running, host thread 5002\)')


@test("monitor commands after the end of the VM say so, of a vCPU that ran and of a stopped one")
def ends():
    with non_stop_guest() as g:
        put(g, RIP, VM_ENDS, 1)
        equal(g.ask("vCont;c:1"), "OK")
        equal(g.notification(), "Stop:W00")
        for thread, command in ((1, "regs"), (2, "regs"), (2, "msr"), (2, "pt 0x10000")):
            equal(g.ask(f"Hg{thread}"), "OK")
            equal(g.monitor(command), f"{command.split()[0]}: the VM has ended\n")


if __name__ == "__main__":
    sys.exit(TAP.run())
