#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the monitor commands that show page tables, with the fake guest."""
import random
import re
import sys
import time

import rsp
from protocol import KERNEL, equal, get, guest, is_error, le, matches, put
from rsp import frame

TAP = rsp.Tap()
test = TAP.test

RAM = 0x200000
HVA = 0x7f1200000000
P, W, U, LARGE, G, NX = 1, 2, 4, 0x80, 0x100, 1 << 63
MASK64 = (1 << 64) - 1
PG, PSE, PAE, LA57, LME, LMA, NXE = 1 << 31, 0x10, 0x20, 0x1000, 0x100, 0x400, 0x800


def register(line, name):
    """Return the number of a register in the target description."""
    xml, at = "", 0
    while not xml.endswith("</target>\n"):
        reply = line.ask(f"qXfer:features:read:target.xml:{at:x},f000")
        xml, at = xml + reply[1:], at + len(reply) - 1
        if reply[0] == "l":
            break
    return re.findall(r'<reg name="(\w+)"', xml).index(name)


class Model:
    """Page tables by the SDM, in another way than the stub: by bit strings."""

    LEVELS = {"32": (10, 10), "PAE": (2, 9, 9), "4": (9,) * 4, "5": (9,) * 5}

    def __init__(self, mode, memory, root, nx=True):
        self.mode, self.memory, self.root, self.nx = mode, memory, root, nx
        self.size = 4 if mode == "32" else 8

    def entry(self, at):
        if at + self.size > RAM:
            return None
        return int.from_bytes(self.memory[at:at + self.size], "little")

    def walk(self, addr):
        """Return (gpa, page size, writable, executable, user) or why there is none."""
        bits = self.LEVELS[self.mode]
        width = 12 + sum(bits)
        if self.mode in "45":
            if len(set(f"{addr:064b}"[:65 - width])) > 1:
                return "no such address"
        elif addr >> 32:
            return "no such address"
        text = f"{addr:064b}"[64 - width:]
        table, rights = self.root, [True, True, True]
        for i, n in enumerate(bits):
            level = len(bits) - i
            index, text = int(text[:n], 2), text[n:]
            at = table + index * self.size
            e = self.entry(at)
            if e is None:
                return f"no memory at physical {at:#x}"
            if not e & P:
                return "not mapped"
            leaf = level == 1 or (bool(e & LARGE) and (level == 2 or (level == 3 and self.mode in "45")))
            pdpte = self.mode == "PAE" and level == 3
            if not pdpte:
                if self.reserved(e, level, leaf, len(text)):
                    return "not mapped"
                rights = [rights[0] and bool(e & W), rights[1] and not e >> 63,
                          rights[2] and bool(e & U)]
            if leaf:
                size = 1 << len(text)
                if self.mode == "32" and level == 2:
                    base = e & 0xffc00000 | (e >> 13 & 0xff) << 32
                else:
                    base = e & 0xffffffffff000 & -size
                return (base + int(text, 2), size, *rights)
            table = e & (0xfffff000 if self.mode == "32" else 0xffffffffff000)
        raise AssertionError

    def reserved(self, e, level, leaf, shift):
        if self.mode == "32":
            return leaf and level == 2 and e >> 21 & 1
        if not self.nx and e >> 63:
            return True
        if self.mode == "PAE" and e >> 52 & 0x7ff:
            return True
        if level >= 4 and e & LARGE:
            return True
        return leaf and level > 1 and bool(e & ((1 << shift) - 1) >> 13 << 13)


def random_entry(rng, mode):
    """An entry that leads to one of a few tables, or somewhere."""
    e = rng.choice([0x40000, 0x41000, 0x42000, 0x43000, 0x1ff000, 0x80000000, 0xabc000])
    e |= rng.choice([0, 7, 7, 7, 7, 3, 5, 0x27, 0x87, 0x83])
    if rng.random() < 0.1:
        e = rng.getrandbits(32) | 1
    if mode != "32":
        e |= NX if rng.random() < 0.2 else 0
        e |= rng.getrandbits(63) & 0x7fffffff00000000 if rng.random() < 0.05 else 0
    if e & LARGE and rng.random() < 0.8:
        e &= ~0x3fffe000
    return e


def set_mode(line, mode, cr3, nx=True):
    values = {"cr3": cr3, "cr4": {"32": PSE, "5": PAE | LA57}.get(mode, PAE) if mode else 0,
              "efer": (LME | LMA if mode in ("4", "5") else 0) | (NXE if nx else 0),
              "cr0": PG | 1 if mode else 1}
    for name, value in values.items():
        put(line, register(line, name), value)


def pt(line, addr):
    """Return the end of "monitor pt" in the form of Model.walk()."""
    text = line.monitor(f"pt {addr:#x}")
    found = re.search(r"^physical (0x[0-9a-f]+), (\d+) (\w+) page, r(.)(.) (\w+)$", text, re.M)
    if found:
        size = int(found[2]) << {"KiB": 10, "MiB": 20, "GiB": 30}[found[3]]
        return (int(found[1], 16), size, found[4] == "w", found[5] == "x", found[6] == "user")
    found = re.search(r"(no such address|no memory at physical 0x[0-9a-f]+|not mapped)", text)
    assert found, text
    return found[1]


def mapped(line, addr):
    """Return what the target says (VMXDBG_TRANSLATE) in the form of Model.walk()."""
    text = line.monitor(f"translate {addr:#x}")
    found = re.search(r"physical (0x\w+), in a page of (0x\w+) bytes, r(.)(.) (\w+)", text)
    if not found:
        return None
    return (int(found[1], 16), int(found[2], 16), found[3] == "w", found[4] == "x",
            found[5] == "user")


# ---- pt ----

@test("pt: each entry with its flags, the place in the VMM, and EPT")
def pt_entries():
    with guest() as g:
        text = g.monitor(f"pt {KERNEL + 0x10000:#x}").splitlines()
        equal(text[0], "0xffffffff80010000: 4-level paging, top table at physical 0x1000")
        equal(text[1], "PML4E at 0x1ff8: 0x3023  writable supervisor accessed")
        equal(text[2], "PDPTE at 0x3ff0: 0x4023  writable supervisor accessed")
        equal(text[3], "PDE   at 0x4000: 0x1e3  writable supervisor accessed dirty global")
        equal(text[4], "physical 0x10000, 2 MiB page, rwx supervisor")
        equal(text[5], f"memory slot 0, in the VMM at {HVA + 0x10000:#x}")
        equal(text[6], "EPT, plain view: 4 KiB page, r-x, WB")
        equal(text[7], "EPT, hooked view: not mapped yet")
        equal(text[8:], ["  breakpoints in a copy of the page", "  a dirty log"])


@test("pt: what is not mapped, is reserved, or leads nowhere is told in words")
def pt_faults():
    with guest() as g:
        text = g.monitor("pt 0x40000000")
        assert "PDPTE at 0x2008: 0x0  not present" in text, text
        assert text.endswith("not mapped, nor is anything from 0x200000 to 0xffffffff7fffffff\n")
        assert "nor is anything from 0xffffffff80200000 to 0xffffffffffffffff" in \
            g.monitor("pt 0xffffffffffffffff")
        assert "the paging mode has no such address" in g.monitor("pt 0x800000000000")
        equal(g.ask(f"M2010,8:{le(0x900000003)}"), "OK")
        assert "no memory at physical 0x900000000" in g.monitor("pt 0x80000000")
        equal(g.ask(f"M1008,8:{le(0x2083)}"), "OK")
        assert "0x2083  has reserved bits" in g.monitor("pt 0x8000000000")
        equal(g.ask(f"M4008,8:{le(0x80000083)}"), "OK")
        assert "no memory slot: accesses go to the VMM" in g.monitor("pt 0x200000")


@test("pt: addresses may be registers, and wrong ones are refused with a sentence")
def pt_registers():
    with guest() as g:
        equal(g.monitor("pt $rip"), g.monitor(f"pt {get(g, 0x10):#x}"))
        equal(g.monitor("pt rip"), g.monitor("pt $rip"))
        equal(g.monitor("pt $nothing"), 'pt: "$nothing" is no number and no register\n')
        matches("usage: monitor pt ADDR\n", g.monitor("pt"))
        matches("usage: monitor pt ADDR\n", g.monitor("pt 1 2"))


@test("pt agrees with the target's own translation")
def pt_translate():
    with guest() as g:
        for addr in (0, 0x1234, RAM - 1, RAM, KERNEL, KERNEL + 0x10001, KERNEL + RAM,
                     KERNEL - 1, MASK64, 1 << 47):
            walked = pt(g, addr)
            equal(walked if isinstance(walked, tuple) else None, mapped(g, addr))


def random_tables(mode, seed, nx):
    rng = random.Random(seed)
    size = 4 if mode == "32" else 8
    with guest() as g:
        memory = bytearray(RAM)
        for table in (0x40000, 0x41000, 0x42000, 0x43000):
            data = b"".join((random_entry(rng, mode) & (1 << 8 * size) - 1).to_bytes(size, "little")
                            for _ in range(4096 // size))
            memory[table:table + 4096] = data
            equal(g.ask(f"M{table:x},1000:{data.hex()}"), "OK")
        set_mode(g, mode, 0x40000, nx)
        model = Model(mode, memory, 0x40000, nx)
        kinds = set()
        for _ in range(400):
            addr = rng.getrandbits(32 if mode in ("32", "PAE") else 47 if mode == "4" else 56)
            if mode in ("4", "5") and rng.random() < 0.5:
                addr = MASK64 ^ addr
            wanted = model.walk(addr)
            equal(pt(g, addr), wanted)
            kinds.add(wanted[1:2] if isinstance(wanted, tuple) else wanted[:10])
        assert len(kinds) >= 3, kinds


for MODE in Model.LEVELS:
    for NO_EXECUTE in (True, False):
        def random_test(mode=MODE, nx=NO_EXECUTE):
            random_tables(mode, 5, nx)
        random_test.__name__ = f"random_{MODE}_{'nx' if NO_EXECUTE else 'no_nx'}"
        test(f"pt agrees with a model on random tables: {MODE}"
             f"{', no-execute' if NO_EXECUTE else ''}")(random_test)


@test("pt without paging: the physical address is the linear one")
def pt_no_paging():
    with guest() as g:
        set_mode(g, "", 0)
        equal(pt(g, 0x12345), (0x12345, 1 << 32, True, True, True))
        assert "no paging" in g.monitor("pt 0")
        equal(pt(g, 1 << 32), "no such address")


# ---- translations with QEMU's words ----

@test("gva2gpa, gva2hva, gpa2hva: QEMU's output")
def translations():
    with guest() as g:
        equal(g.monitor(f"gva2gpa {KERNEL + 0x1234:#x}"), "gpa: 0x1234\n")
        equal(g.monitor("gva2gpa 0x40000000"), "Unmapped\n")
        equal(g.monitor("gva2hva 0x40000000"), "Unmapped\n")
        equal(g.monitor("gpa2hva 0x1234"),
              f"Host virtual address for 0x1234 (slot 0) is {HVA + 0x1234:#x}\n")
        equal(g.monitor(f"gva2hva {KERNEL + 0x1234:#x}"),
              f"Host virtual address for {KERNEL + 0x1234:#x} (slot 0) is {HVA + 0x1234:#x}\n")
        equal(g.monitor("gpa2hva 0x200000"), "No memory is mapped at address 0x200000\n")


@test("gpa2gva: all linear addresses of a physical one")
def reverse():
    with guest() as g:
        equal(g.monitor("gpa2gva 0x12345"),
              "0x12345  2 MiB page, rwx supervisor\n"
              "0xffffffff80012345  2 MiB page, rwx supervisor\n")
        equal(g.monitor("gpa2gva 0x12345 0x200000").count("\n"), 1)
        equal(g.monitor("gpa2gva 0x200000"), "no linear address leads to physical 0x200000\n")
        # everything is one table, and so is mapped to it
        equal(g.ask("M1000,1000:" + le(0x1003) * 512), "OK")
        text = g.monitor("gpa2gva 0x1010").splitlines()
        equal(len(text), 101)
        equal(text[-1], "more: monitor gpa2gva 0x1010 0x64000")
        equal(g.monitor(text[-1].split(" ", 2)[2]).splitlines()[0],
              "0x64010  4 KiB page, rwx supervisor")


# ---- maps ----

@test("maps: ranges of equal rights")
def maps():
    with guest() as g:
        equal(g.monitor("maps"),
              "0000000000000000-00000000001fffff rwx supervisor 2 MiB\n"
              "ffffffff80000000-ffffffff801fffff rwx supervisor 2 MiB\n")
        equal(g.monitor("maps 0x1000 0x1fff"),
              "0000000000001000-0000000000001fff rwx supervisor 4 KiB\n")
        equal(g.monitor("maps 0x200000 0xffff00000000"), "nothing is mapped there\n")
        equal(g.monitor("maps 2 1"), "maps: TO is below FROM\n")
        # pages with other rights, and one range over two tables
        for i in range(8):
            equal(g.ask(f"M{0x5000 + 8 * i:x},8:{le(0x7 if i < 4 else 0x5)}"), "OK")
        equal(g.ask(f"M4008,8:{le(0x5007)}"), "OK")
        equal(g.ask(f"M1000,8:{le(0x2027)}"), "OK")
        equal(g.ask(f"M2000,8:{le(0x4027)}"), "OK")
        equal(g.monitor("maps 0 0xffffffff"),
              "0000000000000000-00000000001fffff rwx supervisor 2 MiB\n"
              "0000000000200000-0000000000203fff rwx user       16 KiB\n"
              "0000000000204000-0000000000207fff r-x user       16 KiB\n")


@test("maps: the last address that there is")
def maps_end():
    with guest() as g:
        equal(g.ask(f"M3ff8,8:{le(0x83)}"), "OK")
        assert g.monitor("maps").endswith(
            "ffffffffc0000000-ffffffffffffffff rwx supervisor 1 GiB\n")


@test("maps: a range without any page is told in words, not by silence")
def maps_nothing():
    with guest() as g:
        for words in ("0xffffffffffffffff", "0x200000 0x7fffffff", "0x8000000000000000"):
            text = g.monitor(f"maps {words}")
            if words.startswith("0x8"):
                matches("ffffffff80000000-.*", text)
            else:
                equal(text, "nothing is mapped there\n")


@test("maps, gpa2gva, find: tables of equal entries are passed at once, as those of KASAN")
def maps_alike():
    with guest() as g:
        # 512 GiB of read-only pages, which are all the same, and nothing around them
        for table, entry in ((0x40000, 0x41003), (0x41000, 0x42003), (0x42000, 0x50021 | NX)):
            equal(g.ask(f"M{table:x},1000:" + le(entry) * 512), "OK")
        equal(g.ask(f"M42008,8:{le(0x50061 | NX)}"), "OK")
        equal(g.ask(f"M1010,8:{le(0x40003)}"), "OK")
        assert "0000010000000000-0000017fffffffff r-- supervisor 512 GiB\n" in g.monitor("maps")
        assert "0000010000000000-0000018000000000 0000008000000000 -r-" in g.monitor("info mem")
        equal(g.monitor("gpa2gva 0x51000").count("\n"), 2)
        # a page of another right among them
        equal(g.ask(f"M42010,8:{le(0x50023)}"), "OK")
        text = g.monitor("maps 0x10000000000 0x100003fffff")
        equal([line.split()[:2] for line in text.splitlines()],
              [["0000010000000000-0000010000001fff", "r--"],
               ["0000010000002000-0000010000002fff", "rwx"],
               ["0000010000003000-0000010000201fff", "r--"],
               ["0000010000202000-0000010000202fff", "rwx"],
               ["0000010000203000-00000100003fffff", "r--"]])
        # a table where no memory is
        equal(g.ask(f"M1010,8:{le(0x900000003)}"), "OK")
        equal(g.monitor("maps 0x10000000000 0x17fffffffff"), "nothing is mapped there\n")


@test("maps: a hostile table takes long, in slices, and can be interrupted")
def maps_hostile():
    with guest() as g:
        equal(g.ask("M1000,1000:" + "".join(le(0x1003 | (i & 1) << 63) for i in range(512))),
              "OK")
        g.send("qRcmd," + b"maps".hex())
        assert g.recv()[0] == "O"
        g.write(b"\x03")
        reply = g.recv()
        last = ""
        while reply[0] == "O" and reply != "OK":
            last = bytes.fromhex(reply[1:]).decode()
            reply = g.recv()
        equal((last, reply), ("interrupted\n", "OK"))
        equal(g.ask("qC"), "QC1")


@test("maps: a debugger that does not read does not fill the daemon's memory")
def maps_unread():
    with guest() as g:
        equal(g.ask("M1000,1000:" + "".join(le(0x1003 | (i & 1) << 63) for i in range(512))),
              "OK")
        g.write(frame("qRcmd," + b"maps".hex()))
        time.sleep(1)
        with open(f"/proc/{g.daemon.process.pid}/stat", encoding="ascii") as stat:
            before = int(stat.read().split()[13])
        time.sleep(0.5)
        with open(f"/proc/{g.daemon.process.pid}/stat", encoding="ascii") as stat:
            equal(int(stat.read().split()[13]) - before, 0)
        g.write(b"\x03")
        reply = "O"
        while reply != "OK":
            reply = g.recv()
        equal(g.ask("qC"), "QC1")


# ---- find ----

@test("find passes terabytes of holes at once, also by physical address")
def find_holes():
    with guest() as g:
        equal(g.ask("M50000,4:71727375"), "OK")
        equal(g.ask(f"qSearch:memory:60000;{KERNEL:x};qrsu"), f"1,{KERNEL + 0x50000:x}")
        equal(g.ask("Qqemu.PhyMemMode:1"), "OK")
        equal(g.ask(f"qSearch:memory:60000;{MASK64 - 0x60000:x};qrsu"), "0")
        assert is_error(g.ask("qSearch:memory:200000;fffffffffff;qrsu"))


# ---- descriptor tables ----

GDT, IDT, TSS = 0x20000, 0x21000, 0x6000


def poke(line, addr, data):
    equal(line.ask(f"M{addr:x},{len(data):x}:{data.hex()}"), "OK")


def descriptor(base, limit, access, flags):
    """A descriptor of 8 bytes, by the picture in the SDM."""
    return (limit & 0xffff | (base & 0xffffff) << 16 | access << 40 | (limit >> 16 & 15) << 48 |
            flags << 52 | (base >> 24 & 0xff) << 56).to_bytes(8, "little")


def gate(selector, offset, access, ist=0, wide=True):
    low = (offset & 0xffff | selector << 16 | ist << 32 | access << 40 |
           (offset >> 16 & 0xffff) << 48)
    data = low.to_bytes(8, "little")
    return data + (offset >> 32).to_bytes(8, "little") if wide else data


def set_table(line, name, base, limit):
    put(line, register(line, name + "_base"), base)
    put(line, register(line, name + "_limit"), limit, size=4)


@test("gdt: code, data, a TSS of 16 bytes, gates; one selector")
def gdt():
    with guest() as g:
        poke(g, GDT, bytes(8) + descriptor(0, 0xfffff, 0x9b, 10) + descriptor(0, 0xfffff, 0xf2, 12) +
             bytes(8) + descriptor(0x12345678, 0x67, 0x8b, 0) + le_bytes(0xffff8880) +
             descriptor(0x1000, 0xff, 0x1e, 4))
        set_table(g, "gdtr", GDT, 55)
        equal(g.monitor("gdt"),
              "GDT at 0x20000, limit 0x37\n"
              "0008: base 0x0 limit 0xffffffff code64 readable accessed dpl 0\n"
              "0010: base 0x0 limit 0xffffffff data32 writable dpl 3\n"
              "0020: base 0xffff888012345678 limit 0x67 TSS64-busy dpl 0\n"
              "0030: base 0x1000 limit 0xff code32 readable conforming dpl 0 not present\n")
        equal(g.monitor("gdt 0x13").splitlines()[1:], g.monitor("gdt").splitlines()[2:3])
        equal(g.monitor("gdt 0x10000"), "gdt: there is no entry 0x10000\n")
        matches("usage: monitor gdt .*", g.monitor("gdt x"))
        set_table(g, "gdtr", 0x400000, 55)
        equal(g.monitor("gdt"), "GDT at 0x400000, limit 0x37\nno memory at 0x400000\n")


def le_bytes(value):
    return value.to_bytes(8, "little")


@test("idt: gates of long mode, of protected mode, and vectors of real mode")
def idt():
    with guest() as g:
        poke(g, IDT, gate(0x10, 0xffffffff81234567, 0x8e, 3) + gate(0x10, 0x1000, 0xef) +
             bytes(16) + gate(0x10, 0x2000, 0x0e))
        set_table(g, "idtr", IDT, 0xfff)
        equal(g.monitor("idt"),
              "IDT at 0x21000, limit 0xfff\n"
              "00: IntGate64  0010:0xffffffff81234567  dpl 0 ist 3\n"
              "01: TrapGate64 0010:0x1000  dpl 3\n"
              "03: IntGate64  0010:0x2000  dpl 0 not present\n")
        equal(g.monitor("idt 1").splitlines()[1:], ["01: TrapGate64 0010:0x1000  dpl 3"])
        # now without long mode
        put(g, register(g, "efer"), 0)
        put(g, register(g, "cr0"), 1)
        poke(g, IDT, gate(0x8, 0x12345678, 0x8e, wide=False) + gate(0x28, 0, 0x85, wide=False) +
             gate(0x8, 0x99991234, 0x86, wide=False) + bytes(0x80))
        equal(g.monitor("idt").splitlines()[1:],
              ["00: IntGate32  0008:0x12345678  dpl 0", "01: TaskGate   0028  dpl 0",
               "02: IntGate16  0008:0x1234  dpl 0"])
        put(g, register(g, "cr0"), 0x10)
        poke(g, IDT, bytes.fromhex("53ff00f0"))
        equal(g.monitor("idt 0").splitlines()[1], "00: f000:ff53  linear 0xfff53")


@test("tss: the stacks of long mode, and the registers of a 32-bit task")
def tss():
    with guest() as g:
        poke(g, TSS, bytes(4) + b"".join(le_bytes(0xffff888000000000 + i) for i in range(3)) +
             bytes(8) + b"".join(le_bytes(0xfffffe0000000000 + i) for i in range(7)) +
             bytes(10) + b"\x68\0")
        text = g.monitor("tss").splitlines()
        equal(text[0], "TSS of 64 bits at 0x6000, limit 0x67, selector 0x40")
        assert "rsp2 0xffff888000000002" in text, text
        assert "ist7 0xfffffe0000000006" in text, text
        equal(text[-1], "I/O permission bitmap at 0x68")
        put(g, register(g, "efer"), 0)
        poke(g, TSS, b"".join(i.to_bytes(4, "little") for i in range(26)))
        text = g.monitor("tss").splitlines()
        assert "ss0:esp0 0x0002:0x00000001" in text, text
        assert "cr3 0x00000007" in text, text
        assert "eip 0x00000008" in text, text
        assert "edi 0x00000011" in text, text
        assert "ldt 0x0018" in text, text


@test("descriptor tables are shown by linear addresses also with \"monitor physical on\"")
def tables_physical():
    with guest() as g:
        poke(g, GDT, bytes(8) + descriptor(0, 0xfffff, 0x9b, 10))
        set_table(g, "gdtr", KERNEL + GDT, 15)
        wanted = g.monitor("gdt")
        assert "code64" in wanted, wanted
        g.monitor("physical on")
        equal(g.monitor("gdt"), wanted)
        assert "on" in g.monitor("physical")


# ---- lists ----

@test("slots and objects")
def lists():
    with guest() as g:
        equal(g.monitor("slots"), "slot 0: 0000000000000000-00000000001fffff, 2 MiB, "
              f"in the VMM at {HVA:#x}, dirty log\n")
        matches("no breakpoint.*\n", g.monitor("objects"))
        equal(g.ask("Z0,10011,1"), "OK")
        equal(g.ask("Z2,10800,8"), "OK")
        matches(r"\d+: soft 0x10011, 0 hits, in copies of pages, 1 mapped\n"
                r"\d+: write 0x10800-0x10807, 0 hits, in a debug register\n",
                g.monitor("objects"))
        assert "the VMM has it" in g.monitor("lapic")


@test("stats: counters of all vCPUs, or of one, by reason")
def stats():
    with guest() as g:
        equal(g.monitor("stats"),
              "all vCPUs: 100000 VM entries (1 failed), 100 returns of KVM_RUN\n"
              "VM exits:\n"
              "        1000  interrupt of the host\n"
              "        4800  EPT violation\n"
              "          70  exit reason 70\n"
              "EPT: 48 faults; 3 pages of 4 KiB, 2 of 2 MiB, 0 of 1 GiB\n"
              "debugging: 5 hooked pages, 0 watched ranges, 6 page table entries followed "
              "in 7 address spaces\n")
        assert g.monitor("stats 1").startswith("vCPU 1: 2000 VM entries"), g.monitor("stats 1")
        equal(g.monitor("stats 9"), "stats: there is no vCPU 9\n")
        matches("usage: monitor stats .*", g.monitor("stats x"))


# ---- disassembly ----

@test("disas: by the mode of the vCPU, from the next instruction on")
def disas():
    with guest() as g:
        put(g, 0x10, 0x10000)
        text = g.monitor("disas").splitlines()
        equal(len(text), 10)
        matches(r"=> 0x10000: 48 c7 c4 00 00 1f 00 +mov \$0x1f0000, %rsp", text[0])
        matches(r"   0x10007: e8 05 00 00 00 +call 0x10011", text[1])
        matches(r"   0x10011: 55 +push %rbp", g.monitor("disas 0x10011 1").strip("\n"))
        assert "push rbp" in g.monitor("disas intel 0x10011 1")
        equal(g.monitor("disas $rip 1").splitlines(), text[:1])
        equal(g.monitor("disas 0x10000 0"), "disas: N is 1 to 500\n")
        equal(g.monitor("disas 0x200000"), "disas: no memory at 0x200000\n")
        matches("usage: monitor disas .*", g.monitor("disas 1 2 3"))


@test("disas: other modes than the vCPU's; bad bytes; the end of memory")
def disas_modes():
    with guest() as g:
        poke(g, 0x20000, bytes.fromhex("b8341248c3"))
        matches(r".*mov \$0xc3481234, %eax\n", g.monitor("disas 64 0x20000 1"))
        text = g.monitor("disas 16 0x20000 3").splitlines()
        for line, wanted in zip(text, [r"mov \$0x1234, %ax", "dec %ax", "ret"]):
            assert re.search(wanted, line), text
        assert "dec %eax" in g.monitor("disas 32 0x20003 1"), g.monitor("disas 32 0x20003 1")
        poke(g, 0x20000, bytes.fromhex("0f04" + "90" * 14))
        matches(r"   0x20000: 0f +\(bad\)\n", g.monitor("disas 0x20000 1"))
        poke(g, RAM - 1, b"\x48")
        equal(g.monitor(f"disas {RAM - 1:#x} 3").splitlines()[1], "disas: no memory at 0x200000")
        assert "(memory ends here)" in g.monitor(f"disas {RAM - 1:#x} 3")


@test("disas: targets of real mode's jumps are offsets in the segment")
def disas_real():
    with guest(FAKE_REAL=1) as g:
        poke(g, 0x10464, bytes.fromhex("eb0a"))
        put(g, 0x10, 0x10464)
        matches(r"=> 0x10464: eb 0a +jmp 0x470\n", g.monitor("disas $pc 1"))


@test("xp/i: physical memory as instructions")
def disas_physical():
    with guest() as g:
        put(g, 0x10, 0x10011)
        matches(r"   0x10011: 55 +push %rbp\n   0x10012: .*\n", g.monitor("xp/2i 0x10011"))
        equal(g.monitor("xp/501i 0"), "xp: at most 500 instructions\n")
        equal(g.monitor("xp/i 0x200000"), "xp: no memory at 0x200000\n")


# ---- QEMU's words ----

@test("xp: formats and sizes as QEMU's monitor")
def xp():
    with guest() as g:
        poke(g, 0x30000, bytes.fromhex("f0debc9a78563412") + b"A'\n\xff0123" + b"\xfe\xff")
        equal(g.monitor("xp 0x30000"), "0000000000030000: 0x9abcdef0\n")
        equal(g.monitor("xp/2xg 0x30000"),
              "0000000000030000: 0x123456789abcdef0 0x33323130ff0a2741\n")
        equal(g.monitor("xp/3xg 0x30000").splitlines()[1], "0000000000030010: 0x000000000000fffe")
        equal(g.monitor("xp/4c 0x30008"), "0000000000030008: 'A' '\\'' '\\x0a' '\\xff'\n")
        equal(g.monitor("xp/1dh 0x30010"), "0000000000030010:    -2\n")
        equal(g.monitor("xp/1uh 0x30010"), "0000000000030010: 65534\n")
        equal(g.monitor("xp/1ob 0x30000"), "0000000000030000: 0360\n")
        equal(g.monitor("xp/9xb 0x30000").splitlines()[1], "0000000000030008: 0x41")
        equal(g.monitor("xp 0x200000"), "xp: no memory at physical 0x200000\n")
        matches("usage: monitor xp .*", g.monitor("xp/4q 0x30000"))
        matches("usage: monitor xp .*", g.monitor("xp/"))
        equal(g.monitor("xp/99999999xg 0"), "xp: at most 65536 bytes\n")
        equal(g.monitor("xp/2xg 0xfffffffffffffff8"), "xp: the address space ends before\n")


@test("info registers: QEMU's lines")
def info_registers():
    with guest() as g:
        text = g.monitor("info registers").splitlines()
        equal(text[1], "CPU#0")
        wanted = f"RIP={get(g, 0x10):016x} RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0"
        assert wanted in text, text
        assert "CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]" in text, text
        assert "TR =0040 0000000000006000 00000067 00008b00 DPL=0 TSS64-busy" in text, text
        assert "CR0=80050033 CR2=0000000000000000 CR3=0000000000001000 CR4=00000020" in text
        assert "EFER=0000000000000d01" in text, text
        assert any(re.fullmatch("XMM14=0{16} 0{16} XMM15=0{16} 0{16}", t) for t in text), text
        put(g, 0x11, 0xcd5, size=4)
        assert "RFL=00000cd5 [DOSZAPC]" in g.monitor("info registers")
    with guest(FAKE_REAL=1) as g:
        text = g.monitor("info registers")
        put(g, 0x10, 0x10123)
        assert "EIP=00000123 EFL=00000002" in g.monitor("info registers")
        assert "CS =1000 00010000 0000ffff 00000000\n" in text, text


@test("info mem and tlb: the lines that pwndbg and gef parse")
def info_mem():
    with guest() as g:
        wanted = [(0, RAM), (KERNEL, KERNEL + RAM)]
        got = []
        for line in g.monitor("info mem").splitlines():
            span, size, rights = line.split()
            start, end = (int(x, 16) for x in span.split("-"))
            equal((int(size, 16), rights), (end - start, "-rw"))
            got.append((start, end))
        equal(got, wanted)
        equal(g.monitor("info tlb"),
              "0000000000000000: 0000000000000000 -GPDA---W\n"
              "ffffffff80000000: 0000000000000000 -GPDA---W\n")
        equal(g.ask(f"M3ff8,8:{le(0x83)}"), "OK")
        equal(g.monitor("info mem").splitlines()[-1],
              "ffffffffc0000000-10000000000000000 0000000040000000 -rw")


@test("info: QEMU's other words; alone it is about the debugger")
def info_words():
    with guest() as g:
        assert g.monitor("info").startswith("VM 7 of process 4242"), g.monitor("info")
        equal(g.monitor("info status"), "VM status: paused (debug)\n")
        equal(g.monitor("info cpus"), "* CPU #0: thread_id=5000\n  CPU #1: thread_id=5001\n")
        assert "0000000000000000-00000000001fffff (prio 0, ram): slot 0" in g.monitor("info mtree")
        assert "local APIC" in g.monitor("info lapic")
        assert "info registers" in g.monitor("info weather")
        matches("usage: monitor info .*", g.monitor("info a b"))


if __name__ == "__main__":
    sys.exit(TAP.run())
