#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what graphical front ends send, with the fake guest.

IDA speaks the protocol itself. Ghidra and others drive the real gdb, and read what its
commands print.
"""
import re
import sys

from protocol import COUNTER, LEAF, RIP, equal, get, guest, matches
from rsp import Tap, le
from with_gdb import gdb, shows

TAP = Tap()
test = TAP.test


def ida(line, supported="qSupported:xmlRegisters=i386,arm,mips"):
    """The packets with which IDA begins, in its order. Returns the features' names."""
    features = line.ask(supported)
    equal(line.ask("QStartNoAckMode"), "OK")
    line.noack = True
    equal(line.ask("!"), "OK")
    equal(line.ask("Hg0"), "OK")
    return features


def description(line, size):
    """The target description and all that it includes, in pieces of this size."""
    def read(name):
        text, last = "", ""
        while last != "l":
            reply = line.ask(f"qXfer:features:read:{name}:{len(text.encode()):x},{size:x}")
            last, text = reply[:1], text + reply[1:]
            assert last in ("m", "l"), reply
        return text

    text = read("target.xml")
    return text + "".join(read(name) for name in re.findall(r'href="([^"]+)"', text))


@test("IDA: attaches to the number that it asks its user for")
def ida_attaches():
    with guest(features=None) as g:
        features = ida(g)
        matches(r"(.*;)?qXfer:features:read\+(;.*)?", features)
        assert "<reg name=\"rip\"" in description(g, 0xfff)
        matches(r"T05.*thread:.*", g.ask("vAttach;7"))
        matches(r"m.*", g.ask("qfThreadInfo"))
        equal(g.ask("qsThreadInfo"), "l")


@test("IDA: a version that writes qSupported without a colon gets the features as well")
def ida_without_colon():
    with guest(features=None) as g:
        matches(r"(.*;)?qXfer:features:read\+(;.*)?", ida(g, "qSupported"))


@test("IDA: general registers, memory, a breakpoint, a step, a detach, without a thread's name")
def ida_works():
    with guest(features=None) as g:
        ida(g)
        matches(r"T05.*", g.ask("?"))
        assert len(g.ask("g")) >= 24 * 8 * 2
        equal(len(g.ask(f"m{COUNTER:x},10")), 32)
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        equal(g.ask("Hc0"), "OK")
        matches(r"[ST]05.*", g.ask("c"))
        equal(get(g, RIP), LEAF)
        equal(g.ask(f"z0,{LEAF:x},1"), "OK")
        matches(r"[ST]05.*", g.ask("s"))
        assert get(g, RIP) != LEAF
        equal(g.ask(f"M{COUNTER:x},8:{le(9)}"), "OK")
        equal(g.ask(f"m{COUNTER:x},8"), le(9))
        equal(g.ask("D"), "OK")


# The columns that Ghidra's agent reads, by its source: number, user, command.
PROCESS = r"^ *7 +[0-9A-Za-z]+ +\S"


@test("Ghidra: the list to attach to has a number, a user and a command in each line")
def ghidra_available():
    shows(gdb("info os processes"), PROCESS)


@test("Ghidra: memory: no ranges of a process, so all of it; modules by their sections")
def ghidra_memory():
    output = gdb("info proc mappings", "echo next\\n",
                 "maintenance info sections -all-objects")
    # Lines of ranges begin with three numbers. None of a process of this machine is shown.
    assert not re.search(r"^ *0x\w+ +0x\w+ +0x\w+", output.split("next\n")[0], re.M), output
    shows(output, r"^(Object|Exec) file: `.*guest\.elf', file type ",
          r"^ *\[\d+\] +0x\w+ *-> *0x\w+ at 0x\w+: \.text ")


@test("Ghidra: by gdb's Python: threads, frames, registers by group, memory, places to stop")
def ghidra_python():
    output = gdb(
        "break leaf", "continue",
        "python print('threads', [t.ptid for t in gdb.selected_inferior().threads()])",
        "python frame = gdb.selected_frame()",
        "python print('frames', frame.name(), frame.older().name(), frame.level())",
        "python names = {r.name for r in frame.architecture().registers('general')}",
        "python print('general', {'rax', 'rip', 'eflags'} <= names)",
        "python print('read', int(frame.read_register('rip')) == frame.pc())",
        "python memory = gdb.selected_inferior().read_memory(frame.pc(), 2).tobytes()",
        "python print('memory', len(memory))",
        "python print('places', [hex(l.address) for b in gdb.breakpoints() "
        "for l in getattr(b, 'locations', [])] or 'none')",
        "python print('at', gdb.selected_inferior().pid)")
    assert "Python" not in output, output
    shows(output, r"^threads \[\(7, \d+, \d+\), \(7, \d+, \d+\)\]", r"^frames leaf work 0",
          r"^general True", r"^read True", r"^memory 2", r"^places ", r"^at 7")


@test("front ends by MI (Eclipse, CLion, Visual Studio Code): threads, frames, memory, a step")
def machine_interface():
    output = gdb("interpreter-exec mi \"-list-target-features\"",
                 "interpreter-exec mi \"-data-list-register-values x 0\"",
                 "interpreter-exec mi \"-thread-info\"",
                 "interpreter-exec mi \"-stack-list-frames\"",
                 "interpreter-exec mi \"-data-read-memory-bytes &counter 8\"",
                 "interpreter-exec mi \"-break-insert -h *leaf\"", "continue",
                 "interpreter-exec mi \"-exec-next-instruction\"")
    shows(output, r'^\^done,features=\[', r'^\^done,register-values=\[\{number="0"',
          r'^\^done,threads=\[', r'target-id="Thread 7\.\d"', r'^\^done,stack=\[frame=',
          r'^\^done,memory=\[\{begin="0x', r'^\^done,bkpt=\{number="1",type="hw breakpoint"', r"hit Breakpoint 1, leaf",
          r"^\^(running|done)")


if __name__ == "__main__":
    sys.exit(TAP.run())
