#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of registers beyond those of 'g' packets: vectors, hidden state, MSRs, refusals."""
import os
import re
import sys
import xml.etree.ElementTree as ET

import rsp
from protocol import (ALL_FEATURES, document, equal, fields, get, guest, in_g, is_error,
                      matches)
from rsp import le

TAP = rsp.Tap()
test = TAP.test

TOP = os.path.join(os.path.dirname(__file__), "../..")


def description(line):
    text = document(line, "features:read:target.xml", 0x8000)
    return ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))


def registers(line):
    """Return the description's registers: name to (number, bytes)."""
    return {r.get("name"): (i, int(r.get("bitsize")) // 8)
            for i, r in enumerate(description(line).findall("feature/reg"))}


class Registers:
    """Registers by name."""

    def __init__(self, line):
        self.line = line
        self.all = registers(line)

    def raw(self, name):
        return self.line.ask(f"p{self.all[name][0]:x}")

    def get(self, name):
        return int.from_bytes(bytes.fromhex(self.raw(name)), "little")

    def put(self, name, value):
        """Return the reply."""
        number, size = self.all[name]
        return self.line.ask(f"P{number:x}={le(value, size)}")

    def keeps(self, name, value):
        equal((name, self.put(name, value)), (name, "OK"))
        equal((name, self.get(name)), (name, value))


# ---- the description ----

@test("numbers are those that they were: of the bytecode, and of orig_rax behind them")
def numbers():
    with guest() as g:
        regs = registers(g)
        equal([regs[n][0] for n in ("rip", "mxcsr", "fs_base", "cr0", "tr", "orig_rax")],
              [16, 56, 57, 59, 76, 77])
        equal(regs["ymm0h"][0], 78)
    with guest(options=("--arch", "i386")) as g:
        regs = registers(g)
        equal([regs[n][0] for n in ("eip", "mxcsr", "cr0", "gs_base", "orig_eax", "ymm0h")],
              [8, 40, 41, 64, 65, 66])


@test("every type of the description is gdb's, or stands in front of it in its feature")
def types():
    known = {"int", "int32", "int64", "uint32", "uint64", "uint128", "code_ptr", "data_ptr",
             "i387_ext", "ieee_single", "ieee_double", "int8", "int16", "float"}
    for arch in ("x86-64", "i386", "i8086"):
        with guest(options=("--arch", arch)) as g:
            for feature in description(g).findall("feature"):
                here = set(known)
                for node in feature:
                    if node.tag in ("flags", "vector", "union", "enum"):
                        here.add(node.get("id"))
                    elif node.get("type") not in here:
                        raise AssertionError(f"{arch}: {node.attrib}")


@test("names of flags are unique in their type, and the fields fit")
def flags():
    with guest() as g:
        for kind in description(g).findall("feature/flags"):
            names = [f.get("name") for f in kind if f.get("name")]
            equal((kind.get("id"), len(set(names))), (kind.get("id"), len(names)))
            for field in kind:
                assert int(field.get("start")) <= int(field.get("end")) \
                    < 8 * int(kind.get("size")), (kind.get("id"), field.attrib)


@test("the layout is the same in real mode and in long mode, and so is g")
def one_layout():
    with guest(options=("--arch", "x86-64")) as g:
        long, size = registers(g), len(g.ask("g"))
    with guest(options=("--arch", "x86-64"), FAKE_REAL=1) as g:
        equal(registers(g), long)
        equal(len(g.ask("g")), size)


# ---- values ----

@test("p and P: every register beside g keeps what was written")
def each_register():
    for arch in ("x86-64", "i386"):
        with guest(options=("--arch", arch)) as g:
            r = Registers(g)
            first = len(in_g(description(g)))
            masks = {"interruptibility": 0xb, "pkru": 0xffffffff}
            skip = ("activity", "pending_dbg", "pdptr0", "pdptr1", "pdptr2", "pdptr3",
                    "tsc_offset", "debugctl", "spec_ctrl", "xcr0")
            # Upwards it would look as gdb's writes after a call, which leave out some.
            for name, (number, size) in reversed(r.all.items()):
                if number < first or name in skip:
                    continue
                value = int.from_bytes(bytes(range(0x11, 0x11 + size)), "little")
                if name.endswith("_attr"):
                    value = 0x1c093
                if name in ("lstar", "cstar", "k_gs_base", "sysenter_esp", "sysenter_eip"):
                    value = 0xffffffff80012345
                value &= masks.get(name, (1 << 8 * size) - 1)
                r.keeps(name, value)


@test("AVX and AVX-512: parts of one register do not disturb the others")
def vectors():
    with guest() as g:
        r = Registers(g)
        names = [n for n in r.all if re.fullmatch(r"xmm\d+|[yz]mm\d+h|k\d", n)]
        equal(len(names), 32 + 32 + 32 + 8)
        for i, name in enumerate(names):
            equal(r.put(name, i + 1 << 8), "OK")
        equal([r.get(n) for n in names], [i + 1 << 8 for i in range(len(names))])


@test("a component in its initial state is zero, and is there after a write to a part")
def initial():
    with guest() as g:
        r = Registers(g)
        equal((r.get("zmm31h"), r.get("k7"), r.get("pkru")), (0, 0, 0))
        r.keeps("zmm30h", 5)
        equal((r.get("zmm31h"), r.get("xmm30"), r.get("ymm0h")), (0, 0, 0))


@test("vector registers that the guest has not enabled are unavailable, by bits of XCR0")
def disabled():
    with guest(FAKE_XCR0=3) as g:
        r = Registers(g)
        for name in ("ymm0h", "zmm31h", "k1", "pkru", "xmm16"):
            equal(r.raw(name), "xx" * r.all[name][1])
        matches(r"E\.the guest has not enabled it in XCR0", r.put("ymm0h", 1))
        equal(r.put("xcr0", 7), "OK")
        equal((r.get("ymm0h"), r.raw("k1")), (0, "xx" * 8))
    with guest(FAKE_XCR0=7) as g:
        r = Registers(g)
        equal((r.get("ymm15h"), r.raw("zmm0h")), (0, "xx" * 32))


@test("a target without these registers: unavailable, and the others are there")
def few():
    with guest(FAKE_FEW_REGS=1) as g:
        r = Registers(g)
        for name in ("ymm0h", "lstar", "activity", "xcr0", "interruptibility", "tsc"):
            equal((name, r.raw(name)), (name, "xx" * r.all[name][1]))
            assert is_error(r.put(name, 1)), name
        r.keeps("cs_limit", 0x1234)
        r.keeps("apic_base", 0xfee00900)
        matches("msr: .*supported.*\n", g.monitor("msr lstar"))


@test("lldb gets an error for what is not there")
def lldb():
    with guest(FAKE_XCR0=3) as g:
        r = Registers(g)
        equal(g.ask("QThreadSuffixSupported"), "OK")
        matches("E[0-9a-f]{2}", r.raw("ymm0h"))
        matches("E[0-9a-f]{2}", r.raw("debugctl"))
        equal(r.get("lstar"), 0xffffffff80010000)


@test("the parts of segments, with attributes as in a descriptor")
def segments():
    with guest() as g:
        r = Registers(g)
        equal((r.get("cs_attr"), r.get("cs_limit"), r.get("tr_attr"), r.get("tr_base")),
              (0xa09b, 0xffffffff, 0x8b, 0x6000))
        r.keeps("ldtr_base", 0xffff800000000000)
        r.keeps("ds_attr", 0x1c0f3)
        equal(r.put("ds_attr", 0x200), "E.ds_attr has no such bits")
        equal((r.get("cs_attr"), r.get("ds_attr")), (0xa09b, 0x1c0f3))


@test("interruptibility, and what is read-only")
def state():
    with guest() as g:
        r = Registers(g)
        r.keeps("interruptibility", 8)
        r.keeps("interruptibility", 2)
        equal(r.put("interruptibility", 4), "E.interruptibility has no such bits")
        equal(r.get("interruptibility"), 2)
        equal(r.raw("tsc_offset"), le(-1000))
        equal(r.get("activity"), 0)
        for name in ("activity", "pending_dbg", "pdptr2", "tsc_offset"):
            matches(rf"E\.{name} is read-only: .+", r.put(name, 1))


@test("a value that has more bits than the register is refused")
def bits():
    with guest() as g:
        r = Registers(g)
        for name in ("cs", "gdtr_limit", "tr", "fctrl"):
            before = r.raw(name)
            equal(r.put(name, 0x12345), f"E.{name} has no such bits")
            equal(r.raw(name), before)


# ---- MSRs ----

@test("MSRs are registers; those that the guest lacks are unavailable, one by one")
def msrs():
    with guest() as g:
        r = Registers(g)
        equal((r.get("star"), r.get("fmask"), r.get("tsc_aux")),
              (0x23001000000000, 0x47700, 1))
        equal((r.raw("debugctl"), r.raw("spec_ctrl")), ("x" * 8, "x" * 8))
        equal(r.put("debugctl", 1), "E.the guest has no such MSR")
        equal(r.put("lstar", 0x1234567800000000),
              "E.reserved bits, or a value out of its range")
        equal(r.get("lstar"), 0xffffffff80010000)
        r.keeps("lstar", 0xffffffff80012345)
        matches(r"0xc0000082 lstar +0xffffffff80012345\n", g.monitor("msr lstar"))


@test("monitor msr: all that the guest has, with names")
def list_msrs():
    with guest() as g:
        lines = g.monitor("msr").splitlines()
        equal(len(lines), 16)
        matches(r"0x00000010 tsc +0x0000000123456789", lines[0])
        assert any(re.match(r"0x000003fc - ", line) for line in lines), lines
        numbers_ = [int(line.split()[0], 16) for line in lines]
        equal(numbers_, sorted(numbers_))
    with guest(FAKE_NO_MSR_LIST=1) as g:
        some = g.monitor("msr").splitlines()
        equal(some, [line for line in lines if " - " not in line])


@test("monitor msr: one by name or number, read and written")
def one_msr():
    with guest() as g:
        line = g.monitor("msr lstar")
        for name in ("LSTAR", "IA32_LSTAR", "MSR_LSTAR", "0xc0000082", "3221225602"):
            equal(g.monitor(f"msr {name}"), line)
        matches(r"0x00000175 sysenter_esp +0x0000000000001000\n",
                g.monitor("msr sysenter_esp 0x1000"))
        equal(Registers(g).get("sysenter_esp"), 0x1000)
        matches(r".* 0x0000000000010000\n", g.monitor("msr 0x174 0x10000"))
        g.ask("P0=" + le(0x77))
        matches(r".* 0x0000000000000077\n", g.monitor("msr pat $rax"))


@test("monitor msr: what cannot be is refused in words, and the old value stays")
def wrong_msr():
    with guest() as g:
        equal(g.monitor("msr 0x1d9"), "msr: the guest has no MSR 0x1d9\n")
        equal(g.monitor("msr nonsense"), "msr: there is no MSR with the name \"nonsense\"\n")
        equal(g.monitor("msr 0x100000000"), "msr: the number of an MSR has 32 bits\n")
        equal(g.monitor("msr 0x1d9 1"), "msr: there is no such MSR\n")
        before = g.monitor("msr lstar")
        equal(g.monitor("msr lstar 0x1234567800000000"),
              "msr: reserved bits, or a value out of its range\n")
        equal(g.monitor("msr lstar many"), "msr: \"many\" is no number and no register\n")
        equal(g.monitor("msr lstar"), before)
        matches("usage: monitor msr .*", g.monitor("msr lstar 1 2"))
        matches(r".*VALUE.*refused.*", g.monitor("help msr"))


# ---- refusals ----

REFUSED = (
    ("cr0", 0, r"EFER .*"), ("cr0", 0x80000000, r"CR0 .*"), ("cr3", 1 << 60, r"CR3 .*"),
    ("cr4", 0x80000000, r"CR4 .*"), ("cr4", 0, r"EFER.LMA needs CR4.PAE.*"),
    ("cr8", 16, r"CR8 .*"), ("efer", 0x901, r"EFER .*"), ("efer", 0x80000d01, r"EFER .*"),
    ("rip", 1 << 62, r"RIP .*"), ("eflags", 0x80000000, r"RFLAGS .*"),
    ("gdtr_base", 1 << 62, r".*not canonical"), ("cs_attr", 0, r"CS: .*present"),
    ("cs_attr", 0xe09b, r"CS: L excludes D.*"),
    ("interruptibility", 1, r"there is no shadow of STI .*"),
    ("interruptibility", 3, r"there is no shadow of STI .* beside MOV SS's"),
)


@test("P: a refused value is an error with its reason, and the old value stays")
def refused():
    for features in (ALL_FEATURES, "qSupported:swbreak+"):
        with guest(features=features, FAKE_RULES=1) as g:
            r = Registers(g)
            for name, value, why in REFUSED:
                before = r.raw(name)
                matches(r"E\." + why, r.put(name, value))
                equal((name, r.raw(name)), (name, before))
            equal(r.put("rax", 7), "OK")
            g.send("vCont;s:1" if features != ALL_FEATURES else "vCont;s:p7.1")
            assert "thread" in fields(g.recv())


@test("G: one refused value refuses all, with its reason")
def refused_all():
    with guest(FAKE_RULES=1) as g:
        r = Registers(g)
        before = g.ask("g")
        at = {n: 2 * sum(s for i, s in r.all.values() if i < r.all[n][0]) for n in r.all}

        def changed(**values):
            text = before
            for name, value in values.items():
                new = le(value, r.all[name][1])
                text = text[:at[name]] + new + text[at[name] + len(new):]
            return text

        matches(r"E\.EFER .*", g.ask("G" + changed(rax=0x55, cr0=0)))
        equal(g.ask("g"), before)
        matches(r"E\.RFLAGS .*", g.ask("G" + changed(fctrl=0x77f, dr0=1, eflags=0x80000002)))
        equal(g.ask("g"), before)
        # Written together: the general registers alone would be refused.
        matches(r"E\.RFLAGS.VM .*", g.ask("G" + changed(eflags=0x20002)))
        equal(g.ask("G" + changed(efer=0, eflags=0x20002)), "OK")
        equal((r.get("efer"), r.get("eflags")), (0, 0x20002))


@test("every reason of the module's has a sentence of its own")
def sentences():
    with open(os.path.join(TOP, "uapi/vmxdbg.h"), encoding="utf-8") as file:
        header = file.read()
    with open(os.path.join(TOP, "userspace/libvmxdbg/refused.c"), encoding="utf-8") as file:
        table = file.read()
    reasons = re.findall(r"#define (VMXDBG_REFUSED_\w+)\s+\d+", header)
    assert len(reasons) > 20, reasons
    said = dict(re.findall(r"\[(VMXDBG_REFUSED_\w+)\]\s*=\s*\"([^\"]+)\"", table))
    equal(sorted(said), sorted(reasons))
    equal(len(set(said.values())), len(said))


# ---- traces ----

@test("a trace file has all registers for a debugger that has not seen g, and those of g else")
def trace_file():
    with guest() as g:
        r = Registers(g)
        whole = sum(size for _, size in r.all.values())
        leaf = 0x10025
        for packet in ("QTinit", f"QTDP:1:{leaf:x}:E:0:0-", f"QTDP:-1:{leaf:x}:R3",
                       "QTStart"):
            equal(g.ask(packet), "OK")
        equal(g.ask(f"Z0,{leaf:x},1"), "OK")
        g.send("vCont;c:1")
        g.recv()
        equal(g.ask("QTStop"), "OK")

        def sizes():
            assert g.ask("qTStatus").startswith("T0")
            data = bytes.fromhex(g.ask("qTBuffer:0,7d0"))
            number, size = data[:2], int.from_bytes(data[2:6], "little")
            equal((number, data[6:7]), (b"\1\0", b"R"))
            return size - 1

        equal(sizes(), whole)
        first = g.ask("qTBuffer:0,7d0")
        pieces = "".join(g.ask(f"qTBuffer:{at:x},7") for at in range(0, 0x7d0, 7))
        equal(pieces[:len(first)], first)
        part = len(g.ask("g")) // 2
        equal(sizes(), part)
        assert part < whole


@test("a register beside g has no value in a trace frame")
def frame():
    with guest() as g:
        r = Registers(g)
        leaf = 0x10025
        for packet in ("QTinit", f"QTDP:1:{leaf:x}:E:0:0-",
                       f"QTDP:-1:{leaf:x}:R" + "f" * 80, "QTStart"):
            equal(g.ask(packet), "OK")
        equal(g.ask(f"Z0,{leaf:x},1"), "OK")
        g.send("vCont;c:1")
        g.recv()
        equal(g.ask("QTStop"), "OK")
        equal(g.ask("QTFrame:0"), "F0T1")
        equal(r.raw("lstar"), "x" * 16)
        equal(r.get("rip"), leaf)
        matches("E..*", r.put("lstar", 1))
        equal(g.ask("QTFrame:ffffffff"), "OK")
        equal(r.get("lstar"), 0xffffffff80010000)
        equal(get(g, 0x10), leaf)


if __name__ == "__main__":
    sys.exit(TAP.run())
