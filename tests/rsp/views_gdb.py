#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of vmxdbg.gdb, the file of gdb commands, with the real gdb and the fake guest."""
import os
import re
import subprocess
import sys

import rsp
from protocol import KERNEL, equal, guest
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../userspace/vmxdbgd/vmxdbg.gdb")
LOAD = f"source {FILE}"


def commands(kind="define"):
    """Return the names that the file defines, or those that are aliases of it."""
    with open(FILE, encoding="utf-8") as file:
        return re.findall(rf"^{kind} (vmx-\S+)", file.read(), re.M)


def offline(*lines):
    """Return what gdb prints for commands without a target."""
    args = [arg for line in (LOAD, *lines) for arg in ("-ex", line)]
    return subprocess.run(["gdb", "-nx", "-q", "-batch", *args], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


@test("gdb loads the file silently, lists the commands, and has help for each")
def loads():
    equal(offline(), "")
    text = offline("complete vmx-")
    equal(text.split(), sorted(commands() + commands("alias")))
    for name in commands():
        text = offline(f"help {name}")
        assert f"Usage: {name}" in text, text


@test("no displaced stepping: it would write into the guest")
def displaced():
    text = offline("show displaced-stepping")
    assert re.search(r"\boff\b", text), text


@test("each command has its monitor command")
def same_names():
    with guest() as g:
        known = re.findall(r"^monitor (\S+)", g.monitor("help"), re.M)
    for name in commands() + commands("alias"):
        assert name[4:] in known or name == "vmx-nexti", name


@test("each command works, with gdb's expressions")
def each():
    arguments = {"vmx-gpa2hva": "0x1000", "vmx-gpa2gva": "0x1000", "vmx-phys": "0x10000",
                 "vmx-xp": "0x10000", "vmx-until": "branch", "vmx-uncatch": "all"}
    text = gdb(LOAD, *(f"{name} {arguments.get(name, '')}" for name in commands()))
    for wrong in ("usage:", "Undefined", "no such command", "syntax error", "No symbol",
                  "Missing argument"):
        assert wrong not in text, text
    for wanted in ("monitor pt", "VM 7 of process", "fakevmm", "cr3 0000000000001000",
                   "4-level paging", "gpa: 0x", "Host virtual address", "slot 0", "IDT at",
                   "GDT at", "TSS of 64 bits", "ffffffff801fffff rwx"):
        assert wanted in text, (wanted, text)


@test("addresses are symbols, registers and sums")
def expressions():
    shows(gdb(LOAD, "vmx-pt &counter", "vmx-gva2gpa leaf", f"vmx-gva2gpa {KERNEL:#x}+0x1234",
              "vmx-gva2gpa $sp", "vmx-maps 0x1000 0x1fff", "vmx-phys &counter+8 4",
              "vmx-xp/2xb &counter+8", "vmx-disas 16 work 2", "vmx-disas 64 leaf 1",
              "vmx-irqs on", "vmx-info status", "vmx-gdt 8"),
          r"^0x10800: 4-level", r"^gpa: 0x10025$", r"^gpa: 0x1234$", r"^gpa: 0x1[ef]\w+$",
          r"^0000000000001000-0000000000001fff rwx", r"^000000010808 +23 24 7d 2a",
          r"^0000000000010808: 0x23 0x24$", r"^ +0x10011: 55 +push %bp", r"push %rbp",
          r"irqs is on", r"VM status: paused", r"GDT at")


@test("catch, break and watch take all words of theirs")
def pass_words():
    text = gdb(LOAD, "vmx-catch io 0x80 write", "vmx-break 0x10011", "vmx-watch 0x10800 8",
               "vmx-catch", "vmx-uncatch all")
    shows(text, r"io.*0x80", r"0x10011", r"0x10800")
    assert "usage:" not in text, text


@test("kill says what it does")
def kill():
    shows(gdb(LOAD, "kill"), r"goes on without the debugger")


if __name__ == "__main__":
    sys.exit(TAP.run())
