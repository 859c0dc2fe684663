# SPDX-License-Identifier: GPL-2.0-only
"""Sessions of lldb with the daemon, and how lldb is spoken to."""

import re

from session import ELF, INTERRUPT, KILL, TOP, Session

SETTINGS = ("settings set stop-line-count-before 0", "settings set stop-line-count-after 1",
            "settings set target.x86-disassembly-flavor intel",
            "settings set auto-confirm true",
            # This machine may be busy.
            "settings set plugin.process.gdb-remote.packet-timeout 30")

# A command that does nothing, and whose echo nobody else prints.
MARK = "command alias step-{} continue"


def line(label, count):
    """The line of the guest's source that is so many lines after a label, as lldb writes it."""
    lines = (TOP / "tests/rsp/guest.S").read_text(encoding="ascii").splitlines()
    return rf"guest\.S:{lines.index(label + ':') + 1 + count}\b"


def arguments(session, where):
    """lldb's arguments for a session. Only commands from a file go on after an error."""
    if session.typed:
        return ["--no-use-colors", "-x"]
    script = list(SETTINGS)
    for number, step in enumerate(session.steps):
        script.append(MARK.format(number))
        script += session.commands(step, where)
    script.append(MARK.format(len(session.steps)))
    commands = session.file("commands", "\n".join(script) + "\n")
    return ["--no-use-colors", "-x", "-b", "-o", f"command source -e false -c false {commands}",
            *([ELF] if session.elf else [])]


def split(session, output):
    """The output of each step; None for what lldb did not come to."""
    found = re.split(r"^\(lldb\) command alias step-\d+ continue\n", output, flags=re.M)[1:]
    return [found[number] if number + 1 < len(found) else None
            for number in range(len(session.steps))]


def with_elf():
    """A guest in long mode, by the names of its ELF."""
    s = Session()
    s.step("connects, and knows where the guest is", "gdb-remote WHERE",
           r"Process \d+ stopped", r"thread #1", r"guest.S:\d+")
    s.step("registers, and names for their bits",
           ["register read rip cr0 efer", "register write rax 0x1122334455667788",
            "register read rax al"],
           r"^ +rip = 0x\w{16} ", r"^ +cr0 = 0x0*80050033", r"^ +efer = 0x\w*d01",
           r"rax = 0x1122334455667788", r"al = 0x88")
    s.step("disassembles", "disassemble -n work -c 4", r"push +rbp", r"mov +rbp, rsp",
           r"inc +qword ptr \[0x10800\]", r"call +0x10025")
    s.step("hits a breakpoint, and finds the frames",
           ["breakpoint set -n leaf", "continue", "bt"],
           r"leaf \+ 1", r"stop reason = breakpoint 1\.1", r"frame #0: .*leaf",
           r"frame #1: .*work", r"frame #2: .*loop")
    s.step("steps: an instruction, out, over",
           ["thread step-inst", "thread step-out", "thread step-over"],
           r"stop reason = instruction step into", rf"leaf at {line('leaf', 3)}",
           r"stop reason = step out", rf"work at {line('work', 5)}",
           r"stop reason = step over", rf"work at {line('work', 6)}")
    s.step("steps over a call", ["breakpoint delete -f", "breakpoint set -a 0x1001d",
                                 "continue", "thread step-over", "breakpoint delete -f"],
           r"stop reason = breakpoint 2\.1", r"stop reason = step over",
           rf"work at {line('work', 5)}")
    s.step("memory: writes and reads",
           ["memory write -s 8 0x10800 100", "memory read -c 16 0x10808",
            "memory write 0x20000 0x23 0x24 0x7d 0x2a", "memory read -c 4 0x20000"],
           r"23 24 7d 2a 03 20 62 69", r"0x00020000: 23 24 7d 2a")
    s.step("memory that is not there", "memory read 0x900000",
           r"error: .*memory read failed for 0x900000")
    s.step("a write watchpoint: old and new value",
           ["watchpoint set expression -w write -- (long*)0x10800", "continue", "continue",
            "watchpoint delete -f"],
           r"Watchpoint created", r"old value: 0x0*100$", r"new value: 0x0*101$",
           r"stop reason = watchpoint 1", r"old value: 0x0*101$", r"new value: 0x0*102$")
    s.step("threads, and switching",
           ["thread list", "thread select 2", "register read rip", "thread select 1"],
           r"^\* thread #1: .*vCPU 0", r"^  thread #2: .*vCPU 1", r"rip = 0x00000000000101")
    s.step("a read watchpoint",
           ["thread select 2", "register write rip 0x10440",
            "watchpoint set expression -w read -- (int*)0x10800", "continue", "continue",
            "watchpoint delete -f", "thread select 1"],
           r"Watchpoint created", r"thread #2, .*stop reason = watchpoint 2",
           r"thread #2, .*stop reason = watchpoint 2")
    s.step("monitor help: all of its lines", "process plugin packet monitor help",
           r"^monitor help", r"^monitor info", r"^monitor regs", r"^monitor phys ",
           r"^monitor space", r"^response: OK")
    s.step("detaches and connects again: the guest has run",
           ["breakpoint set -n leaf", "continue", "register write r15 99",
            "breakpoint delete -f", "detach", "gdb-remote WHERE", "register read r15"],
           r"stop reason = breakpoint", r"Process \d+ stopped",
           r"r15 = 0x0*63$")
    s.step("a triple fault has its text", ["register write rip 0x10400", "continue"],
           r"vCPU 0: triple fault at 0x10400", r"stop reason = .*SIGABRT")
    return s


def without_elf():
    """A guest without an ELF: lldb finds out by itself."""
    s = Session(elf=False)
    s.step("knows the machine without an ELF", ["gdb-remote WHERE", "target list"],
           r"Process \d+ stopped", r"arch=x86_64")
    s.step("reads all registers", "register read --all", r"^ +rax = ", r"^ +rip = ",
           r"^ +st0 = ", r"^ +cr3 = 0x", never=[r"^ +(rax|rip|st0|xmm0) = .*unavailable"])
    s.step("sets a breakpoint and a watchpoint by address",
           ["breakpoint set -a 0x10025", "continue", "breakpoint delete -f",
            "watchpoint set expression -w read_write -- (long*)0x10800", "continue"],
           r"stop reason = breakpoint 1\.1", r"stop reason = watchpoint 1", r"0x1001d")
    s.step("reads memory regions", ["memory region 0x10000", "memory region 0x900000"],
           r"^\[0x\w+-0x\w+\) r\S+", r"^\[0x\w+-0x\w+\) ---")
    s.step("evaluates expressions", ["expression (int)1 + 2", "expression -f x -- $rip"],
           r"= 3$", r"= 0x0*1001d$")
    s.step("writes no core file, or a whole one, and goes on",
           ["process save-core DIR/core", "register read rip"], r"rip = 0x0*1001d")
    return s


def connect(s):
    """lldb may have a prompt before it has a process."""
    s.when("", "\n".join([*SETTINGS, "gdb-remote WHERE"]))
    s.when("stop reason", "thread list")


def kill():
    """lldb's word for the end. The state changes some time after the command."""
    s = Session(typed=True)
    s.step("kill ends the session without an error", [], r"Process \d+ exited with status",
           never=[r"failed to send k", r"unexpected response"])
    connect(s)
    s.when("thread #2", "kill")
    s.when("exited with status", "quit")
    return s


def interrupt():
    """A running guest that the user stops. lldb looks at ^C only at its prompt."""
    s = Session(typed=True)
    s.step("interrupts a running guest", [], r"stop reason = signal SIGINT",
           r"rip = 0x000000000001", r"stop reason = instruction step into")
    connect(s)
    s.when("thread #2", "continue")
    s.when("resuming", INTERRUPT)
    s.when("stop reason = signal SIGINT", "register read rip\nthread step-inst")
    s.when("instruction step into", "quit")
    return s


def killed():
    """The sudden end of lldb while the guest runs."""
    s = Session(typed=True)
    s.step("is killed while the guest runs", [], r"resuming")
    connect(s)
    s.when("thread #2", "breakpoint set -a 0x10464\ncontinue")
    s.when("resuming", KILL)
    return s


def real_mode():
    """16-bit code, by the mode that the vCPU is in."""
    s = Session("--arch", "auto", env={"FAKE_REAL": "1"}, elf=False)
    s.step("real mode: disassembles 16-bit code",
           ["gdb-remote WHERE", "disassemble -s 0x10011 -c 3"],
           r"push +bp$", r"dec +ax$", r"mov +bp, sp$")
    s.step("real mode: a breakpoint, and a step",
           ["breakpoint set -H -a 0x10464", "register write eip 0x10460", "continue",
            "thread step-inst", "register read eip"],
           r"stop reason = breakpoint 1\.1", r"instruction step into", r"eip = 0x00010465")
    return s


def sessions():
    """All of them."""
    return with_elf(), without_elf(), real_mode(), interrupt(), kill(), killed()
