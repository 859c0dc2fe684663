# SPDX-License-Identifier: GPL-2.0-only
"""Sessions of gdb with the daemon, and how gdb is spoken to."""

import re

from session import ELF, INTERRUPT, KILL, Session

SETTINGS = ("set pagination off", "set confirm off", "set width 0", "set remotetimeout 60")


def arguments(session, where):
    """gdb's arguments for a session."""
    script = list(SETTINGS)
    for number, step in enumerate(session.steps):
        script.append(f"echo \\n@{number}@\\n")
        script += session.commands(step, where)
    script.append(f"echo \\n@{len(session.steps)}@\\n")
    options = [word for command in script for word in ("-ex", command)]
    return ["-nx", "-q", "-batch", *options, *([ELF] if session.elf else [])]


def split(session, output):
    """The output of each step; None for what gdb did not come to."""
    found = re.split(r"^@\d+@\n", output, flags=re.M)[1:]
    # The last has the marker behind the end, or it is not whole.
    return [found[number] if number + 1 < len(found) else None
            for number in range(len(session.steps))]


def long_mode():
    """A guest in long mode, from connecting to the end."""
    s = Session()
    s.step("connects, and knows where the guest is", ["target remote WHERE", "info line *$pc"],
           r'Line \d+ of "guest.S"')
    s.step("registers: general, flags, control, vector, x87",
           ["info registers rip eflags cr0 efer", "p $xmm0.uint128", "p $st0", "p/x $cs"],
           r"^rip .*<", r"^eflags .*\[ *[A-Z ]*\]", r"^cr0 .*\[ PE MP ET NE WP AM PG \]",
           r"^efer .*\[ SCE LME LMA NXE \]", r"= 0$", r"= 0$", r"= 0x10$")
    s.step("sets registers", ["set $rax = 0x1122334455667788", "set $xmm3.uint128 = 5",
                              "flushregs", "p/x $rax", "p $al", "p $xmm3.uint128"],
           r"= 0x1122334455667788$", r"= -120$", r"= 5$")
    s.step("disassembles", "x/4i work", r"<work>:\s+push +%rbp", r"mov +%rsp,%rbp",
           r"incq +0x10800", r"call +0x10025 <leaf>")
    s.step("reads and writes memory",
           ["set var *(long *)&counter = 77", "p *(long *)&counter", "x/s &untouched",
            'set var *(char[6] *)0x20000 = "#$}*x"', "x/s 0x20000", "x/x 0x900000"],
           r"= 77$", r'"#\$\}\*\\003 binary ', r'"#\$\}\*x"', r"Cannot access memory at")
    s.step("hits a breakpoint", ["break leaf", "continue", "bt"],
           r"Breakpoint 1, leaf \(\)", r"^#0 +leaf", r"^#1 .* work \(\)", r"^#2 .* loop \(\)")
    s.step("steps: stepi, step, finish, next", ["delete", "stepi", "step", "finish", "next"],
           r"mov\s+%rsp, %rbp", r"inc\s+%rbx", r"^work \(\) at|Run till exit", r"pop\s+%rbp")
    s.step("next steps over a call", ["tbreak *0x1001d", "continue", "next"],
           r"Temporary breakpoint 2, work", r"call\s+leaf", r"\d+\s+nop")
    s.step("a condition, which the daemon evaluates",
           ["set $rbx = 0", "break leaf if $rbx == 20", "continue", "p $rbx",
            "info breakpoints", "delete"],
           r"Breakpoint 3, leaf", r"= 20$", r"stop only if \$rbx == 20 \(target evals\)")
    s.step("a write watchpoint: old and new value",
           ["set var *(long *)&counter = 100", "watch *(long *)&counter", "continue", "continue",
            "delete"],
           r"Hardware watchpoint 4", r"Old value = 100", r"New value = 101",
           r"Old value = 101", r"New value = 102")
    s.step("threads, by name, and switching",
           ["info threads", "thread 2", "p $pc >= spin && $pc < 0x10105", "thread 1"],
           r'^\* 1 +Thread [\d.]*1 "vCPU 0"', r'^  2 +Thread [\d.]*2 "vCPU 1"',
           r"Switching to thread 2", r"= 1$", r"Switching to thread 1")
    s.step("a read watchpoint: only reads hit",
           ["thread 2", "set $rip = reader", "set scheduler-locking on",
            "rwatch *(int *)&counter", "continue", "continue", "delete",
            "set $rip = spin", "set scheduler-locking off", "thread 1"],
           r"Hardware read watchpoint 5", r"Value = \d", r"Value = \d")
    s.step("monitor help: all of its lines", "monitor help",
           r"^monitor help", r"^monitor info", r"^monitor regs", r"^monitor phys ",
           r"^monitor space")
    s.step("detaches and connects again: the guest has run",
           ["break leaf", "continue", "set $r15 = 99", "detach", "target remote WHERE",
            "p $r15", "x/xb leaf", "info threads"],
           r"Breakpoint 6, leaf", r"detached", r"= 99$", r"0x55$", r"vCPU 0", r"vCPU 1")
    s.step("a triple fault has its text", ["delete", "set $rip = triple_fault", "continue",
                                           "x/i $pc"],
           r"vCPU 0: triple fault at 0x10400", r"SIGABRT", r"ud2")
    s.step("kill ends the session", ["kill", "info threads"], r"killed|detached", r"No threads")
    return s


def interrupt():
    """A running guest that the user stops."""
    s = Session()
    s.step("interrupts a running guest",
           ["target remote WHERE", "echo go\\n", "continue", "p $pc < 0x10200", "stepi"],
           r"received signal SIGINT", r"= 1$")
    s.when("go\n", INTERRUPT)
    return s


def killed():
    """The sudden end of gdb while the guest runs."""
    s = Session(whole=True)
    s.step("is killed while the guest runs",
           ["target remote WHERE", "break *0x10464", "echo go\\n", "continue"], r"^go$")
    s.when("go\n", KILL)
    return s


def real_mode():
    """16-bit code, by the mode that the vCPU is in: gdb is told nothing."""
    s = Session("--arch", "auto", env={"FAKE_REAL": "1"}, elf=False)
    s.step("real mode: disassembles 16-bit code", ["target remote WHERE", "x/3i 0x10011"],
           r"push +%bp$", r"dec +%ax$", r"mov +%sp,%bp$")
    s.step("real mode: a breakpoint, and a step",
           ["hbreak *0x10464", "set $eip = 0x10460", "continue", "p/x $cs", "stepi",
            "p/x $cs_base", "show architecture"],
           r"hit Breakpoint 1, 0x00010464", r"= 0x1000$", r"0x00010465", r"= 0x10000$",
           r"i8086")
    return s


def changed_mode():
    """The description of the registers changes while gdb is connected, as vmx-arch does it."""
    s = Session(env={"FAKE_REAL": "1"})
    s.step("another architecture while connected: 16 bits, with the symbols of a 64-bit file",
           ["target remote WHERE", "exec-file", "monitor arch auto", "unset tdesc filename",
            "x/3i work", "info registers eip", "stepi"],
           r"those of i8086", r"<work>:\s+push +%bp$", r"dec +%ax$", r"mov +%sp,%bp$", r"^eip ")
    s.step("another architecture while connected: back to 64 bits, and a breakpoint",
           ["monitor arch x86-64", "unset tdesc filename", "x/2i work", "break leaf", "continue",
            "info registers rip"],
           r"those of x86-64", r"push +%rbp$", r"mov +%rsp,%rbp$", r"Breakpoint 1, leaf",
           r"^rip +0x10025")
    return s


def backwards():
    """Recording, steps back and core files: gdb makes them, from the daemon's registers."""
    s = Session()
    s.step("records, and steps back",
           ["target remote WHERE", "set scheduler-locking on", "tbreak work", "continue",
            "record full", "stepi", "stepi", "p/x $pc", "reverse-stepi", "p/x $pc",
            "reverse-stepi", "p/x $pc", "stepi", "p/x $pc", "record stop"],
           r"= 0x10015$", r"= 0x10012$", r"= 0x10011$", r"= 0x10012$", r"record is stopped")
    s.step("writes a core file, and goes on", ["gcore DIR/core", "stepi"],
           r"Saved corefile", r"incq\s+counter")
    return s


def sessions():
    """All of them."""
    return long_mode(), real_mode(), changed_mode(), backwards(), interrupt(), killed()
