# SPDX-License-Identifier: GPL-2.0-only
"""VM, VMM, daemon and module that go away under gdb."""
from machine import TAP, host, new_at_work
from session import Daemon, Gdb, Vmm

test = TAP.test


@test("kill -9 of the VMM while gdb waits: the program has exited, and the daemon ends")
def vmm_killed_running():
    with new_at_work() as m:
        m.gdb.say("echo on it goes\\n", "continue")
        m.gdb.wait("on it goes")
        m.vmm.kill("KILL")
        m.gdb.wait(r"exited")
        m.daemon.wait_log("the VM has ended")
        m.daemon.wait_end()


@test("kill -9 of the VMM while the guest is stopped: a sentence, and a clean end")
def vmm_killed_stopped():
    with new_at_work() as m:
        m.vmm.kill("KILL")
        m.gdb.shows("monitor regs", "stepi", want=[r"the VM has ended", r"exited|ended|closed"])
        m.gdb.end()
        m.daemon.wait_log("the VM has ended")
        m.daemon.wait_end()


@test("--wait: after the end of a VM the daemon takes the next one")
def waits():
    with new_at_work(daemon=("--wait",)) as m:
        m.vmm.kill("KILL")
        m.gdb.end("stepi")
        m.daemon.wait_log("the VM has ended")
        again = Vmm(host(), "--paused")
        try:
            m.daemon.wait_log(f"attached to VM .* of process {again.pid}")
            with Gdb(m.daemon.port) as gdb:
                gdb.shows("p $rip == &_start", want=["= 1$"])
        finally:
            again.kill()


@test("the daemon is killed: gdb says so, and the guest goes on without breakpoints")
def daemon_killed():
    with new_at_work() as m:
        m.gdb.shows("break leaf", "continue", want=["Breakpoint"])
        m.daemon.kill("KILL")
        m.gdb.shows("stepi", want=["closed|reset|disconnected"])
        daemon = Daemon(host())
        try:
            with Gdb(daemon.port) as again:
                assert again.number("*(long *)&counter") > 1, again.said()
        finally:
            daemon.kill()


@test("rmmod is refused while a guest or its debugger has the module, and nothing is lost")
def rmmod_busy():
    with new_at_work() as m:
        said = host().sh("rmmod vmxdbg 2>&1", 1)
        assert "unavailable" in said or "in use" in said, said
        m.gdb.shows("stepi", want=[r"mov\s+%rsp"])
        # The VM stays as long as its debugger, and so does the module.
        m.vmm.kill("KILL")
        m.gdb.shows("stepi", want=["exited|ended|closed"])


@test("rmmod is refused while a daemon waits, which then takes a guest; after its end it works")
def rmmod_waiting():
    daemon = Daemon(host(), "--wait")
    try:
        host().sh("rmmod vmxdbg", 1)
        vmm = Vmm(host(), "--paused")
        try:
            daemon.wait_log(f"attached to VM .* of process {vmm.pid}")
            with Gdb(daemon.port) as gdb:
                gdb.shows("p $rip == &_start", want=["= 1$"])
        finally:
            vmm.kill()
    finally:
        daemon.kill()
    host().sh("rmmod vmxdbg && ./load-vmxdbg")


@test("without the module: a sentence")
def no_module():
    host().sh("rmmod vmxdbg")
    try:
        said = host().sh("./vmxdbgd --unix /run/none", 1)
        assert "/dev/vmxdbg" in said and said.count("\n") == 1, said
    finally:
        host().sh("./load-vmxdbg")
