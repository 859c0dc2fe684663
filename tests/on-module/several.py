# SPDX-License-Identifier: GPL-2.0-only
"""Several guests and debuggers, and debuggers that vanish."""
import contextlib
import re

from machine import AT_WORK, TAP, Machine, host, new_at_work
from session import Daemon, Gdb, Vmm

test = TAP.test


@contextlib.contextmanager
def two_guests(*options):
    """Two VMMs and a daemon for both, and the numbers of the VMs."""
    with contextlib.ExitStack() as stack:
        vmms = [Vmm(host(), "--paused") for _ in range(2)]
        for vmm in vmms:
            stack.callback(vmm.kill)
        daemon = Daemon(host(), "--multi", *options)
        stack.callback(daemon.kill)
        rows = host().sh("./vmxdbgd --list")
        yield vmms, daemon, [re.search(rf"^ *(\d+) +{vmm.pid}\b", rows, re.M)[1]
                             for vmm in vmms]


@test("--multi: info os, and two gdb at the same time, each with its own guest")
def multi():
    with two_guests() as (vmms, daemon, ids), \
            Gdb(daemon.port, kind="extended-remote") as one, \
            Gdb(daemon.port, kind="extended-remote") as two:
        one.shows("info os vms", want=[rf"^{ids[n]} +vmxrun +{vmms[n].pid} " for n in range(2)])
        one.shows(f"attach {ids[0]}", *AT_WORK, "set *(long *)&counter = 1000",
                  want=[r"work \(\)"])
        two.shows(f"attach {ids[0]}", want=["debugger|busy|[Aa]ttach.* failed"])
        two.shows(f"attach {ids[1]}", "break leaf", "continue", "p *(long *)&counter",
                  want=[r"leaf \(\)", r"= 1$"])
        one.shows("stepi", "info breakpoints", "tbreak leaf", "continue", "p *(long *)&counter",
                  "info os vcpus",
                  want=[r"No breakpoints", r"leaf \(\)", r"= 1001$", rf"^{ids[0]} "])
        two.shows("continue", "p *(long *)&counter", "info os",
                  want=[r"= 2$", r"^vms ", r"^vcpus "])
        # The end of one guest is none of the other's business.
        vmms[0].kill("KILL")
        one.shows("continue", want=[r"exited|ended|killed"])
        two.shows("continue", "p *(long *)&counter", "detach", want=[r"= 3$", r"[Dd]etach"])


VANISH = (
    ("continue", "continue", True), ("stay", "continue", True), ("stop", "continue", False),
    ("continue", "stepi", True), ("stay", "stepi", False), ("stop", "stepi", False))


@test("--on-vanish: kill -9 of gdb, while the guest runs or is stopped")
def vanish():
    for choice, command, runs in VANISH:
        with new_at_work(daemon=("--on-vanish", choice, "--log")) as m:
            if command == "continue":
                m.gdb.say("echo on it goes\\n", "continue")
                m.gdb.wait("on it goes")
                host().sh("sleep 1")
            else:
                m.gdb.shows("break leaf", "stepi", want=[r"mov\s+%rsp"])
            m.gdb.kill()
            m.daemon.wait_log("(?s)connection.*(ended|vanished|gone)")
            with Gdb(m.daemon.port) as again:
                # A guest that has gone on is anywhere, one that has not is where it was.
                counter = again.number("*(long *)&counter")
                what = f"{choice}, {command}: {counter}\n{again.said()}\n{m.daemon.log()}"
                if command == "stepi":
                    assert (counter > 0) == runs, what
                again.shows("tbreak leaf", "continue", want=[r"leaf \(\)"])


@test("rights: all with --user root, else CAP_SYS_PTRACE alone, which suffices to attach again")
def user():
    with Machine(daemon=("--user", "root")) as m:
        m.gdb.shows("p $rip", want=["_start"])
        host().until(f"cat /proc/{m.daemon.pid}/status", r"^Uid:\s+0\s+0\s")
    with Machine() as m:
        host().until(f"cat /proc/{m.daemon.pid}/status",
                     r"^Uid:\s+65534\s[\s\S]*^CapEff:\s+0000000000080000$[\s\S]*^NoNewPrivs:\s+1$")
        m.gdb.shows(*AT_WORK, "detach", want=[r"work \(\)"])
        # The daemon attaches again with the rights that it has kept.
        with Gdb(m.daemon.port, *AT_WORK) as again:
            again.shows("p $rip == &work", want=["= 1$"])
