#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of libvmxgdb with the real gdb, in a VMM that needs no KVM."""
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../rsp"))

import rsp  # noqa: E402
from vmm import BUILD, Gdb, Vmm, gdb, shows  # noqa: E402

TAP = rsp.Tap()
WAYS = ("pull", "thread", "push")
# EMBED_WAYS chooses some of them.
CHOSEN = os.environ.get("EMBED_WAYS", " ".join(WAYS)).split()


def interpreter(way, *options, address=None):
    """The VMM, driven in one of the three ways."""
    return Vmm(os.path.join(BUILD, "interpreter"), way, "ADDRESS",
               os.path.join(BUILD, "guest.bin"), *options, address=address)


def each(name, ways=WAYS):
    """A test for each way to drive the library."""
    def add(function):
        for way in (way for way in ways if way in CHOSEN):
            def run(way=way):
                function(way)
            run.__name__ = f"{function.__name__}_{way}"
            TAP.test(f"{way}: {name}")(run)
        return function
    return add


@each("threads, breakpoints, backtrace, finish, steps")
def basics(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "info threads", "break leaf", "continue", "bt", "x/4xb leaf",
                  "finish", "stepi", "p $pc", "next", "info registers rip rbx",
                  "thread 2", "stepi", "delete", "tbreak work", "continue", "detach"),
              r'Thread 1.1 "vCPU 0"', r'Thread 1.2 "vCPU 1".* spin \(\)',
              r"hit Breakpoint 1, leaf", r"#1 .* work \(\)", r"#2 .* loop \(\)",
              r"<leaf>:\s+0x55\s+0x48\s+0x89\s+0xe5", r"^work \(\)", r"<work\+18>",
              r"^rip .*<work\+19>", r"spin \(\)", r"hit Temporary breakpoint 2, work",
              r"detached")


@each("disas says that the library has no Zydis", ("pull",))
def no_zydis(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "monitor disas", "x/i leaf"),
              r"^disas: this program was built without Zydis; use gdb's disassemble$",
              r"<leaf>:\s+push")


@each("^C stops a guest that runs")
def interrupts(way):
    with interpreter(way) as vmm:
        g = Gdb(vmm, "continue")
        g.wait("Continuing")
        time.sleep(0.3)
        g.interrupt()
        g.wait("SIGINT")
        g.say("info registers rip", "stepi", "continue &", "interrupt")
        g.wait("SIGINT", 2)
        shows(g.end(), "received signal SIGINT", r"\(gdb\) rip ", "SIGINT")


@each("registers and memory are written, physical memory too")
def writes(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "set $rax = 0x1122334455667788", "set $rsp = 0x1e0000",
                  "set $rbp = 7", "set $r15 = 8", "flushregs",
                  "info registers rax rsp rbp r15", "set var *(long *)&counter = 77",
                  "p *(long *)&counter", "monitor phys 0x10800 8",
                  "x/x 0x200000", "set $cr2 = 1", "p $xmm0"),
              r"0x1122334455667788", r"^rsp\s+0x1e0000", r"^rbp\s+0x7", r"^r15\s+0x8",
              r"= 77$", r"4d 00", r"Cannot access memory at address 0x200000",
              r"[Cc]ould not write.*not supported", r"<unavailable>")


@each("breakpoints in memory are taken back when gdb goes")
def restores(way):
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "break leaf", "continue", "detach"), "Breakpoint 1, leaf")
        # The library hides what it has written only while a breakpoint is there.
        shows(gdb(vmm, "x/4xb leaf"), r"<leaf>:\s+0x55\s+0x48\s+0x89\s+0xe5")


@each("the guest goes on when gdb is killed, and the next one comes")
def killed(way):
    with interpreter(way) as vmm:
        g = Gdb(vmm, "break leaf", "continue", "p *(long *)&counter")
        g.wait(r"^\$1 = ")
        g.process.send_signal(signal.SIGKILL)
        g.process.wait()
        if way == "push":
            return    # This VMM runs only under a debugger.
        time.sleep(0.3)
        before = int(g.said().rsplit("$1 = ", 1)[1].split()[0])
        said = gdb(vmm, "p *(long *)&counter")
        assert int(said.rsplit("$1 = ", 1)[1].split()[0]) > before, said


@each("a second debugger is told that there is one", ("pull", "thread"))
def second(way):
    with interpreter(way) as vmm:
        g = Gdb(vmm, "p 40 + 2")
        g.wait("42")
        # In pull mode the VMM serves while gdb holds the guest.
        s = vmm.connect()
        s.sendall(b"+$qSupported:multiprocess+#c6")
        said = b""
        while True:
            data = s.recv(1000)
            if not data:
                break
            said += data
        s.close()
        assert b"another debugger has this VM" in said, said
        g.say("stepi", "p 50 + 5")
        g.wait("55")
        g.end()


@each("watchpoints, and more breakpoints than there are, of the VMM's own")
def own_breakpoints(way):
    with interpreter(way, "own", "cpus=1") as vmm:
        shows(gdb(vmm, "watch *(long *)&counter", "continue", "continue",
                  "rwatch *(long *)&counter", "delete", "hbreak leaf", "continue",
                  "x/4xb leaf", "delete", "set $pc = reader",
                  "rwatch *(int *)&counter", "continue", "delete",
                  *[f"break *0x{0x10460 + i:x}" for i in range(9)], "continue"),
              r"Hardware watchpoint 1", r"New value", r"New value",
              r"Breakpoint 3, leaf", r"0x55\s+0x48", r"Hardware read watchpoint",
              r"Hardware read watchpoint 4", r"Value = ",
              r"Cannot insert breakpoint 13")


@each("a range step, and a step over a breakpoint with the other vCPUs running")
def ranges(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "break work", "continue", "next", "next", "next", "next",
                  "continue", "continue"),
              r"hit Breakpoint 1, work", r"^26\s", r"^27\s", r"^28\s|^29\s",
              r"hit Breakpoint 1, work", r"hit Breakpoint 1, work")


@each("only one vCPU with scheduler-locking")
def locking(way):
    with interpreter(way) as vmm:
        said = gdb(vmm, "set scheduler-locking on", "thread 2", "p $rax", "thread 1",
                   "break leaf", "continue", "continue", "thread 2", "p $rax")
        shows(said, r"hit Breakpoint 1, leaf", r"hit Breakpoint 1, leaf")
        first, last = [line.split()[-1] for line in said.splitlines()
                       if line.startswith("$")]
        assert first == last, said


@each("non-stop: one vCPU stops, the other one runs")
def non_stop(way):
    with interpreter(way) as vmm:
        g = Gdb(vmm)
        g.say("disconnect", "set non-stop on", f"target remote {vmm.where}")
        g.wait(r"stopped|spin|work|leaf|loop")
        g.say("thread 1", "break leaf", "thread apply 2 -- continue &", "thread 1",
              "continue")
        g.wait("hit Breakpoint 1, leaf")
        g.say("info threads")
        g.wait(r"2 .*\(running\)")
        g.say("stepi", "p $pc", "interrupt -a")
        g.wait("leaf")
        g.end()


@each("the VMM's own reason for a stop, with its signal and text")
def own_reason(way):
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "set $pc = 0x900000", "continue"),
              "the interpreter finds no memory here", "SIGSEGV")


@each("a triple fault stops first, then the guest ends")
def triple_fault(way):
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "set $pc = triple_fault", "continue", "p $pc", "continue"),
              "triple fault", "SIGABRT", "exited")
        vmm.ends()


@each("gdb is told that the guest has ended")
def ended(way):
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "set $pc = vm_ends", "continue"), "exited normally")
        vmm.ends()


@each("kill ends the guest, because this VMM says so")
def kills(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "break leaf", "continue", "kill"), "killed")
        vmm.wait_said("killed")
        vmm.ends()


@each("monitor reset and run begin again, because this VMM says so")
def resets(way):
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "break leaf", "continue", "monitor reset",
                  "maintenance flush register-cache", "p $pc", "stepi", "continue"),
              "Breakpoint 1, leaf", "begins again", "<_start>", "Breakpoint 1, leaf")
        vmm.wait_said("reset")
    if way == "push":
        return    # gdb detaches first, and this VMM ends the connection.
    with interpreter(way, "cpus=1", "nokill") as vmm:
        shows(gdb(vmm, "set remote exec-file none", "break leaf", "continue", "run",
                  "p $pc", "info breakpoints", kind="extended-remote"),
              "Breakpoint 1, leaf", "Breakpoint 1, leaf", "already hit 1 time|hit 2")


@each("a vCPU that comes later")
def new_vcpu(way):
    if way == "thread":
        return    # The VMM would have to make a thread for it.
    with interpreter(way, "cpus=1") as vmm:
        shows(gdb(vmm, "set $pc = new_vcpu", "break spin", "continue", "info threads"),
              "Breakpoint 1, spin", "vCPU 1")


@each("the VMM's own monitor command and object")
def extensions(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "monitor greet world", "monitor gr again", "monitor greet",
                  "monitor greet nobody", "monitor help", "monitor help greet",
                  "maint packet qXfer:notes:read::0,fff",
                  "maint packet qXfer:notes:read:long:2,4",
                  "maint packet qXfer:notes:read:none:0,fff"),
              "^hello world$", "^hello again$", "^usage: monitor greet NAME",
              "^greet: No such file", "monitor greet +NAME +greet somebody",
              "monitor greet", r"la note\\x0a", "mnote", "E00")


@each("the VMM's own registers, beside the processor's")
def own_registers(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "p $doorbell", "set $doorbell = 7", "p $serial_1", "thread 2",
                  "p $doorbell", "p $serial_1", "set $doorbell = 9", "thread 1",
                  "maint flush register-cache", "p $doorbell", "set $doorbell = 13",
                  "p $doorbell", "set $serial_1 = 1", "info registers doorbell rip"),
              r"= 0$", r"= -2$", r"= 0$", r"= <unavailable>", r"= 7$",
              r"[Cc]ould not write.*Operation not permitted", r"= 7$",
              r"serial_1 is read-only: the VMM says so", r"^doorbell +0x7", r"^rip ")
        shows(gdb(vmm, "p $star", "p $activity", "p $cs_attr", "monitor msr lstar"),
              r"= <unavailable>", r"= <unavailable>", r"= \[ TYPE=",
              "msr: Operation not supported")


@each("a guest that is held waits for gdb", ("pull", "thread"))
def held(way):
    with interpreter(way, "hold") as vmm:
        time.sleep(0.2)
        shows(gdb(vmm, "p $pc", "p *(long *)&counter", "thread 2", "p $pc"),
              r"0x10000 <_start>", r"= 0$", r"<spin>")


@each("extended-remote: detach, attach again, the list of VMs")
def extended(way):
    with interpreter(way) as vmm:
        shows(gdb(vmm, "info os vms", "detach", "attach 1", "break leaf", "continue",
                  kind="extended-remote"),
              r"interpreter", r"detached", r"hit Breakpoint 1, leaf")


@TAP.test("TCP: the port that the kernel chose, IPv6 as well")
def tcp():
    with interpreter("pull", address="tcp:0") as vmm:
        assert vmm.where.startswith("127.0.0.1:") and not vmm.where.endswith(":0")
        shows(gdb(vmm, "break leaf", "continue"), "Breakpoint 1, leaf")
    if not socket.has_ipv6:
        return
    with interpreter("pull", address="tcp:[::1]:0") as vmm:
        shows(gdb(vmm, "break leaf", "continue"), "Breakpoint 1, leaf")


@TAP.test("addresses that are none, are in use, or are of nobody any more")
def addresses():
    for address in ("tcp:", "tcp:x", "tcp:70000", "tcp:host.example:1", "udp:1", "unix:",
                    "unix:" + "x" * 200, "tcp:-1"):
        said = subprocess.run([os.path.join(BUILD, "interpreter"), "pull", address,
                               os.path.join(BUILD, "guest.bin")], check=False,
                              capture_output=True, text=True, timeout=20)
        assert said.returncode == 1 and "Invalid argument" in said.stderr, said
    with interpreter("pull") as vmm:
        said = subprocess.run([os.path.join(BUILD, "interpreter"), "pull",
                               "unix:" + vmm.path, os.path.join(BUILD, "guest.bin")],
                              check=False, capture_output=True, text=True, timeout=20)
        assert "in use" in said.stderr, said
        vmm.process.kill()
        vmm.process.wait()
        again = Vmm(os.path.join(BUILD, "interpreter"), "pull", "unix:" + vmm.path,
                    os.path.join(BUILD, "guest.bin"))
        with again:
            shows(gdb(again, "p 40 + 2"), "42")


if __name__ == "__main__":
    sys.exit(TAP.run())
