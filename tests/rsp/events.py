#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of catches, conditions, watchpoints by physical address, and "monitor why"."""
import os
import random
import struct
import subprocess
import sys
import tempfile

import rsp
from protocol import COUNTER, KERNEL, LEAF, RIP, START, STRAIGHT, TRIPLE_FAULT, WORK, \
    WRITER, WRITTEN, equal, fields, get, guest, matches, put

TAP = rsp.Tap()
test = TAP.test

# guest.S
EVENTS = 0x10500
IN, OUT, CPUID, RDTSC, RDMSR, WRMSR = range(EVENTS, EVENTS + 12, 2)
VMCALL, MOV_CR3, INT3, INT_DE, INT_GP, INT_PF = \
    0x1050c, 0x1050f, 0x10512, 0x10513, 0x10515, 0x10517
END = 0x10519
SLEEP = 0x10430
RAX, RCX, RSI, CR3 = 0, 2, 4, 0x3d


def at_events(line):
    """Let vCPU 0 run the loop of events, from its beginning."""
    put(line, RIP, EVENTS, thread=1)


def go(line, packet="vCont;c:1"):
    """Resume vCPU 0. Return the text before the stop reply, and the reply."""
    line.send(packet)
    text = ""
    while True:
        reply = line.recv()
        if reply is None or reply[0] != "O":
            return text, reply
        text += bytes.fromhex(reply[1:]).decode()


def rip(stop):
    return int.from_bytes(bytes.fromhex(fields(stop)["10"]), "little")


def stops(line, catch, where, text, signal=5):
    """A catch stops the loop of events once, there, with a text and a signal."""
    at_events(line)
    matches(r"catchpoint \d+: catch .*\n", line.monitor("catch " + catch))
    said, stop = go(line)
    matches(r"T%02x.*" % signal, stop)
    equal(rip(stop), where)
    matches(r"catchpoint \d+: vCPU 0 at 0x%x: %s\n" % (where, text), said)
    matches(r"vCPU 0 at 0x%x:\n  %s\n.*" % (where, text), line.monitor("why"))
    equal(line.monitor("uncatch all"), "")
    # The next catch is of another execution of the instruction.
    matches(r"T05.*", line.ask("vCont;s:1"))


# ---- events ----

@test("catch io: an IN and an OUT, by port and direction")
def catch_io():
    with guest() as g:
        put(g, RAX, 0x41, thread=1)
        stops(g, "io", IN, r"in from port 0x60, 1 byte")
        stops(g, "io 0x60-0x6f", IN, r"in from port 0x60, 1 byte")
        stops(g, "io 0x61", OUT, r"out to port 0x61, 1 byte: 0x41")
        stops(g, "io write", OUT, r"out to port 0x61, 1 byte: 0x41")
        stops(g, "io out", OUT, r"out to port 0x61, 1 byte: 0x41")
        stops(g, "io in", IN, r"in from port 0x60, 1 byte")


@test("catch msr: by number, range and name; the value of a write")
def catch_msr():
    with guest() as g:
        put(g, RCX, 0xc0000082, thread=1)
        put(g, RAX, 0x1234, thread=1)
        for name in "0xc0000082", "lstar", "MSR_LSTAR", "star-lstar", "0xc0000080-lstar":
            stops(g, f"msr {name}", RDMSR, r"read of MSR 0xc0000082 \(lstar\)")
        stops(g, "msr write", WRMSR, r"write of MSR 0xc0000082 \(lstar\): 0x1234")


@test("catch cr, cpuid, rdtsc, vmcall, hlt: what they stop at, and their data in words")
def catch_instructions():
    with guest() as g:
        put(g, RAX, 7, thread=1)
        stops(g, "cr", MOV_CR3, r"write of cr3: 0x7, before 0x1000")
        stops(g, "cr cr3", MOV_CR3, r"write of cr3: 0x7, before 0x1000")
        stops(g, "cr 3", MOV_CR3, r"write of cr3: 0x7, before 0x1000")
        stops(g, "cpuid 7", CPUID, r"cpuid of leaf 0x7, subleaf 0x0")
        stops(g, "rdtsc", RDTSC, r"rdtsc")
        stops(g, "vmcall 1-9", VMCALL, r"vmcall, rax 0x7 rbx 0x\w+ rcx 0x0 rdx 0x0")
        g.monitor("catch hlt")
        put(g, RIP, SLEEP, thread=1)
        said, stop = go(g)
        matches(r"catchpoint \d+: vCPU 0 at 0x10430: hlt\n", said)
        equal(rip(stop), SLEEP)


@test("catch exception: by name and vector; the signal of each; error code and address")
def catch_exception():
    with guest() as g:
        put(g, RSI, 0x123456, thread=1)
        page_fault = r"exception 14 #PF, error code 0x6 \(write, user\), address 0x123456"
        for name in "#PF", "pf", "page-fault", "14", "14-14":
            stops(g, f"exception {name}", INT_PF, page_fault, signal=11)
        stops(g, "exception general-protection", INT_GP, r"exception 13 #GP, error code 0x18",
              signal=11)
        stops(g, "exception #de-#DB", INT_DE, r"exception 0 #DE", signal=8)
        stops(g, "exception", INT3, r"exception 3 #BP", signal=5)
        put(g, RIP, TRIPLE_FAULT, thread=1)
        g.monitor("catch exception #UD")
        said, stop = go(g)
        matches(r"T04.*", stop)
        matches(r"catchpoint \d+: vCPU 0 at 0x10400: exception 6 #UD\n", said)
        # Going on delivers it.
        said, stop = go(g)
        matches(r"T06.*", stop)
        matches(r".*triple fault.*", said)


@test("continue after a catch executes the instruction, once, and goes on")
def catch_goes_on():
    with guest() as g:
        g.monitor("catch io")
        at_events(g)
        for where in IN, OUT, IN, OUT:
            equal(rip(go(g)[1]), where)
        matches(r"T05.*", g.ask("vCont;s:1"))
        equal(get(g, RIP), CPUID)


@test("each kind of event can be caught, with each value that has a name")
def catch_all_kinds():
    names = {
        "io": ["0x60", "0-0xffff"], "msr": ["efer", "0x10", "k_gs_base", "0x10-0x20"],
        "cr": ["cr0", "cr3", "cr4", "cr8", "4"], "cpuid": ["0x40000000"],
        "rdtsc": ["rdtsc", "rdtscp"], "hlt": [""], "exception": ["#AC", "nmi", "19"],
        "interrupt": ["32-255", "nmi", "0x45 timer ipi", "msi"],
        "eoi": ["0x45", "32-255"],
        "ipi": ["0x45", "init", "nmi-sipi", "0x600-0x6ff"], "vmcall": ["0xffffffffffffffff"],
        "table": "lgdt lidt lldt ltr sgdt sidt sldt str lgdt-ltr".split(),
        "mmio": ["0xfee00000-0xfee00fff"], "reset": ["triple-fault", "vmm", "triple-fault-vmm"],
        "entry": [""],
    }
    with guest() as g:
        number = 0
        for kind, values in names.items():
            for value in ["", *values]:
                number += 1
                command = f"catch {kind} {value}".strip()
                equal(g.monitor(command), f"catchpoint {number}: {command}\n")
        listed = g.monitor("catch").splitlines()
        equal(len(listed), number)
        equal(listed[1], "   2  catch io 0x60: 0 hits")
        equal(g.monitor("uncatch all"), "")
        equal(g.monitor("catch"), "no catchpoints\n")


@test("wrong catches are refused, each with its reason, and leave nothing")
def catch_wrong():
    with guest() as g:
        for command, said in {
                "catch nothing": 'there is no kind of event "nothing", see monitor help catch',
                "catch io 0x10000": '"0x10000" is no value or range of io',
                "catch io 5-4": '"5-4" is no value or range of io',
                "catch io 5-": '"5-" is no value or range of io',
                "catch exception #XY": '"#XY" is no value or range of exception',
                "catch exception 32": '"32" is no value or range of exception',
                "catch msr nosuch": '"nosuch" has no meaning here',
                "catch cpuid 1 write": '"write" has no meaning here',
                "catch eoi 1 timer": '"timer" has no meaning here',
                "catch eoi 256": '"256" is no value or range of eoi',
                "catch ipi nosuch": '"nosuch" has no meaning here',
                "catch ipi init-nmi": '"init-nmi" is no value or range of ipi',
                "catch interrupt 1 read": '"read" has no meaning here',
                "catch hlt vcpu": 'a number is missing behind "vcpu"',
                "catch hlt vcpu 5": "there is no vCPU 5",
                "catch hlt vcpu 64": "there is no vCPU 64",
                "catch hlt vcpu -1": 'a number is missing behind "vcpu"',
                "catch hlt cpl 4": "cpl is 0 to 3",
                "catch hlt ignore x": 'a number is missing behind "ignore"',
                "catch hlt if": 'a condition is missing behind "if"',
                "catch hlt if $rax ==": "condition, column 8: a value is missing at the end",
                "catch hlt if rax": "condition, column 1: registers are written as $rax",
                "catch mmio 0x1000-0x2000": "memory is there: use monitor watch phys",
        }.items():
            equal(g.monitor(command), f"catch: {said}\n")
        equal(g.monitor("catch"), "no catchpoints\n")
        equal(g.monitor("uncatch 1"), "uncatch: there is no catchpoint 1\n")
        equal(g.monitor("uncatch 4294967297"), "uncatch: there is no catchpoint 4294967297\n")
        matches(r"usage: .*", g.monitor("uncatch"))
        matches(r"usage: .*", g.monitor("uncatch one"))
        for _ in range(64):
            g.monitor("catch hlt")
        equal(g.monitor("catch hlt"), "catch: there are too many breakpoints and catches\n")
        equal(g.monitor("catch hlt " + "x " * 300), "a command has at most 255 words\n")


@test("uncatch N takes one away, and its stop that was not reported yet")
def uncatch():
    with guest() as g:
        for catch in "io 0x61", "cpuid", "rdtsc":
            g.monitor(f"catch {catch}")
        at_events(g)
        equal(g.monitor("uncatch 2"), "")
        equal(rip(go(g)[1]), OUT)
        equal(rip(go(g)[1]), RDTSC)
        equal(g.monitor("catch"), "   1  catch io 0x61: 1 hit\n   3  catch rdtsc: 1 hit\n")
        # When two vCPUs stop at once, only one stop is reported.
        g.monitor("uncatch all")
        put(g, RIP, EVENTS, thread=1)
        put(g, RIP, EVENTS, thread=2)
        g.monitor("catch io")
        first = fields(go(g, "vCont;c")[1])["thread"]
        equal(g.monitor("uncatch all"), "")
        g.monitor("catch cpuid")
        said, stop = go(g, "vCont;c")
        equal(rip(stop), CPUID)
        assert first in ("1", "2")


@test("a new debugger finds no catches")
def catch_new_debugger():
    with guest() as g:
        g.monitor("catch cpuid")
        equal(g.ask("D"), "OK")
        g.close()
        g.daemon.wait_said("waiting for gdb", 2)
        line = g.daemon.connect()
        line.ask("qSupported:swbreak+")
        equal(line.monitor("catch"), "no catchpoints\n")
        line.close()


# ---- filters ----

@test("vcpu, cpl, ignore and count: only hits that they let through stop")
def filters():
    with guest() as g:
        put(g, RIP, EVENTS, thread=1)
        put(g, RIP, EVENTS, thread=2)
        g.monitor("catch io in vcpu 1")
        equal(fields(go(g, "vCont;c")[1])["thread"], "2")
        g.monitor("uncatch all")
        at_events(g)
        g.monitor("catch cpuid ignore 2")
        g.monitor("catch io in count")
        g.monitor("catch io out cpl 3")
        equal(rip(go(g)[1]), CPUID)
        equal(g.monitor("catch"), "   2  catch cpuid ignore 2: 3 hits\n"
              "   3  catch io in count: 3 hits\n   4  catch io out cpl 3: 0 hits\n")


@test("if CONDITION: only hits for which it is true stop")
def conditions():
    with guest() as g:
        put(g, 12, 0, thread=1)
        at_events(g)
        g.monitor("catch cpuid if $r12 == 3 && *(u64 *)0x%x == 0x1234" % COUNTER)
        equal(g.ask("M%x,8:3412000000000000" % COUNTER), "OK")
        equal(rip(go(g)[1]), CPUID)
        equal(get(g, 12), 3)
        g.monitor("uncatch all")
        g.monitor("catch cpuid if hits > 1 || vcpu == 7")
        g.monitor("catch io in if *(u8 *)0x7f0000000000 == 1")
        said, stop = go(g)
        equal(rip(stop), IN)
        matches(r".*a condition or recording reads memory that is not there.*", said)
        g.monitor("uncatch 3")
        g.monitor("catch rdtsc if 1 / $rax")
        put(g, RAX, 0)
        said, stop = go(g)
        equal(rip(stop), RDTSC)
        matches(r".*divides by zero.*", said)
        matches(r".*error: a condition or recording divides by zero.*", g.monitor("why"))


def evaluate(*arguments):
    """Return the lines that the program of conditions prints."""
    result = subprocess.run([os.path.join(rsp.BUILD, "condition"), *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@test("conditions: values, operators, precedence, types and errors with their columns")
def condition_values():
    cases = {
        "1+2*3": "7", "(1+2)*3": "9", "10-3-2": "5", "7/2": "3", "-7/2": "-3", "-7%3": "-1",
        "$rbx < 0": "1", "$rbx / 2": "-1", "(u8)$rbx": "254", "(s8)0x80": "-128",
        "$rip == 0x110": "1", "1 && 0 || 2": "1", "0 && 1/0": "0", "1 || 1/0": "1",
        "*(u32 *)0x10": str(0x13121110), "*(s8*)0x90": "-112", "*(char *)5 + 1": "6",
        "*(unsigned long*)0": str(0x0706050403020100), "-1 >> 60": "-1",
        "0xffffffffffffffff >> 60": "15", "$cr3 >> 1": "158", "1 << 4 + 1": "32",
        "~0": "-1", "!5": "0", "!!5": "1", "- - 5": "5", "+5": "5", "6 & 3 == 3": "0",
        "5 | 2 ^ 7": "5", "$rsp > -1": "0", "-1 < 0": "1", "-1 < $rip": "0",
        "3 <= 3 && 3 >= 3 && !(3 < 3) && !(3 > 3) && 3 != 4": "1",
        "hits": "10", "vcpu": "20", "tsc": "30", "addr": "40", "$eflags": str(0x111),
        "$pc": str(0x110), "$al": "0", "$tr": str(0x14c), "$fs_base": str(0x139),
        "7 % 0": "division by zero", "*(u8*)0xbad": "no memory",
        "0x8000000000000000 > 0": "1", "18446744073709551615 == ~0": "1",
        "": "column 1: a value is missing at the end",
        "1 = 2": "column 3: nothing can be assigned here; to compare is ==",
        "rax": "column 1: registers are written as $rax",
        "5 + $nope": "column 5: there is no register $nope",
        "$data0 == 1": "column 1: a condition cannot read the event's data: use registers",
        "(1 + 2": 'column 7: ")" is missing', "(u8 5": 'column 5: ")" is missing',
        "*(0)": "column 2: memory is written as *(u32 *)ADDRESS",
        "(u8 *)5": 'column 1: a pointer needs a "*" in front: *(u32 *)ADDRESS',
        "1 +": "column 4: a value is missing at the end",
        "1 + )": 'column 5: a value is missing in front of ")"',
        "1 2": 'column 3: nothing is expected here, but there is "2"',
        "count": "column 1: there is no variable count: there are hits, vcpu, tsc and addr",
        "18446744073709551616": "column 1: the number does not fit into 64 bits",
        "0x": "column 1: a number has decimal digits, or 0x and hex digits",
        "12ab": "column 1: a number has decimal digits, or 0x and hex digits",
        "(" * 70 + "1" + ")" * 70:
            "column 65: too many operators and parentheses in one another",
        "!" * 70 + "1": "column 65: too many operators and parentheses in one another",
        "1+(" * 60 + "1" + ")" * 60: "column 182: too many values at once: use fewer parentheses",
        " + ".join(["0x123456789abcdef"] * 600): "column 8198: the condition is too long",
    }
    out = evaluate(*cases)
    for text, got in zip(cases, out):
        wanted = cases[text]
        if wanted.startswith("column"):
            wanted = "condition, " + wanted
        assert got == wanted, f"{text[:60]}: got {got!r}, wanted {wanted!r}"
    equal(len(out), len(cases))


def random_expression(rand, depth):
    """An expression that is the same in C and in a condition."""
    if not depth or rand.random() < 0.2:
        return rand.choice(["0", "1", "7", "0x10", "12345678901234", "0x8000000000000000",
                            "(u8)300", "(s8)200", "(u32)0x123456789", "(s32)0x80000000",
                            "(s64)0xfffffffffffffff0", "(u64)5"])
    a = random_expression(rand, depth - 1)
    kind = rand.randrange(8)
    if kind == 0:
        return f"{rand.choice('-~!')}({a})"
    if kind == 1:
        return f"({a})"
    if kind == 2:
        return f"((s64)({a}) {rand.choice(['<<', '>>'])} {rand.choice(['3', '62'])})"
    b = random_expression(rand, depth - 1)
    operator = rand.choice("+ - * & | ^ == != < <= > >= && ||".split())
    return f"{a} {operator} {b}"


@test("1000 random conditions have the value that the C compiler gives them")
def condition_like_c():
    rand = random.Random(11)
    texts = [random_expression(rand, rand.randrange(1, 6)) for _ in range(1000)]
    # In a condition, all numbers have 64 bits.
    lines = "".join(f'\tp({t});\n' for t in texts)
    lines = lines.replace("(u8)300", "(s64)(u8)300").replace("(s8)200", "(s64)(s8)200") \
        .replace("(u32)0x123456789", "(s64)(u32)0x123456789") \
        .replace("(s32)0x80000000", "(s64)(s32)0x80000000")
    for number in "0", "1", "7", "0x10":
        for before in "(", " ", "\t", "-", "~", "!":
            for after in ")", " ":
                lines = lines.replace(before + number + after, before + number + "L" + after)
    program = "#include <stdio.h>\n#include <stdint.h>\n" \
        "typedef uint8_t u8; typedef int8_t s8; typedef uint32_t u32; typedef int32_t s32;\n" \
        "typedef uint64_t u64; typedef int64_t s64;\n" \
        "#define p(x) printf(\"%ld\\n\", (long)(x))\nint main(void)\n{\n" + lines + "}\n"
    # The result of a comparison is an int in C, where it may be shifted or complemented.
    with tempfile.TemporaryDirectory() as path:
        source = os.path.join(path, "c.c")
        with open(source, "w", encoding="ascii") as file:
            file.write(program)
        subprocess.run(["cc", "-w", "-fwrapv", "-o", path + "/c", source], check=True)
        wanted = subprocess.run([path + "/c"], stdout=subprocess.PIPE, check=True,
                                text=True).stdout.split()
    got = evaluate(*texts)
    wrong = [f"{t} = {w}, not {g}" for t, w, g in zip(texts, wanted, got) if w != g]
    assert not wrong, f"{len(wrong)} wrong: {wrong[:3]}"


@test("random texts as conditions: what compiles is what the module accepts")
def condition_fuzz():
    for seed in "1", "2", "3":
        evaluate("--fuzz", seed, "20000")


# ---- breakpoints and watchpoints of the monitor ----

@test("watch phys: an access by any mapping of the page, with all about it in why")
def watch_phys():
    with guest() as g:
        put(g, RIP, WRITER, thread=1)
        equal(g.ask("M%x,8:0500000000000000" % COUNTER), "OK")
        equal(g.monitor("watch phys 0x%x 8" % COUNTER),
              "catchpoint 1: watch phys 0x%x 8\n" % COUNTER)
        said, stop = go(g)
        equal(rip(stop), WRITTEN)
        access = r"write of 8 bytes at 0x10800, physical 0x10800, old value 0x5, " \
            r"new value 0x6, by the instruction at 0x10450"
        matches(r"catchpoint 1: vCPU 0 at 0x10458: %s\n" % access, said)
        matches(r"vCPU 0 at 0x10458:\n  a watched %s\ncatchpoint 1: .*" % access,
                g.monitor("why"))
        equal(g.monitor("catch"), "   1  watch phys 0x%x 8: 1 hit\n" % COUNTER)
        g.monitor("uncatch 1")
        put(g, RIP, KERNEL + WRITER)
        g.monitor("watch phys 0x%x 1 exec" % (WRITER + 3))
        g.monitor("watch phys 0x%x 0x10 read" % COUNTER)
        g.monitor("watch phys 0x%x 0x10 access if *(u8 *)0x%x == 9" % (COUNTER, COUNTER))
        equal(rip(go(g)[1]), KERNEL + WRITTEN)
        matches(r"   2 .*: 0 hits\n   3 .*: 0 hits\n   4 .*: 1 hit\n", g.monitor("catch"))


@test("watch and break by linear address, with filters; wrong ones are refused")
def monitor_break():
    with guest() as g:
        equal(g.monitor("break 0x%x if $r12 == 2" % LEAF),
              "catchpoint 1: break 0x%x if $r12 == 2\n" % LEAF)
        put(g, 12, 0, thread=1)
        said, stop = go(g)
        matches(r"T05.*", stop)
        equal((rip(stop), get(g, 12)), (LEAF, 2))
        matches(r"catchpoint 1: vCPU 0 at 0x%x: break 0x%x if \$r12 == 2\n" % (LEAF, LEAF), said)
        matches(r"vCPU 0 at .*a breakpoint\n.*", g.monitor("why"))
        g.monitor("uncatch all")
        g.monitor("watch 0x%x 2" % (COUNTER + 1))
        g.monitor("break phys 0x%x" % WORK)
        equal(rip(go(g)[1]), WORK)
        matches(r"catchpoint 2: .* write of 8 bytes.*", go(g)[0])
        for command, said in {
                "watch 0x1000": "usage: .*", "watch": "usage: .*", "watch phys 1": "usage: .*",
                "watch 1 0": "watch: LEN is wrong", "break": "usage: .*",
                "watch 0xffffffffffffffff 2": "watch: LEN is wrong",
                "break 0x7f0000000000": "break: the address is not mapped",
                "watch 1 1 jump": 'watch: "jump" has no meaning here',
                "break 1 2": 'break: "2" has no meaning here'}.items():
            matches(said + "\n", g.monitor(command))
        equal(len(g.monitor("catch").splitlines()), 2)


@test("why: a step, a breakpoint and watchpoint of gdb, a triple fault, no reason")
def why():
    with guest() as g:
        equal(g.monitor("why"), "vCPU 0: stopped by the debugger\n")
        put(g, RIP, START, thread=1)
        go(g, "vCont;s:1")
        matches(r"vCPU 0 at 0x10007:\n  a step has ended\n", g.monitor("why"))
        equal(g.ask("Z0,%x,1" % WORK), "OK")
        go(g)
        matches(r"vCPU 0 at 0x10011:\n  a breakpoint\n  gdb's breakpoint at 0x10011\n",
                g.monitor("why"))
        equal(g.ask("Z2,%x,8" % COUNTER), "OK")
        go(g)
        matches(r".*  a watched write of 8 bytes at .*\n  gdb's watchpoint at 0x10800\n",
                g.monitor("why"))
        put(g, RIP, TRIPLE_FAULT, thread=1)
        go(g)
        matches(r".*  a triple fault\n", g.monitor("why"))
        equal(g.ask("Hg2"), "OK")
        equal(g.monitor("why"), "vCPU 1: stopped by the debugger\n")


# ---- signals ----

def siginfo(line):
    """Return the siginfo_t of qXfer:siginfo, or None."""
    data = line.ask("qXfer:siginfo:read::0,1000", raw=True)
    if data == b"E00":
        return None
    equal(data[:1], b"l")
    return rsp.unescape(rsp.expand(data))[1:]


@test("siginfo: signal, code and address of an exception, nothing of other stops")
def siginfos():
    with guest() as g:
        put(g, RSI, 0x123456, thread=1)
        equal(siginfo(g), None)
        at_events(g)
        g.monitor("catch exception")
        g.monitor("catch cpuid")
        equal(rip(go(g)[1]), CPUID)
        equal(siginfo(g), None)
        for where, signo, code, addr in ((INT3, 5, 0x80, INT3), (INT_DE, 8, 1, INT_DE),
                                         (INT_GP, 11, 0x80, INT_GP), (INT_PF, 11, 1, 0x123456)):
            equal(rip(go(g)[1]), where)
            data = siginfo(g)
            equal(len(data), 128)
            equal(struct.unpack("<iiiiQ", data[:24]), (signo, 0, code, 0, addr))


@test("QPassSignals: exceptions with these signals do not stop, and are delivered")
def pass_signals():
    with guest(features=None) as g:
        assert "QPassSignals+" in g.ask("qSupported:swbreak+")
        put(g, 12, 0, thread=1)
        at_events(g)
        g.monitor("catch exception")
        equal(g.ask("QPassSignals:b;5;e"), "OK")
        equal(rip(go(g)[1]), INT_DE)
        equal(rip(go(g)[1]), INT_DE)
        equal(get(g, 12), 1)
        equal(g.ask("QPassSignals:8;b"), "OK")
        equal(rip(go(g)[1]), INT3)
        # A step goes on after the exception.
        put(g, RIP, INT_DE)
        equal(rip(go(g, "vCont;s:1")[1]), INT_GP)
        equal(g.ask("QPassSignals:5;8;b"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)
        g.write(b"\x03")
        matches(r"T02.*", g.recv())
        matches(r"   1  catch exception: \d\d+ hits\n", g.monitor("catch"))
        equal(g.ask("QPassSignals:"), "OK")
        matches(r"T.*", go(g)[1])
        for wrong in "x", "5,6", "5;x":
            matches(r"E.*", g.ask("QPassSignals:" + wrong))


@test("QPassSignals in the non-stop protocol: the vCPU runs on, and others stop")
def pass_signals_non_stop():
    with guest() as g:
        put(g, RIP, EVENTS, thread=1)
        put(g, RIP, EVENTS, thread=2)
        equal(g.ask("QNonStop:1"), "OK")
        matches(r"T05.*thread:1;.*", g.ask("?"))
        g.send("vStopped")
        matches(r"Stop:T05.*thread:2;.*", g.notification())
        equal(g.recv(), "OK")
        equal(g.ask("vStopped"), "OK")
        g.monitor("catch exception")
        g.monitor("catch cpuid vcpu 1 if $r12 == 3")
        equal(g.ask("P%x=%s" % (12, rsp.le(0))), "OK")
        equal(g.ask("QPassSignals:5;8;b"), "OK")
        equal(g.ask("vCont;c"), "OK")
        stop = g.notification()
        equal(fields(stop[5:])["thread"], "2")
        equal(g.ask("vStopped"), "OK")
        equal(g.ask("vCont;t:1"), "OK")
        matches(r"Stop:T00.*", g.notification())


# ---- steps ----

@test("monitor step and until: to the next branch, to the return, and back to one")
def steps():
    with guest() as g:
        put(g, RIP, START, thread=1)
        equal(g.monitor("step"), "stepi executes one instruction\n")
        matches(r"stepi runs to the next branch that is taken\ngdb also steps .*",
                g.monitor("step branch"))
        equal(rip(go(g, "vCont;s:1")[1]), WORK)
        equal(rip(go(g, "vCont;s:1")[1]), LEAF)
        equal(g.monitor("until return"), "the next stepi runs until the function returns\n")
        equal(g.monitor("step"), "stepi runs to the next branch that is taken\n"
              "the next stepi runs until the function returns\n")
        equal(rip(go(g, "vCont;s:1")[1]), 0x10022)
        equal(g.monitor("step insn"), "stepi executes one instruction\n")
        equal(rip(go(g, "vCont;s:1")[1]), 0x10023)
        matches(r"the next stepi executes one instruction, or stops in the handler.*",
                g.monitor("until handler"))
        # A range is stepped through as always, and does not use it up.
        equal(rip(go(g, "vCont;r10023,10024:1")[1]), 0x10024)
        matches(r".*\nthe next stepi .*", g.monitor("step"))
        equal(g.monitor("step irqs on"), "irqs is on\n")
        equal(g.ask("qqemu.sstep"), "0x1")
        for wrong in "step jump", "until", "until insn", "step branch now", "until branch now":
            matches(r"usage: .*", g.monitor(wrong))
    with guest(FAKE_NO_BRANCH=1) as g:
        equal(g.monitor("step branch"), "step: this VM steps single instructions only\n")
        equal(g.monitor("until return"), "until: this VM steps single instructions only\n")


# ---- address spaces ----

def set_system(line, thread, cr3, cr4=0x20, efer=0xd01):
    for number, value in (CR3, cr3), (CR3 + 1, cr4), (CR3 + 3, efer):
        put(line, number, value, thread=thread)


def user_tables(line, *roots):
    """Root tables of 4-level paging that map the same user memory."""
    for i, root in enumerate(roots):
        # The kernel's has NX in the entry of user memory.
        equal(line.ask(f"M{root:x},8:" + rsp.le(0x50007 | (0 if i else 1 << 63))), "OK")
        equal(line.ask(f"M{root + 0x800:x},8:" + rsp.le(0x60003 + 0x1000 * i)), "OK")


def who_stops(line, count=4):
    """Let both vCPUs run so often. Return the threads that have stopped."""
    return {fields(go(line, "vCont;c")[1])["thread"] for _ in range(count)}


def in_both_modes(line, words):
    """Breakpoints of gdb, and catches and breakpoints of the monitor, stop only thread 2."""
    put(line, RIP, STRAIGHT, thread=1)
    put(line, RIP, STRAIGHT, thread=2)
    equal(line.monitor("space this"),
          f"new breakpoints stop only in the address space of {words}\n")
    equal(line.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
    stopped = who_stops(line)
    equal(line.ask(f"z0,{STRAIGHT + 4:x},1"), "OK")
    # With a condition of gdb's that is "rax == 0x5555 || rax == rax": it is never lost.
    condition = "X8,26000023555513" "27X8,26000026000013" "27"
    equal(line.ask(f"Z0,{STRAIGHT + 5:x},1;{condition}"), "OK")
    equal(who_stops(line), stopped)
    equal(line.ask(f"z0,{STRAIGHT + 5:x},1"), "OK")
    equal(line.monitor("space any"), "new breakpoints stop in any address space\n")
    equal(line.ask("Hg2"), "OK")
    line.monitor("break 0x%x space if 1" % (STRAIGHT + 6))
    equal(who_stops(line), stopped)
    line.monitor("uncatch all")
    put(line, RIP, EVENTS, thread=1)
    put(line, RIP, EVENTS, thread=2)
    line.monitor("catch io in space")
    equal(who_stops(line), stopped)
    line.monitor("uncatch all")
    return stopped


@test("space: both root tables of page-table isolation are one address space")
def space_isolation():
    with guest() as g:
        user_tables(g, 0x40000, 0x41000)
        words = r"cr3 0x40000 and 0x41000 (page-table isolation)"
        # vCPU 1 is in user mode with a PCID; then it is in the kernel.
        for cr3 in 0x41000 | 0x801, 0x40001:
            set_system(g, 1, 0x5000)
            set_system(g, 2, cr3)
            equal(in_both_modes(g, words), {"2"})
        set_system(g, 1, 0x40002)
        set_system(g, 2, 0x41802)
        equal(in_both_modes(g, words), {"1", "2"})


@test("space: a table beside it with other user memory, or none, is another address space")
def space_no_isolation():
    with guest() as g:
        user_tables(g, 0x40000, 0x41000)
        equal(g.ask("M41000,8:" + rsp.le(0x51007)), "OK")
        set_system(g, 1, 0x41000)
        set_system(g, 2, 0x40000)
        equal(in_both_modes(g, "cr3 0x40000"), {"2"})
        equal(g.ask("M41000,8:" + rsp.le(0)), "OK")
        equal(in_both_modes(g, "cr3 0x40000"), {"2"})


@test("space: with PAE paging, two root tables in one page are two address spaces")
def space_pae():
    with guest() as g:
        set_system(g, 1, 0x40040, efer=0)
        set_system(g, 2, 0x40060, efer=0)
        equal(in_both_modes(g, "cr3 0x40060"), {"2"})
        set_system(g, 1, 0x40078, efer=0)
        equal(in_both_modes(g, "cr3 0x40060"), {"1", "2"})


@test("space: without paging there is only one")
def space_no_paging():
    with guest(FAKE_REAL=1) as g:
        equal(g.monitor("space this"), "space: paging is off: there is only one address space\n")
        equal(g.monitor("catch hlt space"),
              "catch: paging is off: there is only one address space\n")


@test("record: a hit does not stop, and a line is printed with its registers")
def record():
    with guest() as g:
        put(g, RAX, 0x77, thread=1)
        put(g, 12, 0, thread=1)
        at_events(g)
        g.monitor("catch io out record")
        g.monitor("catch cpuid if $r12 == 2")
        said, stop = go(g)
        equal(rip(stop), CPUID)
        equal(said.count("catchpoint 1: vCPU 0 at 0x10502: record, rax 0x77 rbx "), 3)


@test("monitor help catch, break and watch tell of kinds and filters")
def helped():
    with guest() as g:
        for command in "catch", "break", "watch":
            text = g.monitor("help " + command)
            matches(r".*  if TEXT    only if.*\$rsp \+ 8\) != 0\n", text)
        matches(r".*  exception  vector or name, as #PF or page-fault\n.*",
                g.monitor("help catch"))


if __name__ == "__main__":
    sys.exit(TAP.run())
