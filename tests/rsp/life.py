#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of debuggers that vanish in any state, and of what the next one finds."""
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import rsp
from protocol import (COUNTER, LEAF, LOOP_CALL, RIP, START, VM_ENDS, WORK, equal, fields, get,
                      is_error, le, matches, put, run)
from prints import commands, printf, reg
from rsp import Daemon, frame
from trace import number, ok, point, status
from with_gdb import ELF, gdb, shows

TAP = rsp.Tap()
test = TAP.test
FEATURES = "qSupported:swbreak+;hwbreak+"
NOTHING = "no breakpoint, watchpoint or catch is inserted now\n"
NO_CATCH = "no catchpoints\n"


def code():
    with open(os.path.join(rsp.BUILD, "guest.bin"), "rb") as file:
        return file.read(0x500)


# ---- states in which a debugger vanishes ----

def introduce(g):
    assert g.ask(FEATURES)


def stopped(g):
    introduce(g)
    g.stop_ack()
    matches("T05.*", g.ask("?"))


def runs(g):
    stopped(g)
    g.send("vCont;c")


def in_a_packet(g):
    stopped(g)
    g.write(b"$M10000,8:00000000")


def in_the_first_packet(g):
    g.write(b"$qSupported:sw")


def not_acknowledged(g):
    g.write(frame("?"))
    equal(g.byte(), b"+")


def in_a_job(g):
    stopped(g)
    # one table that maps everything: a search through all of it has no end
    equal(g.ask("M1000,1000:" + le(0x1003) * 512), "OK")
    g.send("qSearch:memory:1ff000;ffffffffff000000;qrst")
    equal(g.recv(timeout=0.2), None)


def with_breakpoints(g):
    stopped(g)
    for packet in (f"Z0,{LEAF:x},1", f"Z1,{WORK:x},1", f"Z2,{COUNTER:x},8"):
        equal(g.ask(packet), "OK")
    assert "catch cpuid" in g.monitor("catch cpuid")


def at_a_breakpoint(g):
    with_breakpoints(g)
    g.send("vCont;c")
    matches("T05.*", g.recv())


def behind_a_step(g):
    stopped(g)
    g.send("vCont;s:1")
    matches("T05.*", g.recv())


def non_stop(g):
    stopped(g)
    equal(g.ask("QNonStop:1"), "OK")
    matches("T05.*", g.ask("?"))
    equal(g.ask("vStopped"), "OK")
    assert g.notification()
    equal(g.ask("vStopped"), "OK")
    equal(g.ask("vCont;c"), "OK")


def not_notified(g):
    """A notification of the non-stop protocol waits for its acknowledgment."""
    non_stop(g)
    equal(g.ask("vCont;t:2"), "OK")
    assert g.notification()


def traces(g):
    stopped(g)
    put(g, RIP, LOOP_CALL, 1)
    ok(g, "QTinit")
    point(g, 1, LEAF, "R01")
    ok(g, "QTStart")
    g.send("vCont;c")


def does_not_read(g):
    """More replies than the connection takes wait for the debugger."""
    stopped(g)
    equal(g.ask("M30000,1000:" + "0123456789abcdef" * 512), "OK")
    os.set_blocking(g.fd_out, False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(20000):
            g.write(frame("m30000,1000"))


def physical(g):
    stopped(g)
    equal(g.ask("Qqemu.PhyMemMode:1"), "OK")
    g.monitor("time run")
    g.monitor("irqs on")
    g.monitor("step branch")
    g.monitor("arch i8086")


def silent(g):
    """A connection without a packet."""


STATES = [silent, introduce, stopped, runs, in_a_packet, in_the_first_packet,
          not_acknowledged, in_a_job, with_breakpoints, at_a_breakpoint, behind_a_step, non_stop,
          not_notified, traces, does_not_read, physical]


def drop(g):
    """End a connection as the death of a machine does, without a goodbye."""
    duplicate = socket.socket(fileno=os.dup(g.fd_in))
    duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    g.close()
    duplicate.close()


def new(daemon, tcp=False):
    g = daemon.connect_tcp() if tcp else daemon.connect()
    g.daemon = daemon
    return g


def whole(g):
    """The guest has nothing of what another debugger has set up."""
    introduce(g)
    g.stop_ack()
    equal(fields(g.ask("?"))["thread"], "1")
    equal(g.monitor("objects"), NOTHING)
    equal(g.monitor("catch"), NO_CATCH)
    equal(g.ask("qTfP"), "l")
    equal(status(g)["running"], False)
    matches("the guest's time stands still .*", g.monitor("time"))
    equal(g.monitor("irqs"), "irqs is off\n")
    equal(g.ask("qqemu.PhyMemMode"), "0")
    matches("stepi executes one instruction\n", g.monitor("step"))
    equal(g.monitor("arch"), "registers and code are those of x86-64\n")
    equal(g.ask(f"m{START:x},500"), code().hex())
    before = get(g, 0, 2)
    g.send("vCont;c")
    equal(g.recv(timeout=0.1), None)
    g.write(b"\x03")
    matches("T02.*", g.recv())
    assert get(g, 0, 2) > before, "vCPU 1 does not run"


def left_whole(daemon):
    """The guest was let go, and the next debugger finds it whole."""
    assert daemon.wait_said("fake: detached")
    g = new(daemon)
    whole(g)
    g.close()


@test("a debugger that vanishes in any state: the next one finds the guest whole")
def any_state():
    for tcp in (False, True):
        daemon = Daemon(transport="tcp" if tcp else "unix")
        try:
            for state in STATES:
                g = new(daemon, tcp)
                state(g)
                attached = daemon.said().count("fake: attached")
                (drop if tcp else rsp.Line.close)(g)
                if state not in (silent, in_the_first_packet):
                    assert daemon.wait_said("fake: attached", attached + 1), state.__name__
                g = new(daemon, tcp)
                try:
                    whole(g)
                    equal(g.ask("D"), "OK")
                except AssertionError as error:
                    raise AssertionError(f"after {state.__name__}: {error}") from error
                finally:
                    g.close()
        finally:
            daemon.end()


@test("a killed gdb, with breakpoints and a running guest: the next one finds the guest whole")
def killed_gdb():
    for last in ("continue", "python __import__('time').sleep(60)"):
        daemon = Daemon()
        try:
            process = subprocess.Popen(
                ["gdb", "-nx", "-q", "-batch", "-ex", f"target remote {daemon.path}",
                 "-ex", "hbreak *0x10430", "-ex", "shell touch " + daemon.dir + "/there",
                 "-ex", last, ELF], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            end = time.monotonic() + 30
            while not os.path.exists(daemon.dir + "/there") and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(0.2)
            process.kill()
            process.wait()
            left_whole(daemon)
        finally:
            daemon.end()


# ---- --on-vanish ----

@contextlib.contextmanager
def vanished(state, how, **env):
    """A second debugger after the first has vanished in a state."""
    daemon = Daemon("--on-vanish", how, env={k: str(v) for k, v in env.items()})
    try:
        g = new(daemon)
        state(g)
        g.close()
        assert daemon.wait_said("waits for the next one")
        g = new(daemon)
        yield g
        g.close()
    finally:
        daemon.end()


def meet(g):
    """Return the stop that the next debugger hears of first."""
    introduce(g)
    g.stop_ack()
    return fields(g.ask("?"))


@test("--on-vanish stay: a stopped guest stays where it is, and its breakpoints too")
def stay_stopped():
    with vanished(at_a_breakpoint, "stay") as g:
        stop = meet(g)
        at = int.from_bytes(bytes.fromhex(stop["10"]), "little")
        equal(get(g, RIP, 1), at)
        equal(g.monitor("objects").count("\n"), 3)
        matches(".*cpuid.*", g.monitor("catch"))
        assert "fake: detached" not in g.daemon.said()


@test("--on-vanish stay: breakpoints that the next debugger does not insert are gone, catches stay")
def stay_breakpoints():
    with vanished(with_breakpoints, "stay") as g:
        meet(g)
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        for _ in range(3):
            g.send("vCont;c")
            stop = fields(g.recv())
            equal((stop["thread"], stop["10"]), ("1", le(LEAF)))
        text = g.monitor("objects")
        equal(text.count("\n"), 1)
        assert f"{LEAF:#x}" in text, text
        matches(r" +1  catch cpuid.*\n", g.monitor("catch"))
        g.monitor("uncatch 1")
        equal(g.monitor("catch"), NO_CATCH)


def runs_to(at):
    def state(g):
        stopped(g)
        equal(g.ask(f"Z0,{at:x},1"), "OK")
        g.send("vCont;c")
        g.recv()
        put(g, RIP, LOOP_CALL, 1)
        g.send("vCont;c")
    return state


@test("--on-vanish stay: a hit that nobody waits for stops the guest, and the next debugger hears of it")
def stay_hit():
    with vanished(runs_to(LEAF), "stay") as g:
        time.sleep(0.1)
        stop = meet(g)
        equal((stop["thread"], stop["10"], "swbreak" in stop), ("1", le(LEAF), True))
        spins = get(g, 0, 2)
        time.sleep(0.1)
        equal(get(g, 0, 2), spins)
        equal(g.ask("Hg1"), "OK")
        matches(".*breakpoint.*", g.monitor("why"))


@test("--on-vanish stay: a guest that runs, runs on; --on-vanish stop: it stops at once")
def stay_running():
    for how, count in (("stay", 0), ("stop", 2)):
        daemon = Daemon("--on-vanish", how)
        try:
            g = new(daemon)
            runs(g)
            g.close()
            assert daemon.wait_said("waits for the next one")
            daemon.process.send_signal(signal.SIGTERM)
            equal(daemon.status(), 0)
            assert f"fake: detached, {count} vCPUs were stopped" in daemon.said(), daemon.said()
        finally:
            daemon.end()


@test("--on-vanish: each state is found again, the guest goes on from it, and D ends it")
def stay_any():
    for how in ("stay", "stop"):
        for state in STATES:
            if state in (silent, in_the_first_packet):
                continue
            with vanished(state, how) as g:
                try:
                    go_on(g)
                except AssertionError as error:
                    raise AssertionError(f"{how}, {state.__name__}: {error}") from error


def go_on(g):
    meet(g)
    for thread in (1, 2):
        equal(g.ask(f"Hg{thread}"), "OK")
        assert len(g.ask("g")) > 100
    g.send("vCont;c")
    stop = g.recv(timeout=0.1)
    while stop and stop[0] == "O":
        stop = g.recv(timeout=0.1)
    if not stop:
        g.write(b"\x03")
        matches("T02.*", g.recv())
    equal(g.ask("D"), "OK")
    assert g.daemon.wait_said("fake: detached")
    g.close()
    next_one = new(g.daemon)
    introduce(next_one)
    equal(next_one.monitor("objects"), NOTHING)
    equal(next_one.monitor("catch"), NO_CATCH)
    next_one.close()


def prints_hits(g):
    stopped(g)
    put(g, RIP, LOOP_CALL, 1)
    put(g, 1, 7, 1)
    equal(commands(g, printf("rbx %ld\\n", reg(1))), "OK")
    g.send("vCont;c")
    matches("O.*", g.recv())


@test("--on-vanish stay: what hits print meanwhile is printed once the guest runs again")
def stay_prints():
    with vanished(prints_hits, "stay") as g:
        time.sleep(0.1)
        meet(g)
        g.send("vCont;c")
        text = bytes.fromhex(g.recv()[1:]).decode()
        matches(r"rbx \d+\n.*", text)
        g.write(b"\x03")
        stop = g.recv()
        while stop[0] == "O":
            text += bytes.fromhex(stop[1:]).decode()
            stop = g.recv()
        matches("T02.*", stop)
        numbers = [int(word) for word in re.findall(r"rbx (\d+)\n", text)]
        assert all(a + 1 == b for a, b in zip(numbers, numbers[1:])), "not each hit in order"
        # The breakpoint has gone with its debugger.
        g.send("vCont;c")
        equal(g.recv(timeout=0.1), None)


@test("--on-vanish stay: connections that say nothing change nothing, however many")
def stay_silent():
    with vanished(with_breakpoints, "stay") as g:
        for _ in range(40):
            other = new(g.daemon)
            other.write(b"GET / HTTP/1.1\r\n\r\n")
            other.close()
        meet(g)
        equal(g.monitor("objects").count("\n"), 3)


@test("--on-vanish stay: a second debugger is refused while there is one, not afterwards")
def stay_second():
    with vanished(stopped, "stay") as g:
        meet(g)
        other = new(g.daemon)
        equal(other.ask("qSupported:error-message+"), "E.another debugger has this VM")
        other.close()
        g.close()
        assert g.daemon.wait_said("waits for the next one", 2)
        last = new(g.daemon)
        meet(last)
        last.close()


@test("--on-vanish stay: the VM ends while it waits, and the daemon with it")
def stay_vm_ends():
    daemon = Daemon("--on-vanish", "stay")
    try:
        g = new(daemon)
        stopped(g)
        put(g, RIP, VM_ENDS, 1)
        g.send("vCont;c:1")
        g.close()
        equal(daemon.status(), 0)
        assert "the VM has ended" in daemon.said()
    finally:
        daemon.end()


@test("--on-vanish stay on a serial line: a new debugger finds the guest as it was left")
def stay_serial():
    for how, catches in (("stay", r" +1  catch cpuid.*\n"), ("continue", NO_CATCH)):
        daemon = Daemon("--on-vanish", how, transport="serial")
        try:
            g = daemon.connect_serial()
            g.daemon = daemon
            with_breakpoints(g)
            put(g, RIP, WORK + 4, 1)
            g.no_ack = False
            introduce(g)
            g.stop_ack()
            matches("T05.*", g.ask("?"))
            matches(catches, g.monitor("catch"))
            equal(get(g, RIP, 1), WORK + 4)
        finally:
            daemon.end()


@test("--on-vanish stay: gdb ends by disconnect; another gdb goes on, with its own breakpoints")
def stay_gdb():
    daemon = Daemon("--on-vanish", "stay", transport="tcp")
    try:
        text = gdb("hbreak leaf", "continue", "disconnect", daemon=daemon)
        shows(text, r"^Thread 1 .* hit Breakpoint 1|^Breakpoint 1")
        assert daemon.wait_said("waits for the next one")
        text = gdb("info registers rip", "break work", "continue", "bt 1", "delete", "detach",
                   daemon=daemon)
        shows(text, r"^leaf \(\)|in leaf|leaf", r"^rip +0x10025", r"Breakpoint 1, work",
              r"#0  work")
    finally:
        daemon.end()


@test("--on-vanish: not where no debugger can come; and other words than the three")
def vanish_usage():
    for args, status_, text in ((("--stdio",), 1, "no debugger can come"),
                                (("--tcp", "0", "--once"), 2, "no debugger can come")):
        result = run("--on-vanish", "stay", *args)
        equal((args, result.returncode), (args, status_))
        assert text in result.stderr, result.stderr
    result = run("--on-vanish", "die", "--stdio")
    equal(result.returncode, 2)
    assert "continue, stay or stop" in result.stderr, result.stderr


# ---- disconnected tracing ----

def trace_on(g, disconnected=1):
    stopped(g)
    put(g, RIP, LOOP_CALL, 1)
    ok(g, "QTinit", f"QTDisconnected:{disconnected}")
    point(g, 1, LEAF, "R01")
    equal(g.ask(f"Z0,{WORK:x},1"), "OK")
    ok(g, "QTStart")


@test("QTDisconnected:1: the trace goes on without a debugger, breakpoints do not")
def disconnected():
    for goodbye in (None, "D"):
        daemon = Daemon()
        try:
            g = new(daemon)
            assert "DisconnectedTracing+" in g.ask("qSupported").split(";")
            trace_on(g)
            if goodbye:
                equal(g.ask(goodbye), "OK")
            g.close()
            assert daemon.wait_said("goes on with its trace")
            time.sleep(0.2)
            g = new(daemon)
            introduce(g)
            g.stop_ack()
            matches("T05.*", g.ask("?"))
            state = status(g)
            assert state["running"] and number(state, "tframes") > 10, state
            equal(state["disconn"], "1")
            matches("T1:.*", g.ask("qTfP"))
            equal(g.monitor("objects").count("\n"), 1)
            equal(g.ask("QTFrame:3"), "F3T1")
            equal(get(g, RIP), LEAF)
            ok(g, "QTFrame:ffffffff", "QTStop")
            equal(g.ask("D"), "OK")
            assert daemon.wait_said("fake: detached")
            g.close()
        finally:
            daemon.end()


@test("QTDisconnected:0: the trace ends with the connection")
def connected_trace():
    daemon = Daemon()
    try:
        g = new(daemon)
        trace_on(g, 0)
        g.close()
        left_whole(daemon)
    finally:
        daemon.end()


@test("QTDisconnected is refused where the daemon ends with its debugger, or keeps the connection")
def disconnected_refused():
    daemon = Daemon("--once")
    g = new(daemon)
    assert "DisconnectedTracing+" not in g.ask("qSupported").split(";")
    ok(g, "QTDisconnected:0")
    assert is_error(g.ask("QTDisconnected:1"))
    assert is_error(g.ask("QTDisconnected:2"))
    g.close()
    daemon.end()
    daemon = Daemon()
    try:
        g = new(daemon)
        introduce(g)
        ok(g, "!")
        trace_on(g)
        assert is_error(g.ask("D"))
        ok(g, "QTStop", "D")
        g.close()
    finally:
        daemon.end()


@test("gdb: set disconnected-tracing on, detach, and the next gdb has the frames")
def disconnected_gdb():
    daemon = Daemon(transport="tcp")
    try:
        shows(gdb("set disconnected-tracing on", "trace leaf", "tstart", "detach", daemon=daemon),
              r"Tracepoint 1", r"Detaching|detached")
        assert daemon.wait_said("goes on with its trace")
        time.sleep(0.2)
        shows(gdb("tstatus", "tstop", "tfind 2", "info registers rip", "tfind none", "detach",
                  daemon=daemon),
              r"Trace is running", r"Found trace frame 2, tracepoint 1", r"rip +0x10025")
    finally:
        daemon.end()


if __name__ == "__main__":
    sys.exit(TAP.run())
