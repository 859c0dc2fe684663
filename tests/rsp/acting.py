#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what acts on the guest as hardware does: injected events, and resets."""
import sys

import rsp
from protocol import (CALL_LEAF, COUNTER, LEAF, LOOP_CALL, RIP, START, TRIPLE_FAULT, WORK,
                      RSP, ALL_FEATURES, equal, fields, get, guest, matches, put)
from nonstop import quiet, running, stops

TAP = rsp.Tap()
test = TAP.test

HANDLER, SPIN = 0x104c0, 0x10100
RBX, R13, R14, R15 = 1, 13, 14, 15
BEGINS = "the guest begins again"


def resume(g, packet="c"):
    """Resume. Return the text before the stop reply, and the reply."""
    g.send(packet)
    text = ""
    while True:
        reply = g.recv()
        if reply == "OK" or not reply.startswith("O"):
            return text, reply
        text += bytes.fromhex(reply[1:]).decode()


def command(g, text):
    """Return the output of a monitor command, and the last reply."""
    return resume(g, "qRcmd," + text.encode().hex())


# ---- inject ----

@test("inject exception: the next step ends in the handler, with vector, error code and CR2")
def exception():
    with guest() as g:
        equal(g.monitor("inject exception 14 6 0xffff800000001234"),
              "vCPU 0 gets exception 14 #PF when it runs or steps\n")
        _, stop = resume(g, "s")
        equal(stop[:3], "T05")
        equal((get(g, RIP), get(g, R14), get(g, R15)), (HANDLER, 14, 6))
        assert "cr2 ffff800000001234" in g.monitor("regs"), g.monitor("regs")


@test("exceptions by number and by name, those without error code too")
def names():
    for text, vector, error in (("0", 0, 0), ("#DE", 0, 0), ("gp 0x10", 13, 0x10),
                                ("general-protection 16", 13, 16), ("#ud", 6, 0),
                                ("13", 13, 0), ("#PF 2 $rsp", 14, 2), ("#DB 0x4000", 1, 0)):
        with guest() as g:
            assert g.monitor("inject exception " + text).startswith("vCPU 0 gets exception ")
            resume(g, "s")
            equal((get(g, R14), get(g, R15)), (vector, error))


@test("inject irq and nmi: steps hold them, unless step irqs is on")
def irq_and_nmi():
    with guest() as g:
        equal(g.ask(f"Z0,{HANDLER:x},1"), "OK")
        for text, vector, says in (
                ("inject irq 0x45", 0x45,
                 "vCPU 0 gets interrupt 69 (0x45) when it runs and takes interrupts\n"),
                ("nmi", 2, "vCPU 0 gets an NMI when it runs\n"),
                ("inject nmi", 2, "vCPU 0 gets an NMI when it runs\n")):
            equal(g.monitor(text), says)
            resume(g, "s")
            assert get(g, RIP) != HANDLER
            resume(g)
            equal((get(g, RIP), get(g, R14)), (HANDLER, vector))
        g.monitor("step irqs on")
        g.monitor("nmi")
        put(g, R14, 0)
        resume(g, "s")
        equal((get(g, RIP), get(g, R14)), (HANDLER, 2))


@test("inject is for the selected vCPU")
def selected():
    with guest() as g:
        equal(g.ask("Hg2"), "OK")
        put(g, RSP, 0x1e0000)
        assert g.monitor("inject nmi").startswith("vCPU 1 gets")
        equal(g.ask(f"Z0,{HANDLER:x},1"), "OK")
        equal(fields(resume(g)[1])["thread"], "2")


@test("an event of which one waits already is refused, and the first one stays")
def busy():
    with guest() as g:
        for text in ("irq 0x45", "nmi", "exception 6"):
            g.monitor("inject " + text)
            matches(".*another event of this kind waits for its delivery.*",
                    "".join(command(g, "inject " + text)))


@test("wrong arguments of inject: the usage, or the reason")
def wrong_inject():
    usage = "usage: monitor inject irq VECTOR|nmi|init|exception VECTOR [ERROR [ADDR]]"
    with guest() as g:
        for text, reason in (
                ("", usage), ("smi", usage), ("nmi 2", usage), ("init 1", usage),
                ("init", "the VMM emulates the local APIC"), ("irq", usage), ("irq x", usage),
                ("irq 1 2", usage), ("irq 256", "interrupts have vectors from 0 to 255"),
                ("irq -1", usage), ("exception", usage), ("exception #PF 1 2 3", usage),
                ("exception 2", "vector 2 is the NMI"), ("exception nmi", "vector 2 is the NMI"),
                ("exception 15", "no exception 15"), ("exception 32", "no exception 32"),
                ("exception #VE", "the processor has no such event"),
                ("exception foo", "foo is neither a vector nor the name of an exception"),
                ("exception 6 1", "has no error code"), ("exception 13 0x8000", "at most 15 bits"),
                ("exception 13 x", usage), ("exception 13 1 2", usage),
                ("exception #DB 0x10", "the processor has no such event"),
                ("exception 14 0 nothing", "nothing")):
            output = "".join(command(g, "inject " + text))
            assert reason in output, (text, output)
        resume(g, "s")
        assert get(g, RIP) != HANDLER


@test("a VM that takes no events, and a vCPU that runs")
def cannot_inject():
    with guest(FAKE_NO_INJECT=1) as g:
        assert "takes no events" in "".join(command(g, "inject nmi"))
    with guest(ALL_FEATURES + ";QNonStop+") as g:
        equal(g.ask("QNonStop:1"), "OK")
        equal(g.ask("vCont;c:p7.2"), "OK")
        equal(g.ask("Hgp7.2"), "OK")
        assert "vCPU 1 is running" in "".join(command(g, "inject nmi"))


# ---- what an instruction calls ----

@test("until over: a call, an injected exception and a plain instruction are one step")
def over():
    with guest() as g:
        put(g, RIP, CALL_LEAF)
        equal(g.monitor("until over"), "the next stepi executes one instruction and what it calls: "
              "a function, a handler, a system call\n")
        rbx, rsp = get(g, RBX), get(g, RSP)
        equal(resume(g, "s")[1][:3], "T05")
        equal((get(g, RIP), get(g, RBX), get(g, RSP)), (CALL_LEAF + 5, rbx + 1, rsp))
        # Only the next one.
        put(g, RIP, CALL_LEAF)
        resume(g, "s")
        equal(get(g, RIP), LEAF)
        g.monitor("until over")
        resume(g, "s")
        equal(get(g, RIP), LEAF + 1)
        count = get(g, R13)
        g.monitor("inject exception 6")
        g.monitor("until over")
        resume(g, "s")
        equal((get(g, RIP), get(g, R13)), (LEAF + 1, count + 1))


@test("step over: of all steps, until a breakpoint in what is called")
def step_over():
    with guest() as g:
        g.monitor("step over")
        put(g, RIP, LOOP_CALL)
        g.monitor("catch exception")
        resume(g, "s")
        equal(get(g, RIP), LOOP_CALL + 5)
        resume(g, "s")
        equal(get(g, RIP), LOOP_CALL + 8)
        put(g, RIP, LOOP_CALL)
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        assert "swbreak" in resume(g, "s")[1]
        equal(get(g, RIP), LEAF)
        # Going on from there is no step.
        equal(g.ask(f"Z0,{LOOP_CALL:x},1"), "OK")
        resume(g)
        equal(get(g, RIP), LOOP_CALL)


@test("step over: where steps are of single instructions only, it is refused")
def no_over():
    with guest(FAKE_NO_BRANCH=1) as g:
        assert "single instructions only" in "".join(command(g, "step over"))
        assert "single instructions only" in "".join(command(g, "until over"))


@test("a breakpoint where nothing may be executed is in a debug register, while there is one")
def no_execute():
    stack = 0x1ef000
    with guest(FAKE_NX=1) as g:
        put(g, RIP, stack)
        equal(g.ask(f"Z0,{stack:x},1"), "OK")
        assert "swbreak" in resume(g)[1]
        equal(get(g, RIP), stack)
        equal(g.ask(f"z0,{stack:x},1"), "OK")
        equal(resume(g)[1][:3], "T06")
    with guest(FAKE_NX=1, FAKE_HARD=2) as g:
        for i in range(5):
            equal(g.ask(f"Z0,{stack + i:x},1"), "OK")


# ---- reset ----

def went_on(g):
    """Let the guest call work() some times, and leave it stopped there."""
    equal(g.ask(f"Z0,{WORK:x},1"), "OK")
    for _ in range(3):
        resume(g)
    equal(g.ask(f"z0,{WORK:x},1"), "OK")


def must_be_new(g, vcpus=2):
    for vcpu in range(vcpus):
        equal(g.ask(f"Hg{vcpu + 1}"), "OK")
        equal(get(g, RIP), START + 0x100 * vcpu)
    equal(g.ask("Hg1"), "OK")
    equal(g.ask(f"m{COUNTER:x},8"), "00" * 8)


@test("monitor reset and system_reset: the VMM resets the VM, and all vCPUs are stopped")
def reset():
    for name in ("reset", "system_reset", "system_r"):
        with guest() as g:
            went_on(g)
            assert g.ask(f"m{COUNTER:x},8") != "00" * 8
            assert g.monitor(name).startswith(BEGINS)
            must_be_new(g)
            equal(g.ask("?")[:3], "T05")
            equal(fields(g.ask("?"))["thread"], "1")
            equal(g.monitor("why"), f"vCPU 0 at {START:#x}:\n  the VMM has reset the VM\n")
            equal(g.ask("Hg2"), "OK")
            equal(g.monitor("why"), "vCPU 1: stopped by the debugger\n")


@test("breakpoints, watchpoints and catchpoints survive a reset")
def survivors():
    with guest() as g:
        went_on(g)
        equal(g.ask(f"Z0,{WORK:x},1"), "OK")
        equal(g.ask(f"Z2,{COUNTER:x},8"), "OK")
        g.monitor("catch hlt")
        g.monitor("reset")
        resume(g)
        equal(get(g, RIP), WORK)
        assert "watch:" in resume(g)[1]
        assert "catch hlt" in g.monitor("catch")


@test("a stop that was pending, and one that gdb knows, are not true after a reset")
def stale():
    with guest() as g:
        equal(g.ask(f"Z0,{WORK:x},1"), "OK")
        equal(g.ask(f"Z0,{SPIN:x},1"), "OK")
        resume(g)
        g.monitor("reset")
        # Each vCPU hits its breakpoint again, once.
        hit = {fields(resume(g)[1])["thread"], fields(resume(g)[1])["thread"]}
        equal(hit, {"1", "2"})


@test("an event that waits is forgotten")
def forgotten():
    with guest() as g:
        g.monitor("inject exception 6")
        g.monitor("reset")
        resume(g, "s")
        assert get(g, RIP) != HANDLER


@test("a guest that has ended by a triple fault begins again")
def after_shutdown():
    with guest() as g:
        put(g, RIP, TRIPLE_FAULT)
        text, stop = resume(g)
        assert "triple fault" in text
        equal(stop[:3], "T06")
        assert g.monitor("reset").startswith(BEGINS)
        must_be_new(g)
        went_on(g)


@test("a catch of resets stops the VMM before; continue goes on")
def caught():
    with guest() as g:
        went_on(g)
        g.monitor("catch reset vmm")
        rip = get(g, RIP)
        output = g.monitor("reset")
        matches("catchpoint 1: .*the VMM is about to reset the vCPU\nthe reset goes on with "
                "\"continue\"\n", output)
        equal(get(g, RIP), rip)
        assert "about to reset" in g.monitor("why")


@test("vRun resets, with the stop reply; R has no reply")
def run():
    for packet in ("vRun;61;62", "vRun;"):
        with guest(ALL_FEATURES) as g:
            equal(g.ask("!"), "OK")
            went_on(g)
            matches("T05.*thread:p7.1;.*", g.ask(packet))
            must_be_new(g)
    with guest(ALL_FEATURES) as g:
        equal(g.ask("!"), "OK")
        went_on(g)
        g.send("R00")
        matches("T05.*", g.ask("?"))
        must_be_new(g)


@test("vRun attaches first, if no VM is attached")
def run_attaches():
    with guest(ALL_FEATURES) as g:
        equal(g.ask("!"), "OK")
        equal(g.ask("D;7"), "OK")
        matches("T05.*", g.ask("vRun;"))
        must_be_new(g)


@test("a VMM that cannot: the reason; vRun's is an error, R has no reply")
def cannot():
    with guest(ALL_FEATURES, FAKE_NO_RESET=1) as g:
        equal(g.ask("!"), "OK")
        went_on(g)
        rip = get(g, RIP)
        assert "the VMM offers no reset" in "".join(command(g, "reset"))
        matches("E.*the VMM offers no reset", g.ask("vRun;"))
        g.send("R00")
        equal(get(g, RIP), rip)


@test("a VMM that takes its time: the debugger can interrupt the wait")
def interrupted():
    with guest(FAKE_RESET=0) as g:
        rip = get(g, RIP)
        g.send("qRcmd," + b"reset".hex())
        assert g.recv(timeout=0.3) is None
        g.write(b"\x03")
        equal(bytes.fromhex(g.recv()[1:]).decode(), "interrupted\n")
        equal(g.recv(), "OK")
        equal(get(g, RIP), rip)


@test("a VMM that resets when nobody waits for it: the next stop tells of it")
def late():
    with guest(FAKE_RESET=1500) as g:
        g.send("qRcmd," + b"reset".hex())
        g.write(b"\x03")
        equal(bytes.fromhex(g.recv()[1:]).decode(), "interrupted\n")
        equal(g.recv(), "OK")
        text, stop = resume(g)
        equal(text, "vCPU 0: the VMM has reset the VM.\n")
        equal((stop[:3], get(g, RIP)), ("T05", START))


@test("non-stop: the debugger hears that a reset has stopped what ran, also one that fails")
def non_stop():
    for env, wait in (({}, False), ({"FAKE_RESET": 20}, False), ({"FAKE_NO_RESET": 1}, False),
                      ({"FAKE_RESET": 0}, True)):
        for resumed, ran in (("vCont;c", [1, 2]), ("vCont;c:2", [2])):
            with guest(**env) as g:
                equal(g.ask("QNonStop:1"), "OK")
                equal(g.ask(resumed), "OK")
                g.send("qRcmd," + b"reset".hex())
                if wait:
                    g.write(b"\x03")
                while g.recv() != "OK":
                    pass
                equal([thread for thread, _ in stops(g)], ran)
                quiet(g)
                equal(g.ask(resumed), "OK")
                running(g, 2)


@test("a VM that ends instead of the reset")
def ends():
    with guest(FAKE_RESET_ENDS=1) as g:
        assert "the VM has ended" in "".join(command(g, "reset"))


@test("monitor reset with arguments: the usage")
def usage():
    with guest() as g:
        for name in ("reset", "system_reset"):
            assert f"usage: monitor {name}" in "".join(command(g, name + " now"))


if __name__ == "__main__":
    sys.exit(TAP.run())
