#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the real gdb with the daemon's fake guest."""
import contextlib
import os
import re
import subprocess
import sys

import rsp
from rsp import Daemon

TAP = rsp.Tap()
test = TAP.test
ELF = os.path.join(rsp.BUILD, "guest.elf")


def gdb(*commands, daemon=None, env=None, options=(), elf=True, connect=None):
    """Return gdb's output for the commands, run after it has connected."""
    own = daemon is None
    daemon = daemon or Daemon(*options, env=env, transport="tcp")
    try:
        if connect is None:
            assert daemon.wait_said("waiting for gdb")
            where = re.search(r"gdb at (\S+)", daemon.said())[1]
            connect = f"target remote {where}"
        script = ["set pagination off", "set confirm off", "set width 0",
                  "set remotetimeout 60", connect, *commands]
        args = [arg for command in script for arg in ("-ex", command)]
        result = subprocess.run(
            ["gdb", "-nx", "-q", "-batch", *args, *([ELF] if elf else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
            errors="replace")
    finally:
        if own:
            daemon.end()
    for complaint in ("Ignoring packet error", "timeout", "Protocol error",
                      "invalid hex digit", "Bogus trace", "unrecognized item",
                      "Remote replied unexpectedly", "Reply contains"):
        assert complaint not in result.stdout, result.stdout
    return result.stdout


def shows(output, *patterns):
    """Check that the patterns occur in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(output, at)
        assert found, f"no {pattern!r} after:\n{output[:at]}\n--- in:\n" \
            + output[at:]
        at = found.end()


@test("connect: source line, symbols, threads by name")
def connect():
    shows(gdb("info threads", "info line *$pc"),
          r'^\* 1 +Thread 7.1 "vCPU 0" \(host thread 5000\)',
          r'^  2 +Thread 7.2 "vCPU 1" \(host thread 5001\) spin \(\)',
          r"Line \d+ of \"guest.S\"")


@test("info registers: general, control, vector and x87, with names for bits")
def registers():
    shows(gdb("info registers", "info registers rip", "p $xmm0.uint128",
              "p $mxcsr", "p $fctrl", "p $cr0", "p $efer", "p $st0",
              "info registers fs_base gs_base", "info all-registers"),
          r"^rax ", r"^rip .*<", r"^eflags +0x2 ",
          r"^cr0 +0x80050033 +\[ PE MP ET NE WP AM PG \]",
          r"^efer +0xd01 +\[ SCE LME LMA NXE \]",
          r"^rip ", r"= 0$", r"= \[ IM DM ZM OM UM PM \]", r"= 895$",
          r"\[ PE MP ET", r"\[ SCE LME", r"= 0$", r"^fs_base ",
          r"gs_base +0xffff888000000000",
          r"^st7 ", r"^zmm15 ")


@test("set registers: general, flags, vector, control")
def set_registers():
    shows(gdb("set $rax = 0x1122334455667788", "set $eflags |= 1",
              "set $xmm3.uint128 = 5", "set $cr2 = 0x1234", "set $st0 = 2.5",
              "flushregs", "p/x $rax", "p $eflags", "p $xmm3.uint128",
              "p/x $cr2", "p $st0", "p $al"),
          r"= 0x1122334455667788", r"= \[ CF \]", r"= 5$", r"= 0x1234$",
          r"= 2.5$", r"= -120")


@test("memory: read, write, strings, disassembly, find, dump and compare")
def memory():
    dump = f"/tmp/rsp.dump.{os.getpid()}"
    try:
        shows(gdb("x/2i work", "set var *(long *)&counter = 77",
                  "p *(long *)&counter",
                  "set var *(char[16] *)0x20000 = \"#$}* binary\"",
                  "x/s 0x20000", "find 0x20000, +0x1000, '}', '*'",
                  "x/4xb 0xffffffff80010000", "x/x 0x900000",
                  f"dump binary memory {dump} 0 0x200000",
                  f"restore {dump} binary 0", "compare-sections"),
              r"work>:\s+push +%rbp", r"= 77$", r'"#\$\}\* binary"',
              r"^0x20002", r"0x48\s+0xc7\s+0xc4", r"Cannot access memory at",
              r"Section .text.*MIS-MATCHED")
        with open(dump, "rb") as file:
            data = file.read()
        assert len(data) == 0x200000
        assert data[0x20000:0x20004] == b"#$}*"
        assert data[0x10000:0x10003] == b"\x48\xc7\xc4"
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(dump)


@test("break, continue, backtrace, finish, delete")
def breakpoints():
    shows(gdb("break leaf", "continue", "bt", "finish", "continue 2",
              "info breakpoints", "delete", "tbreak work", "continue",
              "info breakpoints"),
          r"hit Breakpoint 1, leaf \(\)", r"^#0 +leaf", r"^#1 .* work \(\)",
          r"^#2 .* loop \(\)", r"^work \(\) at", r"hit Breakpoint 1, leaf",
          r"already hit 2 times", r"hit Temporary breakpoint 2, work",
          r"No breakpoints")


@test("the guest's memory shows no breakpoint")
def invisible():
    shows(gdb("set breakpoint always-inserted on", "break leaf", "break work",
              "continue", "set var *(long *)&counter = 0",
              "compare-sections", "x/xb leaf", "x/i leaf"),
          r" matched", r"0x55", r"push")


@test("hbreak, and more than there are debug registers")
def hardware():
    shows(gdb("hbreak leaf", "continue", "info breakpoints",
              "hbreak *0x10460", "hbreak *0x10461", "hbreak *0x10462",
              "hbreak *0x10463", "continue", "delete 5",
              "set $rip = 0x10460", "continue", "continue", "continue"),
          r"hit Breakpoint 1, leaf", r"hw breakpoint",
          r"hit Breakpoint 1, leaf", r"hit Breakpoint 2", r"hit Breakpoint 3",
          r"hit Breakpoint 4")


@test("watch: a region of 64 bytes")
def watch_long():
    shows(gdb("set can-use-hw-watchpoints 1",
              "watch *(char(*)[64])((char *)&counter - 8)", "continue"),
          r"Hardware watchpoint 1", r"hit Hardware watchpoint 1")


@test("record: reverse-stepi and reverse-continue on the whole machine; gcore")
def reverse():
    core = f"/tmp/rsp.core.{os.getpid()}"
    try:
        out = gdb("set scheduler-locking on", "break work", "continue", "p $pc",
                  "set $at = $pc", "record full", "stepi", "stepi", "stepi",
                  "reverse-stepi", "reverse-continue", "p $pc == $at",
                  "record stop", f"gcore {core}")
        shows(out, r"hit Breakpoint 1, work", r"= 1$", r"Saved corefile")
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(core)


@test("stepi, nexti, step, next, until: by instruction and by line")
def steps():
    shows(gdb("break work", "continue", "delete", "stepi", "stepi", "step",
              "step", "next", "step", "step", "step", "nexti", "stepi",
              "x/i $pc"),
          r"hit Breakpoint 1, work", r"mov\s+%rsp, %rbp", r"incq\s+counter",
          r"call\s+leaf", r"^leaf \(\)", r"inc\s+%rbx", r"pop\s+%rbp", r"ret",
          r"^work \(\)", r"=> 0x")


@test("next steps over a call, and stops at a breakpoint inside it")
def next_over():
    shows(gdb("break *0x1001d", "continue", "next", "delete", "break leaf",
              "break *0x1001d", "continue", "next"),
          r"hit Breakpoint 1", r"\d+\s+nop", r"hit Breakpoint 3",
          r"hit Breakpoint 2, leaf")


@test("watch: old and new value")
def watch():
    shows(gdb("set var *(long *)&counter = 100", "watch *(long *)&counter",
              "continue", "continue"),
          r"Hardware watchpoint 1", r"Old value = 100", r"New value = 101",
          r"Old value = 101", r"New value = 102")


@test("awatch and rwatch: a read")
def watch_read():
    shows(gdb("thread 2", "set $rip = reader", "set scheduler-locking on",
              "awatch *(int *)&counter", "continue", "delete",
              "rwatch *(int *)&counter", "continue", "continue"),
          r"Hardware access \(read/write\) watchpoint 1", r"Value = ",
          r"Hardware read watchpoint 2", r"Value = ", r"Value = ")


@test("rwatch: a write that changes the value is not shown")
def watch_read_only():
    out = gdb("rwatch *(long *)&counter", "tbreak *0x10022", "continue")
    shows(out, r"hit Temporary breakpoint 2")
    assert "Value =" not in out, out


@test("watch: a region that needs several debug registers")
def watch_odd():
    shows(gdb("watch *(char[11] *)((char *)&counter - 1)", "continue"),
          r"Hardware watchpoint 1", r"hit Hardware watchpoint 1")


@test("conditions and ignore counts")
def conditions():
    shows(gdb("set $rbx = 0", "set var *(long *)&counter = 0",
              "break leaf if $rbx == 20", "continue", "p $rbx", "ignore 1 1", "condition 1",
              "continue", "p $rbx"),
          r"hit Breakpoint 1, leaf", r"= 20$", r"hit Breakpoint 1", r"= 22$")


@test("threads: both vCPUs at one breakpoint, one after the other")
def two_threads():
    shows(gdb("thread apply all set $rip = straight", "break *0x10464",
              "continue", "continue", "info threads", "thread apply all p $pc"),
          r"Thread [12] .* hit Breakpoint 1", r"Thread [12] .* hit Breakpoint 1",
          r"1 +Thread 7.1 .*guest.S", r"2 +Thread 7.2 .*guest.S",
          # gdb has stepped the first over the breakpoint before
          r"0x1046[45]", r"0x1046[45]")


@test("scheduler-locking: one vCPU steps, the other stays")
def locking():
    shows(gdb("set scheduler-locking on", "thread 2", "p $pc == spin",
              "thread 1", "stepi", "stepi", "stepi", "thread 2", "set $a = $rax",
              "thread 1", "stepi", "thread 2", "p $rax - $a"),
          r"= 0$")


@test("triple fault: its text, SIGABRT, and the state at the fault")
def triple_fault():
    shows(gdb("set $rip = triple_fault", "continue", "x/i $pc"),
          r"vCPU 0: triple fault at 0x10400", r"SIGABRT", r"ud2")


@test("the end of the VM")
def vm_ends():
    shows(gdb("set $rip = vm_ends", "continue", "info threads"),
          r"exited normally", r"No threads")


@test("monitor commands")
def monitor():
    shows(gdb("monitor help", "monitor info", "monitor regs",
              "monitor translate 0xffffffff80010000", "monitor phys 0x10000"),
          r"^monitor help", r"guest memory is not written", r"^cr0 ",
          r"at physical 0x10000", r"48 c7 c4")


@test("physical memory, with QEMU's packet and with monitor")
def physical():
    shows(gdb("maintenance packet Qqemu.PhyMemMode:1", "x/xb 0xffffffff80010000",
              "x/xb 0x10000", "maintenance packet Qqemu.PhyMemMode:0",
              "x/xb 0xffffffff80010000"),
          r"Cannot access memory", r"0x48", r"0x48")


@test("detach and connect again: no breakpoint is left, the guest has run")
def detach():
    daemon = Daemon(transport="tcp")
    try:
        shows(gdb("break leaf", "continue", "set $r15 = 99", "detach",
                  daemon=daemon), r"hit Breakpoint 1", r"detached")
        shows(gdb("p $r15", "x/xb leaf", "detach", daemon=daemon), r"= 99",
              r"0x55")
        # gdb quits at the end of its commands, without detach
        gdb("break leaf", "continue", daemon=daemon)
        shows(gdb("p $r15", "kill", daemon=daemon), r"= 99")
        shows(gdb("p $r15", daemon=daemon), r"= 99")
    finally:
        daemon.end()


@test("target remote | vmxdbgd --stdio")
def pipe():
    command = " ".join([os.path.join(rsp.BUILD, "fake-vmxdbgd"), "--device",
                        os.path.join(rsp.BUILD, "guest.bin"), "--stdio"])
    with contextlib.closing(Daemon()) as unused:
        assert unused.wait_said("waiting for gdb")
        shows(gdb("break leaf", "continue", "detach", daemon=unused,
                  connect="target remote | " + command),
              r"hit Breakpoint 1, leaf", r"detached")


@test("a serial line")
def serial():
    daemon = Daemon(transport="serial")
    other, name = os.openpty()
    path = os.ttyname(name)
    # Two pseudo-terminals back to back are a line.
    pump = subprocess.Popen([sys.executable, "-c", PUMP, str(daemon.master),
                             str(other)], pass_fds=(daemon.master, other))
    try:
        assert daemon.wait_said("waiting for gdb")
        for _ in range(2):
            shows(gdb("break leaf", "continue", "stepi", "x/s 0x10808",
                      "detach", daemon=daemon,
                      connect=f"target remote {path}"),
                  r"hit Breakpoint 1, leaf", r"mov", r"binary", r"detached")
    finally:
        pump.kill()
        pump.wait()
        daemon.end()


PUMP = """
import os, select, sys, tty
a, b = int(sys.argv[1]), int(sys.argv[2])
tty.setraw(b)
while True:
    for fd in select.select([a, b], [], [])[0]:
        try:
            os.write(b if fd == a else a, os.read(fd, 4096))
        except OSError:
            select.select([], [], [], 0.05)
"""


@test("--arch i386 in real mode: flat pc")
def real_mode():
    shows(gdb("info registers eip",
              "hbreak *0x10464", "set $eip = 0x10460", "continue",
              "p/x $cs", "p/x $eip", "stepi", "info registers cs_base",
              env={"FAKE_REAL": "1"}, options=("--arch", "i386"), elf=False),
          r"eip +0x10", r"hit Breakpoint 1, 0x00010464", r"0x1000$",
          r"0x10464$", r"0x00010465", r"0x10000")


@test("--arch auto and i8086 in real mode: 16-bit disassembly by itself")
def sixteen_bits():
    for arch in ("auto", "i8086"):
        out = gdb("set var {char[6]}0x10500 = {0xe8, 3, 0, 0x55, 0x90, 0xf4}",
                  "x/4i 0x10500", "hbreak *0x10464", "set $eip = 0x10460", "continue",
                  "stepi", "info registers eip",
                  env={"FAKE_REAL": "1"}, options=("--arch", arch), elf=False)
        shows(out, r"call +0x10506", r"push +%bp", r"nop", r"hlt",
              r"hit Breakpoint 1, 0x00010464", r"eip +0x10465")
        assert "OS ABI" not in out and "rchitecture" not in out, out


@test("--arch auto in long mode: the 64-bit registers")
def auto_long():
    shows(gdb("info registers r15", options=("--arch", "auto")), r"^r15 ")


@test("a second debugger reads why it is refused")
def refused():
    daemon = Daemon(transport="tcp")
    try:
        assert daemon.wait_said("waiting for gdb")
        first = daemon.connect_tcp()
        assert first.ask("qC") == "QC1"
        shows(gdb(daemon=daemon), r"another debugger has this VM")
        first.close()
    finally:
        daemon.end()


@test("extended-remote: detach, info os, attach, kill, run on")
def extended():
    daemon = Daemon(transport="tcp")
    try:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+)", daemon.said())[1]
        shows(gdb("info inferiors", "info os vms", "detach", "info threads",
                  "attach 7", "break leaf", "continue", "kill", "info threads",
                  "attach 7", "p $pc", "info os vcpus",
                  daemon=daemon, connect=f"target extended-remote {where}"),
              r"process 7", r"fakevmm", r"[Dd]etach", r"No threads",
              r"hit Breakpoint 1, leaf", r"killed", r"No threads",
              r"\$1 = ", r"host thread 5001")
    finally:
        daemon.end()


if __name__ == "__main__":
    sys.exit(TAP.run())
