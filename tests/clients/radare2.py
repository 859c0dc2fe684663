# SPDX-License-Identifier: GPL-2.0-only
"""Sessions of radare2 with the daemon, and how radare2 is spoken to."""

import re

from session import INTERRUPT, KILL, Session

# Without the second, it asks for maps, and refuses breakpoints outside of them.
SETTINGS = ("scr.color=0", "dbg.bpinmaps=false", "scr.interactive=false")


def arguments(session, where):
    """radare2's arguments for a session."""
    script = []
    for number, step in enumerate(session.steps):
        script.append(f"?e =={number}==")
        script += session.commands(step, where)
    script.append(f"?e =={len(session.steps)}==")
    options = [word for setting in SETTINGS for word in ("-e", setting)]
    return ["-N", "-q", *options, "-c", ";".join(script), "-d", f"gdb://{where}"]


def split(session, output):
    """The output of each step; None for what radare2 did not come to."""
    found = re.split(r"^==\d+==\n", output, flags=re.M)[1:]
    return [found[number] if number + 1 < len(found) else None
            for number in range(len(session.steps))]


def long_mode():
    """A guest in long mode, from connecting to the end."""
    s = Session(elf=False)
    s.step("connects: registers, and sets one",
           ["dr rip", "dr rax=0x1122334455667788", "dr rax", "dr cr0"],
           r"^0x000100\w\w$", r"-> 0x1122334455667788", r"^0x1122334455667788$",
           r"^0x80050033$")
    s.step("disassembles", "pd 4 @ 0x10011", r"push rbp", r"mov rbp, rsp",
           r"inc qword \[0x10800\]", r"call 0x10025")
    s.step("reads and writes memory", ["px 16 @ 0x10808", "wx 23247d2a @ 0x20000",
                                       "p8 4 @ 0x20000"],
           r"2324 7d2a 0320", r"^23247d2a$")
    s.step("hits a breakpoint, and steps", ["db 0x10025", "dc", "dr rip", "ds", "dr rip",
                                            "ds", "dr rip", "db- 0x10025"],
           r"^0x00010025$", r"^0x00010026$", r"^0x00010029$")
    s.step("threads, and switching", ["dpt", "dpt=2", "dr rip", "dpt=1"],
           r"^ \* 1 s", r"^ - 2 s", r"^0x000101\w\w$")
    s.step("monitor help: all of its lines", ":monitor help",
           r"^monitor help", r"^monitor info", r"^monitor regs", r"^monitor space")
    s.step("a write watchpoint", ["dbw 0x10800 w", "dc", "dr rip", "db- 0x10800"],
           r"^0x0001001d$")
    s.step("detaches", ":detach")
    return s


def real_mode():
    """16-bit code. radare2 has to be told, but finds the registers."""
    s = Session("--arch", "auto", env={"FAKE_REAL": "1"}, elf=False)
    s.step("real mode: registers, disassembly, a step",
           ["e asm.bits=16", "dr cs", "pd 3 @ 0x10011", "dr eip=0x10464", "ds", "dr eip"],
           r"^0x00001000$", r"push bp$", r"dec ax$", r"mov bp, sp$", r"^0x00010465$")
    return s


def triple_fault():
    """The end of a guest. radare2 takes console output for the stop, and reads the stop
    for the answer to its next packet: nothing can come after this."""
    s = Session(elf=False)
    s.step("a triple fault is a signal", ["dr rip=0x10400", "dc"], r"SIGABRT received")
    return s


def interrupt():
    """A running guest that the user stops."""
    s = Session(elf=False)
    s.step("interrupts a running guest", ["?e go", "dc", "dr rip"], r"^0x000100\w\w$")
    s.when("go\n", INTERRUPT)
    return s


def killed():
    """The sudden end of radare2 while the guest runs."""
    s = Session(elf=False, whole=True)
    s.step("is killed while the guest runs", ["db 0x10464", "?e go", "dc"], r"^go$")
    s.when("go\n", KILL)
    return s


def sessions():
    """All of them."""
    return long_mode(), real_mode(), triple_fault(), interrupt(), killed()
