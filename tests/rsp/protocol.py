#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of each packet of the protocol, valid and invalid, with the fake guest."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import rsp
from rsp import Daemon, escape, frame, le, unescape

TAP = rsp.Tap()
test = TAP.test

# guest.S
START, LOOP_CALL, WORK, LEAF, SPIN = 0x10000, 0x10007, 0x10011, 0x10025, 0x10100
WORK_INC, AFTER_INC, CALL_LEAF = 0x10015, 0x1001d, 0x1001d
TRIPLE_FAULT, VM_ENDS, NEW_VCPU = 0x10400, 0x10410, 0x10420
NO_MEMORY = 0x7f0000000000
SLEEP, READER, WRITER, STRAIGHT = 0x10430, 0x10440, 0x10450, 0x10460
WRITTEN = 0x10458
COUNTER, BYTES = 0x10800, 0x10808
KERNEL = 0xffffffff80000000
RIP, RSP, EFLAGS = 0x10, 7, 0x11
ALL_FEATURES = "qSupported:swbreak+;hwbreak+;error-message+;multiprocess+"


@contextlib.contextmanager
def guest(features="qSupported:swbreak+;hwbreak+", ack=False, options=(), **env):
    """A debugger's connection to a stopped guest."""
    daemon = Daemon(*options, env={k: str(v) for k, v in env.items()})
    try:
        line = daemon.connect()
        line.daemon = daemon
        if features:
            assert line.ask(features)
        if not ack:
            line.stop_ack()
        yield line
        line.close()
    finally:
        daemon.end()


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def matches(pattern, got):
    assert got is not None and re.fullmatch(pattern, got, re.S), \
        f"got {got!r}, wanted {pattern}"


def fields(stop):
    """Return the fields of a T packet."""
    matches(r"T[0-9a-f]{2}.*", stop)
    return dict(f.split(":") for f in stop[3:].split(";") if f)


def is_error(reply):
    return bool(re.fullmatch(r"E[0-9a-fA-F]{2}|E\..+", reply or ""))


def get(line, number, thread=None):
    if thread:
        equal(line.ask(f"Hg{thread:x}"), "OK")
    return int.from_bytes(bytes.fromhex(line.ask(f"p{number:x}")), "little")


def put(line, number, value, thread=None, size=None):
    if thread:
        equal(line.ask(f"Hg{thread:x}"), "OK")
    size = size or len(line.ask(f"p{number:x}")) // 2
    equal(line.ask(f"P{number:x}={le(value, size)}"), "OK")


def counter(line):
    return int.from_bytes(bytes.fromhex(line.ask(f"m{COUNTER:x},8")), "little")


# ---- framing ----

@test("a packet with the right checksum is acknowledged with +")
def ack_good():
    with guest(features=None, ack=True) as g:
        g.write(frame("qAttached"))
        equal(g.byte(), b"+")
        equal(g.recv(), "1")


@test("a packet with a wrong checksum is refused with - and not executed")
def ack_bad():
    with guest(features=None, ack=True) as g:
        g.write(b"$P10=0000000000000000#00")
        equal(g.byte(), b"-")
        g.write(b"$qAttached#zz")
        equal(g.byte(), b"-")
        assert get(g, RIP) != 0


@test("an unacknowledged packet is sent again on -, and no more after +")
def resend():
    with guest(features=None, ack=True) as g:
        g.write(frame("qAttached"))
        equal(g.byte(), b"+")
        assert g.buffer or g.fill(5)
        first = g.buffer
        for _ in range(3):
            g.buffer = b""
            g.write(b"-")
            assert g.fill(5)
            equal(g.buffer, first)
        g.buffer = b""
        g.write(b"+-")
        equal(g.byte(0.2), None)


@test("a line that refuses for ever does not keep the daemon busy for ever")
def resend_bounded():
    with guest(features=None, ack=True) as g:
        g.write(frame("qAttached"))
        g.write(b"-" * 1000)
        time.sleep(0.2)
        g.fill(1)
        assert len(g.buffer) < 1000
        g.buffer = b""
        equal(g.ask("qAttached"), "1")


@test("console text and the reply after it each wait for their acknowledgment")
def ack_queue():
    with guest(features=None, ack=True) as g:
        g.send("qRcmd," + b"info".hex())
        g.fill(5)
        g.fill(0.2)
        equal(g.buffer.count(b"$"), 1)
        replies = []
        while not replies or replies[-1] != "OK":
            replies.append(g.recv())
        assert len(replies) >= 4
        assert all(r[0] == "O" for r in replies)


@test("in no-ack mode nothing is acknowledged")
def no_ack():
    with guest() as g:
        g.write(frame("qAttached"))
        equal(g.byte(), b"$")


@test("in no-ack mode a damaged packet gets an error and is not executed")
def no_ack_bad():
    with guest() as g:
        g.write(b"$P10=0000000000000000#00")
        assert is_error(g.recv())
        assert get(g, RIP) != 0


@test("noise between packets does no harm")
def noise():
    with guest() as g:
        g.write(b"hello\r\n\0\xff+++---" + frame("qAttached") + b"junk")
        equal(g.recv(), "1")
        equal(g.ask("qC"), "QC1")


@test("a $ inside a packet begins a new one")
def restart_packet():
    with guest() as g:
        g.write(b"$m1000" + frame("qC"))
        equal(g.recv(), "QC1")
        equal(g.byte(0.2), None)


@test("a packet may come byte by byte")
def in_pieces():
    with guest() as g:
        for c in frame("qC"):
            g.write(bytes([c]))
            time.sleep(0.002)
        equal(g.recv(), "QC1")


@test("several packets may come at once")
def at_once():
    with guest() as g:
        g.write(frame("qC") + frame("Hg2") + frame("qC"))
        equal([g.recv(), g.recv(), g.recv()], ["QC1", "OK", "QC2"])


@test("a packet of the announced size is accepted, a longer one gets an error")
def overlong():
    with guest() as g:
        size = int(re.search("PacketSize=([0-9a-f]+)",
                             g.ask("qSupported")).group(1), 16)
        g.no_ack = False
        g.stop_ack()
        head = f"M{0x20000:x},{0x7000:x}:"
        equal(g.ask(head + "5a" * 0x7000), "OK")
        equal(g.ask("m26fff,1"), "5a")
        equal(g.ask("m" * size), "E16")
        assert is_error(g.ask("m" * (size + 1)))
        equal(g.ask("qC"), "QC1")


@test("replies are run-length encoded, correctly for each length")
def run_lengths():
    with guest() as g:
        for n in list(range(1, 120)) + [97 * 2, 500]:
            equal(g.ask(f"M30000,{n + 1:x}:{'00' * n}01"), "OK")
            raw = g.ask(f"m30000,{n + 1:x}", raw=True)
            equal(rsp.expand(raw).decode(), "00" * n + "01")
            for found in re.finditer(rb"\*(.)", raw, re.S):
                assert found[1] not in b"#$+-" and 32 <= found[1][0] <= 126
        assert len(raw) < 100


@test("an unknown packet gets the empty reply")
def unknown():
    with guest() as g:
        for packet in ("vMustReplyEmpty", "vFile:open:0", "Dxyz", "qCx", "kx",
                       "qTSTMat:", "QThreadOptions;1", "qOffsets", "i", "\x7f", ""):
            equal(g.ask(packet), "")


@test("malformed packets get errors, and change nothing")
def malformed():
    bad = """m m1 m1, m,1 mx,1 m1,1,1 m10000,1x m11111111111111111,1 m0,0
        M10000 M10000,1 M10000,1: M10000,1:9 M10000,1:999 M10000,2:99
        M10000,1:zz X10000 X10000,1 X10000,2:a X10000,1:} X10000,0:a
        p p- pzz p10x p999 P P10 P10= P10=00 P10=xx P999=00
        G G00 H Hx Hg Hgz Hg-2 Hg99 Hc99 T Tz T99 qThreadExtraInfo,zz
        Z Z0 Z0, Z0,10025 Z0,10025, Z0,10025,1; Z0,10025,1;X1,2 Z0,10025,2
        Z2,10800,0 Z9x,1,1 z0 z0,x,1
        vCont; vCont;x vCont;c: vCont;c:99 vCont;C vCont;C0 vCont;Czz vCont;r
        vCont;r1 vCont;r1, vCont;s:1;;c vCont;c:1x
        cx c1x C Cx C05; C05x s- S S5 S05;zz
        qXfer:features:read:target.xml:0 qXfer:features:read:target.xml:zz,1
        qXfer:features:read:target.xml:fffff,1 qXfer:features:read:x.xml:0,10
        qXfer:threads:read:x:0,10 qXfer:threads:read::1
        qRcmd,7 qRcmd,zz qSearch:memory:0 qSearch:memory:0;1
        qSearch:memory:0;1; qCRC:1 qCRC:0,fffffffff Qqemu.PhyMemMode:2
        Qqemu.PhyMemMode: Qqemu.sstep=0 Qqemu.sstep=9 Qqemu.sstep=""".split()
    with guest() as g:
        before = g.ask("g"), g.ask("m10000,20"), counter(g)
        for packet in bad:
            reply = g.ask(packet)
            assert is_error(reply), f"{packet}: {reply!r}"
        equal((g.ask("g"), g.ask("m10000,20"), counter(g)), before)


@test("errors are numbers for an old gdb, but texts for some packets")
def error_forms():
    with guest() as g:
        equal(g.ask("m900000,4"), "E0e")
        matches(r"E\..*0x900000.*", g.ask("M900000,1:00"))
    with guest(ALL_FEATURES) as g:
        matches(r"E\..*0x900000.*", g.ask("m900000,4"))


# ---- what is said at the start ----

@test("qSupported: sizes are in hex, and the named features work")
def supported():
    with guest() as g:
        reply = g.ask("qSupported:multiprocess+;xmlRegisters=i386")
        items = reply.split(";")
        assert "PacketSize=10000" in items
        for item in ("QStartNoAckMode+", "qXfer:features:read+",
                     "qXfer:threads:read+", "vContSupported+", "swbreak+",
                     "hwbreak+"):
            assert item in items, item


@test("a second qSupported is a new debugger: acknowledgments are on again")
def supported_again():
    with guest() as g:
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        matches("T05.*", g.recv())
        equal(g.ask("Hg2"), "OK")
        g.write(frame("qSupported:swbreak+"))
        equal(g.byte(), b"+")
        g.no_ack = False
        assert g.recv()
        equal(g.ask("qC"), "QC1")
        g.send("c")
        equal(g.recv(timeout=0.3), None)  # the breakpoint is no more


@test("a second qSupported while the guest runs stops it")
def supported_running():
    with guest() as g:
        g.send("vCont;c")
        g.write(frame("qSupported:swbreak+"))
        equal(g.byte(), b"+")
        g.no_ack = False
        assert g.recv().startswith("PacketSize")
        matches("T05.*", g.ask("?"))
        assert len(g.ask("g")) > 100


@test("qAttached is 1, so gdb detaches when it quits")
def attached():
    with guest() as g:
        equal(g.ask("qAttached"), "1")
        equal(g.ask("qAttached:1"), "1")
        equal(g.ask("qSymbol::"), "OK")


@test("?: the stopped vCPU, with pc, stack and flags")
def why():
    with guest() as g:
        stop = fields(g.ask("?"))
        equal(stop["thread"], "1")
        equal(set(stop), {"06", "07", "10", "11", "thread", "core"})
        equal(stop["10"], le(get(g, RIP)))
        equal(fields(g.ask("?")), stop)


# ---- documents ----

def document(g, name, piece):
    text, offset = "", 0
    while True:
        raw = g.ask(f"qXfer:{name}:{offset:x},{piece:x}", raw=True)
        part = unescape(rsp.expand(raw)[1:]).decode()
        assert len(part) <= piece
        text += part
        offset += len(part)
        if raw[:1] == b"l":
            return text
        equal(raw[:1], b"m")


def in_g(root):
    """Registers of the description that are in 'g': those before AVX."""
    regs = root.findall("feature/reg")
    return regs[:[r.get("name") for r in regs].index("ymm0h")]


@test("the target description is well formed and has gdb's features")
def description():
    with guest() as g:
        text = document(g, "features:read:target.xml", 0x8000)
        root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
        equal(root.find("architecture").text, "i386:x86-64")
        names = [f.get("name") for f in root.findall("feature")]
        equal(names, ["org.gnu.gdb.i386.core", "org.gnu.gdb.i386.sse",
                      "org.gnu.gdb.i386.segments", "org.vmxdbg.system",
                      "org.gnu.gdb.i386.linux", "org.gnu.gdb.i386.avx",
                      "org.gnu.gdb.i386.avx512", "org.gnu.gdb.i386.pkeys",
                      "org.vmxdbg.segments", "org.vmxdbg.state", "org.vmxdbg.msrs"])
        regs = root.findall("feature/reg")
        equal(regs[RIP].get("name"), "rip")
        bits = sum(int(r.get("bitsize")) for r in in_g(root))
        equal(len(g.ask("g")), bits // 8 * 2)
        equal(len({r.get("name") for r in regs}), len(regs))


@test("qXfer: any piece size gives the same document, also beyond its end")
def description_pieces():
    with guest() as g:
        whole = document(g, "features:read:target.xml", 0x8000)
        for piece in (1, 7, 0x100, 0xfff, len(whole), len(whole) + 1):
            if piece > 1:
                equal(document(g, "features:read:target.xml", piece), whole)
        head = "qXfer:features:read:target.xml:"
        equal(g.ask(f"{head}{len(whole):x},10"), "l")
        assert is_error(g.ask(f"{head}{len(whole) + 1:x},10"))
        equal(g.ask(f"{head}0,0"), "m")
        equal(g.ask(f"{head}{len(whole) - 1:x},1"), "l" + whole[-1])
        equal(g.ask(f"{head}{len(whole) - 2:x},1"), "m" + whole[-2])
        equal(g.ask(f"{head}0,ffffffffffffffff")[0], "l")


@test("qXfer: threads, by name")
def threads_document():
    with guest() as g:
        root = ET.fromstring(document(g, "threads:read:", 0x8000))
        equal([t.get("id") for t in root], ["1", "2"])
        equal([t.get("name") for t in root], ["vCPU 0", "vCPU 1"])
        assert "host thread 5001" in root[1].text


@test("--arch i386 gives the registers of a 32-bit processor")
def arch_i386():
    daemon = Daemon("--arch", "i386")
    try:
        g = daemon.connect()
        text = document(g, "features:read:target.xml", 0x8000)
        root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
        equal(root.find("architecture").text, "i386")
        regs = root.findall("feature/reg")
        equal([r.get("name") for r in regs[:9]],
              "eax ecx edx ebx esp ebp esi edi eip".split())
        bits = sum(int(r.get("bitsize")) for r in in_g(root))
        equal(len(g.ask("g")), bits // 8 * 2)
        equal(g.ask("P0=efbeadde"), "OK")
        equal(g.ask("p0"), "efbeadde")
        assert "08:" in g.ask("?")
        g.close()
    finally:
        daemon.end()


# ---- threads ----

@test("thread lists have each vCPU once, and a single l at the end")
def thread_lists():
    with guest() as g:
        equal(g.ask("qfThreadInfo"), "m1,2")
        equal(g.ask("qsThreadInfo"), "l")
        equal(g.ask("T1"), "OK")
        equal(g.ask("T2"), "OK")
        assert is_error(g.ask("T3"))
        text = bytes.fromhex(g.ask("qThreadExtraInfo,2")).decode()
        assert "vCPU 1" in text, text


@test("Hg chooses the vCPU of g; 0 means the stopped one, and -1 is an error")
def choose_thread():
    with guest() as g:
        assert START <= get(g, RIP, 1) < SPIN
        assert SPIN <= get(g, RIP, 2) < SPIN + 0x100
        equal(g.ask("qC"), "QC2")
        equal(g.ask("Hg0"), "OK")
        equal(g.ask("qC"), "QC1")
        equal(g.ask("Hg2"), "OK")
        assert is_error(g.ask("Hg-1"))
        equal(g.ask("qC"), "QC2")
        for packet in ("Hc0", "Hc-1", "Hc1", "Hc2"):
            equal(g.ask(packet), "OK")


@test("a vCPU that is created while the guest runs appears at the next stop")
def hotplug():
    with guest() as g:
        put(g, RIP, NEW_VCPU, 2)
        g.send("vCont;c")
        time.sleep(0.1)
        g.write(b"\x03")
        matches("T02.*", g.recv())
        equal(g.ask("qfThreadInfo"), "m1,2,3")
        assert SPIN <= get(g, RIP, 3) < 0x10300
        g.send("vCont;s:3")
        equal(fields(g.recv())["thread"], "3")


# ---- registers ----

@test("g and G: registers, there and back")
def all_registers():
    with guest() as g:
        before = g.ask("g")
        equal(g.ask("G" + before), "OK")
        equal(g.ask("g"), before)
        changed = le(0x1122334455667788) + before[16:]
        equal(g.ask("G" + changed), "OK")
        equal(g.ask("g"), changed)
        equal(g.ask("p0"), le(0x1122334455667788))
        assert is_error(g.ask("G" + before[:-2]))
        assert is_error(g.ask("G" + before + "00"))
        equal(g.ask("g"), changed)


@test("p and P: every register of g keeps what was written, and no other changes")
def each_register():
    with guest() as g:
        text = document(g, "features:read:target.xml", 0x8000)
        root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
        limits = {"cs": 2, "ss": 2, "ds": 2, "es": 2, "fs": 2, "gs": 2,
                  "fctrl": 2, "fstat": 2, "ftag": 2, "fiseg": 2, "foseg": 2,
                  "fop": 2, "gdtr_limit": 2, "idtr_limit": 2, "ldtr": 2,
                  "tr": 2}
        for number, reg in enumerate(in_g(root)):
            name, size = reg.get("name"), int(reg.get("bitsize")) // 8
            value = bytes(range(0x11, 0x11 + size))
            used = limits.get(name, size)
            # The contents of full registers decide a part of the tag word.
            if name == "ftag":
                value, used = b"\xff\xff\0\0", 4
            if name == "orig_rax":  # of no system call, whatever is written
                value = b"\xff" * 8
            value = value[:used].ljust(size, b"\0").hex()
            before = g.ask("g")
            equal((name, g.ask(f"P{number:x}={value}")), (name, "OK"))
            equal((name, g.ask(f"p{number:x}")), (name, value))
            if name in ("ftag", "fstat"):
                continue
            at = sum(int(r.get("bitsize")) // 4
                     for r in root.findall("feature/reg")[:number])
            equal((name, g.ask("g")),
                  (name, before[:at] + value + before[at + 2 * size:]))
            # VM86 mode, for example, changes the meaning of selectors.
            equal(g.ask("G" + before), "OK")


@test("registers that cannot be read are x in g, the others have values")
def unavailable():
    with guest(FAKE_NO_FPU=1) as g:
        reply = g.ask("g")
        equal(len(reply) % 2, 0)
        assert "xxxx" in reply
        equal(reply[:16], g.ask("p0"))
        equal(g.ask("p18"), "x" * 20)
        put(g, 0, 5)


@test("the x87 tag word is computed from the x87 registers")
def tag_word():
    with guest() as g:
        text = document(g, "features:read:target.xml", 0x8000)
        root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
        number = {r.get("name"): i
                  for i, r in enumerate(root.findall("feature/reg"))}
        equal(get(g, number["ftag"]), 0xffff)
        # TOP 6: st0 is physical register 6. Write 1, 0 and infinity.
        put(g, number["fstat"], 6 << 11, size=4)
        put(g, number["ftag"], 0x0ffc, size=4)  # 0, 6 and 7 are in use
        put(g, number["st0"], 0x3fff8000000000000000, size=10)
        put(g, number["st1"], 0, size=10)
        put(g, number["st2"], 0x7fff8000000000000000, size=10)
        # Physical register 0 is special, 6 valid, 7 zero, the others empty.
        equal(get(g, number["ftag"]), 0x4ffe)


@test("real mode: rip is linear for gdb and an offset for the processor")
def real_mode():
    with guest(FAKE_REAL=1) as g:
        rip = get(g, RIP)
        assert START <= rip < SPIN, hex(rip)
        assert "linear 00000000000100" in g.monitor("regs")
        put(g, RIP, STRAIGHT)
        equal(get(g, RIP), STRAIGHT)
        assert "rip 0000000000000460" in g.monitor("regs")
        equal(g.ask(f"Z0,{STRAIGHT + 3:x},1"), "OK")
        g.send("vCont;c:1")
        stop = fields(g.recv())
        equal(stop["10"], le(STRAIGHT + 3))
        # The base of CS follows the selector, and rip has gdb's value.
        put(g, 0x12, 0x1040, size=4)
        assert "cs   1040 base 0000000000010400" in g.monitor("regs")


# ---- memory ----

@test("m: the guest's bytes, also at kernel addresses")
def read_memory():
    with guest() as g:
        equal(g.ask("m10000,7"), "48c7c400001f00")
        equal(g.ask(f"m{KERNEL + START:x},7"), "48c7c400001f00")
        equal(g.ask("M10900,4:DEADbeef"), "OK")
        equal(g.ask("m10900,4"), "deadbeef")


@test("m: a short reply at the end of memory, E0e (EFAULT) without memory")
def read_end():
    with guest() as g:
        equal(g.ask("M1ffffe,2:abcd"), "OK")
        equal(g.ask("m1ffffe,10"), "abcd")
        equal(g.ask("m200000,1"), "E0e")
        equal(g.ask("mffffffffffffffff,10"), "E0e")
        equal(g.ask("m0,ffffffffffffffff")[:4], "0000")


@test("m: more than a packet holds gives a full packet")
def read_large():
    with guest() as g:
        equal(len(g.ask("m0,100000")), 0x10000)


@test("a write is complete or an error")
def write_end():
    with guest() as g:
        assert is_error(g.ask("M1ffffe,4:01020304"))
        assert is_error(g.ask("Mffffffffffffffff,2:0102"))
        assert is_error(g.ask("X200000,1:a"))


@test("X and x: binary data with every byte value")
def binary():
    with guest() as g:
        data = bytes(range(256)) + b"#$}*\x03" * 5
        equal(g.ask(b"X30000,%x:" % len(data) + escape(data)), "OK")
        equal(g.ask(f"m30000,{len(data):x}"), data.hex())
        raw = g.ask(f"x30000,{len(data):x}", raw=True)
        equal(raw[:1], b"b")
        equal(unescape(rsp.expand(raw)[1:]), data)
        equal(g.ask("X30000,0:"), "OK")  # gdb asks whether there is X
        equal(g.ask("x30000,0"), "b")
        assert is_error(g.ask("x200000,1"))


@test("x: runs are encoded, but no run of an escaped character")
def binary_runs():
    with guest() as g:
        for shift in range(9):
            # '*' is an escaped newline: the newlines behind it must not become a run of that.
            data = bytes(range(0x41, 0x41 + shift)) + b"*" + b"\n" * 20 + bytes(300) + b"}" * 5
            equal(g.ask(b"X30000,%x:" % len(data) + escape(data)), "OK")
            raw = g.ask(f"x30000,{len(data):x}", raw=True)
            equal(unescape(rsp.expand(raw)[1:]), data)
            assert b"}\n*" not in raw and len(raw) < 60


@test("x: a reply never exceeds the packet size, whatever must be escaped")
def binary_large():
    with guest() as g:
        for at in range(0x30000, 0x40000, 0x4000):
            equal(g.ask(f"M{at:x},4000:" + "23" * 0x4000), "OK")
        raw = g.ask("x30000,10000", raw=True)
        assert len(raw) <= 0x10000
        part = unescape(rsp.expand(raw)[1:])
        assert 0x7000 < len(part) <= 0x8000 and set(part) == {0x23}


@test("a write over a breakpoint, and a read of it, see the guest's bytes")
def write_on_breakpoint():
    with guest() as g:
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        equal(g.ask(f"m{LEAF:x},1"), "55")
        equal(g.ask(f"M{LEAF:x},1:55"), "OK")
        g.send("vCont;c")
        assert "swbreak" in fields(g.recv())


@test("qSearch:memory finds bytes, also across parts, and reports missing memory")
def search():
    with guest() as g:
        equal(g.ask(b"qSearch:memory:10000;1000;" + escape(b"#$}*")),
              f"1,{BYTES:x}")
        equal(g.ask("M10902,3:616263"), "OK")
        equal(g.ask("qSearch:memory:10900;5;abc"), "1,10902")
        equal(g.ask("qSearch:memory:10900;4;abc"), "0")
        equal(g.ask("qSearch:memory:10903;100;abc"), "0")
        equal(g.ask("qSearch:memory:10900;0;a"), "0")
        equal(g.ask("M5fffe,4:71727374"), "OK")
        equal(g.ask("qSearch:memory:40000;100000;qrst"), "1,5fffe")
        equal(g.ask("qSearch:memory:1ffff0;100;nothing"), "0")
        assert is_error(g.ask("qSearch:memory:300000;100;nothing"))


@test("qSearch:memory goes on behind a hole, takes breaks, and can be interrupted")
def search_holes():
    with guest() as g:
        equal(g.ask("M20000,4:71727374"), "OK")
        # from the end of the kernel's addresses over the whole address space to 0
        equal(g.ask(f"qSearch:memory:{KERNEL + 0x1ff000:x};3000;qrst"), "0")
        # terabytes of holes, from memory to memory, and to the end
        equal(g.ask("M50000,4:71727375"), "OK")
        equal(g.ask(f"qSearch:memory:1ff000;{KERNEL - 0x100000:x};qrsu"), f"1,{KERNEL + 0x50000:x}")
        equal(g.ask(f"qSearch:memory:{KERNEL + 0x1ff000:x};7fe01000;qrst"), "0")
        # a table that maps everything, where the fake guest has no memory: page by page
        equal(g.ask("M1000,1000:" + le(0x1003) * 512), "OK")
        g.send("qSearch:memory:1ff000;ffffffffff000000;qrst")
        equal(g.recv(timeout=0.3), None)
        g.write(b"\x03")
        assert is_error(g.recv())
        g.send("qSearch:memory:1ff000;ffffffffff000000;qrst")
        g.write(frame("qC"))
        equal(g.recv(timeout=0.3), None)
        g.write(b"\x03")
        # the packet that waited is answered after the one that took long
        g.daemon.process.send_signal(signal.SIGTERM)
        equal(g.daemon.status(), 0)


@test("qCRC: gdb's checksum")
def crc():
    with guest() as g:
        equal(g.ask("M30000,9:313233343536373839"), "OK")
        # CRC-32/MPEG-2 of "123456789"
        equal(g.ask("qCRC:30000,9"), "C376e6e7")
        assert is_error(g.ask("qCRC:1ffff0,100"))


@test("QEMU's packet for physical memory")
def physical():
    with guest() as g:
        equal(g.ask("qqemu.PhyMemMode"), "0")
        assert not is_error(g.ask(f"m{KERNEL:x},1"))
        equal(g.ask("Qqemu.PhyMemMode:1"), "OK")
        equal(g.ask("qqemu.PhyMemMode"), "1")
        equal(g.ask(f"m{KERNEL:x},1"), "E0e")
        equal(g.ask("m10000,3"), "48c7c4")
        equal(g.ask("Hg2"), "OK")
        equal(g.ask("M20000,1:77"), "OK")
        equal(g.ask("Qqemu.PhyMemMode:0"), "OK")
        equal(g.ask(f"m{KERNEL + 0x20000:x},1"), "77")


# ---- breakpoints ----

@test("Z0 stops before the instruction and reports swbreak, z0 removes it")
def soft():
    with guest() as g:
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        for _ in range(3):
            g.send("vCont;c")
            stop = fields(g.recv())
            equal((stop["10"], stop["thread"]), (le(LEAF), "1"))
            assert "swbreak" in stop and "hwbreak" not in stop
        equal(g.ask(f"z0,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)
        g.write(b"\x03")
        matches("T02.*", g.recv())


@test("Z1 stops before the instruction and reports hwbreak")
def hard():
    with guest() as g:
        equal(g.ask(f"Z1,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        stop = fields(g.recv())
        equal(stop["10"], le(LEAF))
        assert "hwbreak" in stop and "swbreak" not in stop
        equal(g.ask(f"z1,{LEAF:x},1"), "OK")


@test("swbreak and hwbreak are only sent to a debugger that knows them")
def no_reasons():
    for features in ("qSupported", "qSupported:swbreak-;hwbreak-", None):
        with guest(features) as g:
            equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
            g.send("vCont;c")
            assert "swbreak" not in g.recv()


@test("Z2 stops after a write, but not after a read")
def watch_write():
    with guest() as g:
        put(g, RIP, READER, 2)
        equal(g.ask(f"Z2,{COUNTER:x},8"), "OK")
        before = counter(g)
        g.send("vCont;c")
        stop = fields(g.recv())
        equal((stop["watch"], stop["10"], stop["thread"]),
              (f"{COUNTER:x}", le(AFTER_INC), "1"))
        equal(counter(g), before + 1)


@test("Z4 stops after a read as well")
def watch_access():
    with guest() as g:
        put(g, RIP, READER, 2)
        equal(g.ask(f"Z4,{COUNTER:x},4"), "OK")
        g.send("vCont;c:2")
        stop = fields(g.recv())
        equal((stop["awatch"], stop["thread"]), (f"{COUNTER:x}", "2"))


@test("Z3 stops after a read, and not after a write")
def watch_read():
    with guest() as g:
        put(g, RIP, READER, 2)
        equal(g.ask(f"Z3,{COUNTER:x},4"), "OK")
        g.send("vCont;c:2")
        equal(int(fields(g.recv())["rwatch"], 16), COUNTER)
        put(g, RIP, WRITER, 2)
        equal(g.ask("Z0,%x,1" % WRITTEN), "OK")
        g.send("vCont;c:2")
        assert "swbreak" in fields(g.recv())
        equal(g.ask(f"z3,{COUNTER:x},4"), "OK")


@test("Z and z may be repeated")
def idempotent():
    with guest() as g:
        for _ in range(100):
            equal(g.ask(f"Z1,{LEAF:x},1"), "OK")
        equal(g.ask(f"z1,{LEAF:x},1"), "OK")
        equal(g.ask(f"z1,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)


@test("two types of breakpoint at one address are independent")
def two_kinds():
    with guest() as g:
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        equal(g.ask(f"Z1,{LEAF:x},1"), "OK")
        equal(g.ask(f"z0,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        assert "hwbreak" in fields(g.recv())


@test("a region of any length and alignment is one watchpoint")
def watch_odd():
    with guest() as g:
        equal(g.ask(f"Z2,{COUNTER - 1:x},b"), "OK")
        g.send("vCont;c:1")
        at = int(fields(g.recv())["watch"], 16)
        assert COUNTER - 1 <= at < COUNTER + 10
        equal(g.ask(f"z2,{COUNTER - 1:x},b"), "OK")
        equal(g.ask(f"Z2,{COUNTER - 0x500:x},1000"), "OK")
        g.send("vCont;c:1")
        at = int(fields(g.recv())["watch"], 16)
        assert COUNTER - 0x500 <= at < COUNTER + 0xb00
        for i in range(8):
            equal(g.ask(f"Z1,{0x10470 + i:x},1"), "OK")


@test("one more watchpoint fits after one was removed while stopped")
def fifth():
    with guest(FAKE_BPS=4) as g:
        for i in range(4):
            equal(g.ask(f"Z2,{0x20000 + 8 * i:x},8"), "OK")
        assert is_error(g.ask("Z2,20020,8"))
        equal(g.ask("z2,20008,8"), "OK")
        equal(g.ask("Z2,20020,8"), "OK")
        # The removed watchpoint does not exist.
        assert is_error(g.ask("Z2,20008,8"))


@test("a breakpoint where there is no memory is refused")
def unmapped():
    with guest() as g:
        assert is_error(g.ask("Z0,900000,1"))


@test("a breakpoint that is removed and set again at a stop works")
def reinsert():
    with guest() as g:
        for _ in range(5):
            equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
            g.send("vCont;c")
            equal(fields(g.recv())["10"], le(LEAF))
            equal(g.ask(f"z0,{LEAF:x},1"), "OK")
            g.send("vCont;s:1")
            equal(fields(g.recv())["10"], le(LEAF + 1))


@test("hundreds of breakpoints, until the target has no more room")
def many():
    with guest() as g:
        for i in range(64):
            equal(g.ask(f"Z0,{0x20000 + i:x},1"), "OK")
        assert is_error(g.ask("Z0,30000,1"))
        for i in range(64):
            equal(g.ask(f"z0,{0x20000 + i:x},1"), "OK")
        for i in range(64):
            equal(g.ask(f"Z0,{0x30000 + i:x},1"), "OK")


# ---- running ----

@test("vCont? names the actions, t and r among them")
def actions():
    with guest() as g:
        equal(g.ask("vCont?"), "vCont;c;C;s;S;t;r")


@test("vCont;s:1 steps one instruction, the other vCPU stays")
def step_one():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        other = get(g, 0, 2)
        for i in range(1, 5):
            g.send("vCont;s:1")
            stop = fields(g.recv())
            equal((stop["10"], stop["thread"]), (le(STRAIGHT + i), "1"))
        equal(get(g, 0, 2), other)


@test("vCont;s:1;c steps one vCPU, the others run")
def step_others_run():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        other = get(g, 0, 2)
        for i in range(1, 20):
            g.send("vCont;s:1;c")
            equal(fields(g.recv())["10"], le(STRAIGHT + i))
        assert get(g, 0, 2) > other


@test("vCont: the leftmost action that fits counts, and signals are ignored")
def leftmost():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        g.send("vCont;S05:1;t:2;c")
        equal(fields(g.recv())["10"], le(STRAIGHT + 1))
        g.send("vCont;t:2;s")
        equal(fields(g.recv())["10"], le(STRAIGHT + 2))
        g.send("vCont;s:0;t")
        equal(fields(g.recv())["10"], le(STRAIGHT + 3))
        assert is_error(g.ask("vCont;t"))
        assert is_error(g.ask("vCont;t:1;t:2"))


@test("vCont;r runs while the pc is in the range")
def step_range():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        g.send(f"vCont;r{STRAIGHT:x},{STRAIGHT + 10:x}:1")
        stop = fields(g.recv())
        equal(stop["10"], le(STRAIGHT + 10))
        # An empty range is one step.
        g.send("vCont;r0,0:1")
        equal(fields(g.recv())["10"], le(STRAIGHT + 11))
        # So is a range without the pc.
        g.send("vCont;r20000,20010:1")
        equal(fields(g.recv())["10"], le(STRAIGHT + 12))


@test("vCont;r: a breakpoint and Ctrl-C end it")
def step_range_ends():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        equal(g.ask(f"Z0,{STRAIGHT + 5:x},1"), "OK")
        g.send(f"vCont;r{STRAIGHT:x},{STRAIGHT + 10:x}:1")
        stop = fields(g.recv())
        equal(stop["10"], le(STRAIGHT + 5))
        assert "swbreak" in stop
        put(g, RIP, SPIN, 1)
        g.send(f"vCont;r{SPIN:x},{SPIN + 0x100:x}:1")
        equal(g.recv(timeout=0.2), None)
        g.write(b"\x03")
        matches("T02.*", g.recv())


@test("s and c: only the vCPU of Hc runs, without Hc all run")
def old_packets():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        other = get(g, 0, 2)
        equal(g.ask("Hc1"), "OK")
        g.send("s")
        equal(fields(g.recv())["10"], le(STRAIGHT + 1))
        g.send("S05")
        equal(fields(g.recv())["10"], le(STRAIGHT + 2))
        equal(get(g, 0, 2), other)
        equal(g.ask("Hc-1"), "OK")
        for i in range(3, 20):
            g.send("s")
            equal(fields(g.recv()),
                  fields(g.ask("?")))
        equal(g.ask("Hc2"), "OK")
        g.send("s")
        equal(fields(g.recv())["thread"], "2")
        assert get(g, 0, 2) > other


@test("s, c, S and C with an address resume at the address")
def with_address():
    with guest() as g:
        equal(g.ask("Hc1"), "OK")
        g.send(f"s{STRAIGHT:x}")
        equal(fields(g.recv())["10"], le(STRAIGHT + 1))
        g.send(f"S05;{STRAIGHT + 8:x}")
        equal(fields(g.recv())["10"], le(STRAIGHT + 9))
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send(f"c{STRAIGHT:x}")
        equal(fields(g.recv())["10"], le(STRAIGHT + 4))
        g.send(f"C05;{STRAIGHT + 2:x}")
        equal(fields(g.recv())["10"], le(STRAIGHT + 4))


@test("Ctrl-C stops all, with SIGINT")
def interrupt():
    with guest() as g:
        for _ in range(10):
            g.send("vCont;c")
            g.write(b"\x03")
            matches("T02.*", g.recv())
        equal(g.byte(0.2), None)


@test("Ctrl-C right behind the packet, in the same write")
def interrupt_at_once():
    with guest() as g:
        g.write(frame("vCont;c") + b"\x03")
        matches("T02.*", g.recv())
        g.write(b"\x03" + frame("vCont;c") + b"\x03\x03\x03" + frame("qC"))
        matches("T02.*", g.recv())
        equal(g.recv(), "QC1")


@test("Ctrl-C is ignored while stopped, and is data inside a packet")
def interrupt_stopped():
    with guest() as g:
        g.write(b"\x03\x03")
        equal(g.byte(0.2), None)
        equal(g.ask(b"X30000,3:a\x03b"), "OK")
        equal(g.ask("m30000,3"), "610362")


@test("a sleeping guest can be stopped")
def interrupt_halted():
    with guest() as g:
        put(g, RIP, SLEEP, 1)
        put(g, RIP, SLEEP, 2)
        g.send("vCont;c")
        time.sleep(0.1)
        g.write(b"\x03")
        matches("T02.*", g.recv())
        assert "halted" in document(g, "threads:read:", 0x1000)


@test("packets while the guest runs get an error, and it runs on")
def busy():
    with guest() as g:
        g.send("vCont;c")
        for packet in ("g", "m0,1", "vCont;c", "s", "Z0,10025,1", "?"):
            assert is_error(g.ask(packet)), packet
        equal(g.ask("qBogus"), "")
        g.write(b"\x03")
        matches("T02.*", g.recv())


@test("vCont;t while the guest runs stops it, with no signal")
def vcont_stop():
    with guest() as g:
        g.send("vCont;c")
        g.send("vCont;t")
        matches("T00.*", g.recv())


@test("two vCPUs at one breakpoint: both are reported, none runs twice")
def two_events():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        first = fields(g.recv())
        g.send("vCont;c")
        second = fields(g.recv())
        equal({first["thread"], second["thread"]}, {"1", "2"})
        for stop in (first, second):
            equal(stop["10"], le(STRAIGHT + 4))
            assert "swbreak" in stop
        equal(get(g, RIP, 1), STRAIGHT + 4)
        equal(get(g, RIP, 2), STRAIGHT + 4)
        # Now both go round the loop and stop again.
        g.send("vCont;c")
        equal(fields(g.recv())["10"], le(STRAIGHT + 4))


@test("a pending stop survives while gdb removes and sets its breakpoints")
def pending_reinsert():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        first = fields(g.recv())["thread"]
        other = "2" if first == "1" else "1"
        equal(g.ask(f"z0,{STRAIGHT + 4:x},1"), "OK")
        g.send(f"vCont;s:{first}")
        equal(fields(g.recv())["10"], le(STRAIGHT + 5))
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        stop = fields(g.recv())
        equal((stop["thread"], stop["10"]), (other, le(STRAIGHT + 4)))


@test("a pending stop at a breakpoint that was removed is dropped")
def pending_removed():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        matches("T05.*", g.recv())
        equal(g.ask(f"z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)


@test("a pending stop of a vCPU that was moved elsewhere is dropped")
def pending_moved():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        first = int(fields(g.recv())["thread"])
        put(g, RIP, SPIN, 1)
        put(g, RIP, SPIN, 2)
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)


@test("a pending stop waits while only another vCPU is resumed")
def pending_waits():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        g.send("vCont;c")
        first = fields(g.recv())["thread"]
        for i in range(5, 8):
            g.send(f"vCont;s:{first}")
            stop = fields(g.recv())
            equal((stop["thread"], stop["10"]), (first, le(STRAIGHT + i)))
        g.send("vCont;c")
        assert fields(g.recv())["thread"] != first


@test("the end of a step comes before another vCPU's breakpoint, which waits")
def step_first():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        equal(g.ask(f"Z0,{STRAIGHT + 1:x},1"), "OK")
        # vCPU 0 hits, and vCPU 1 ends its second step in the same round.
        put(g, RIP, STRAIGHT + 1, 1)
        g.send("vCont;s:2;c")
        stop = fields(g.recv())
        equal(stop["thread"], "2")
        g.send("vCont;c")
        stop = fields(g.recv())
        equal((stop["thread"], stop["10"]), ("1", le(STRAIGHT + 1)))


@test("the end of a step is not reported later")
def stale_step():
    with guest() as g:
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        g.send("vCont;s")
        stop = fields(g.recv())
        equal(get(g, RIP, 1), STRAIGHT + 1)
        equal(get(g, RIP, 2), STRAIGHT + 1)
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)


@test("two vCPUs at one watchpoint: both are reported")
def two_watches():
    with guest() as g:
        put(g, RIP, WRITER, 1)
        put(g, RIP, WRITER, 2)
        before = counter(g)
        equal(g.ask(f"Z2,{COUNTER:x},8"), "OK")
        g.send("vCont;c")
        first = fields(g.recv())
        equal(counter(g), before + 2)
        g.send("vCont;c")
        second = fields(g.recv())
        equal(counter(g), before + 2)
        equal({first["thread"], second["thread"]}, {"1", "2"})
        equal(second["watch"], f"{COUNTER:x}")


@test("a triple fault: console text, then SIGABRT")
def triple_fault():
    with guest() as g:
        put(g, RIP, TRIPLE_FAULT, 2)
        g.send("vCont;c")
        text = g.recv()
        equal(text[0], "O")
        assert "triple fault" in bytes.fromhex(text[1:]).decode()
        stop = g.recv()
        matches("T06.*", stop)
        equal((fields(stop)["thread"], fields(stop)["10"]),
              ("2", le(TRIPLE_FAULT)))


@test("a jump to where no memory is: console text, then SIGABRT")
def no_memory_at_rip():
    with guest() as g:
        put(g, RIP, NO_MEMORY, 2)
        g.send("vCont;c")
        text = g.recv()
        equal(text[0], "O")
        assert "no memory is there" in bytes.fromhex(text[1:]).decode()
        stop = g.recv()
        matches("T06.*", stop)
        equal((fields(stop)["thread"], fields(stop)["10"]), ("2", le(NO_MEMORY)))


@test("the end of the VM: W00, and the daemon ends")
def vm_ends():
    daemon = Daemon()
    g = daemon.connect()
    g.stop_ack()
    put(g, RIP, VM_ENDS, 1)
    g.send("vCont;c")
    equal(g.recv(), "W00")
    assert g.at_end()
    equal(daemon.status(), 0)
    assert "the VM has ended" in daemon.said()
    daemon.end()


@test("QEMU's packets for interrupts in steps")
def step_bits():
    with guest() as g:
        equal(g.ask("qqemu.Supported"), "sstepbits;sstep;PhyMemMode")
        equal(g.ask("qqemu.sstepbits"), "ENABLE=1,NOIRQ=2")
        equal(g.ask("qqemu.sstep"), "0x3")
        equal(g.ask("Qqemu.sstep=0x1"), "OK")
        equal(g.ask("qqemu.sstep"), "0x1")
        assert "on" in g.monitor("irqs")
        put(g, RIP, STRAIGHT, 1)
        g.send("vCont;s:1")
        equal(fields(g.recv())["10"], le(STRAIGHT + 1))
        equal(g.ask("Qqemu.sstep=3"), "OK")
        assert "off" in g.monitor("irqs")


# ---- monitor ----

@test("monitor: each command of its help, and an unknown command")
def monitor():
    with guest() as g:
        text = g.monitor("help")
        for name in re.findall(r"^monitor (\w+)", text, re.M):
            assert g.monitor(name), name
        equal(g.monitor(""), text)
        assert "no such command" in g.monitor("make coffee")
        assert "fakevmm" in g.monitor("vms")
        assert "cr3 0000000000001000" in g.monitor("regs")
        assert "0x20000" in g.monitor(f"translate {KERNEL + 0x20000:#x}")
        assert "not mapped" in g.monitor("translate 0x900000")
        assert "48 c7 c4" in g.monitor("phys 0x10000 16")
        equal(g.monitor("phys 0x10000 40").count("\n"), 3)
        assert "no memory" in g.monitor("phys 0x900000")
        for wrong in ("phys", "phys x", "phys 0 0", "phys 0 9999999",
                      "translate", "translate 1 2", "irqs maybe", "space all",
                      "phys 1 2 3 4 5 6 7 8 9 10"):
            assert g.monitor(wrong), wrong
        assert "on" in g.monitor("physical on")
        equal(g.ask("qqemu.PhyMemMode"), "1")


@test("monitor: short names, usage of one command, help for one command")
def monitor_names():
    with guest() as g:
        equal(g.monitor("trans 0x10000"), g.monitor("translate 0x10000"))
        matches(r'several commands begin with "phy", .*', g.monitor("phy"))
        matches(r"usage: monitor translate ADDR\n", g.monitor("translate"))
        matches(r"usage: monitor translate ADDR\n", g.monitor("translate -1"))
        matches(r"usage: monitor vms\n", g.monitor("vms now"))
        matches(r"monitor phys .*ADDR.*show physical memory\n", g.monitor("help phys"))
        matches(r'help: there is no command "nothing"\n', g.monitor("help nothing"))
        matches(r"phys: no memory .*", g.monitor("phys 0xffffffffffffffff 2"))
        long = "phys " + "0" * 3000 + "x"
        matches(r"usage: .*", g.monitor(long))


@test("monitor space this: breakpoints stop in this address space only")
def address_space():
    with guest() as g:
        text = document(g, "features:read:target.xml", 0x8000)
        root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
        number = [r.get("name") for r in root.findall("feature/reg")]
        put(g, number.index("cr3"), 0x5000, 2)
        put(g, RIP, STRAIGHT, 1)
        put(g, RIP, STRAIGHT, 2)
        assert "0x5000" in g.monitor("space this")
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        for _ in range(4):
            g.send("vCont;c")
            equal(fields(g.recv())["thread"], "2")
        equal(g.ask(f"z0,{STRAIGHT + 4:x},1"), "OK")
        assert "any" in g.monitor("space any")
        equal(g.ask(f"Z0,{STRAIGHT + 4:x},1"), "OK")
        seen = set()
        for _ in range(4):
            g.send("vCont;c")
            seen.add(fields(g.recv())["thread"])
        equal(seen, {"1", "2"})


# ---- coming and going ----

@test("D: the guest runs on, and the next debugger finds no breakpoint")
def detach():
    daemon = Daemon()
    try:
        for i in range(1, 4):
            g = daemon.connect()
            assert g.ask("qSupported:swbreak+")
            g.stop_ack()
            for at in range(4):
                equal(g.ask(f"Z1,{STRAIGHT + at:x},1"), "OK")
            equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
            equal(g.ask("D"), "OK")
            assert g.at_end()
            g.close()
            assert daemon.wait_said("fake: detached", i)
        g = daemon.connect()
        g.stop_ack()
        g.send("vCont;c")
        equal(g.recv(timeout=0.3), None)
        g.close()
    finally:
        daemon.end()


@test("a debugger that vanishes leaves the guest running")
def vanish():
    daemon = Daemon()
    try:
        for i, packet in enumerate(("?", "vCont;c", "Z0,10025,1", "$m"), 1):
            g = daemon.connect()
            g.send("qC")
            g.write(frame(packet) if packet[0] != "$" else b"$m10000,")
            time.sleep(0.05)
            g.close()
            assert daemon.wait_said("fake: detached", i)
    finally:
        daemon.end()


@test("a connection without a packet does not stop the guest, and is in nobody's way")
def silent_connection():
    daemon = Daemon()
    try:
        silent = [daemon.connect() for _ in range(5)]
        for line in silent:
            line.write(b"GET / HTTP/1.1\r\n\r\n")
        g = daemon.connect()
        matches("T05.*", g.ask("?"))
        equal(g.ask("D"), "OK")
        assert daemon.wait_said("fake: detached", 1)
        for line in silent:
            line.close()
        time.sleep(0.1)
        equal(daemon.said().count("fake: detached"), 1)
    finally:
        daemon.end()


@test("nothing behind D or k in the same write is obeyed")
def after_the_end():
    for last, reply in (("D", "OK"), ("k", "X09"), ("vKill;7", None)):
        daemon = Daemon()
        try:
            g = daemon.connect()
            g.stop_ack()
            g.write(frame(last) + frame("M20000,4:deadbeef") + frame("vCont;c"))
            if reply:
                equal(g.recv(), reply)
            assert g.at_end()
            g.close()
            g = daemon.connect()
            equal(g.ask("m20000,4"), "00000000")
            g.close()
        finally:
            daemon.end()


@test("k and vKill mean detach")
def kill():
    daemon = Daemon()
    try:
        g = daemon.connect()
        equal(g.ask("k"), "X09")
        assert g.at_end()
        g.close()
        g = daemon.connect()
        assert is_error(g.ask("vKill;0"))
        equal(g.ask("vKill;7"), "OK")
        assert g.at_end()
        g.close()
        g = daemon.connect()
        g.stop_ack()
        g.send("vCont;c")
        assert is_error(g.ask("D;8"))
        equal(g.ask("D;7"), "OK")
        assert g.at_end()
        g.close()
        g = daemon.connect()
        matches("T05.*", g.ask("?"))
        g.close()
    finally:
        daemon.end()


@test("a second debugger is refused, the first is not disturbed")
def second():
    with guest() as g:
        other = g.daemon.connect()
        equal(other.ask("qSupported:multiprocess+"), "E.another debugger has this VM")
        assert other.at_end(5)
        other.close()
        equal(g.ask("qC"), "QC1")


@test("--once: the daemon ends with its debugger")
def once():
    for goodbye in ("D", None):
        daemon = Daemon("--once")
        g = daemon.connect()
        equal(g.ask("qC"), "QC1")
        if goodbye:
            equal(g.ask(goodbye), "OK")
        g.close()
        equal(daemon.status(), 0)
        daemon.end()


@test("SIGTERM and SIGINT: the guest runs on, and the socket is removed")
def terminate():
    for number in (signal.SIGTERM, signal.SIGINT):
        for packet in ("?", "vCont;c", None):
            daemon = Daemon()
            g = daemon.connect()
            if packet:
                g.send(packet)
            else:
                assert daemon.wait_said("waiting for gdb")
            daemon.process.send_signal(number)
            equal(daemon.status(), 0)
            assert "fake: detached" in daemon.said()
            assert not os.path.exists(daemon.path)
            g.close()
            daemon.end()


@test("SIGTERM ends the daemon also while a debugger does not read")
def terminate_blocked():
    daemon = Daemon()
    g = daemon.connect()
    g.write(frame("QStartNoAckMode"))
    g.no_ack = True
    equal(g.ask("M30000,1000:" + "0123456789abcdef" * 512), "OK")
    os.set_blocking(g.fd_out, False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(20000):
            g.write(frame("m30000,1000"))
    time.sleep(0.2)
    daemon.process.send_signal(signal.SIGTERM)
    equal(daemon.status(), 0)
    g.close()
    daemon.end()


@test("--wait: the VM may appear later")
def wait_for_vm():
    path = f"/tmp/rsp.vm.{os.getpid()}"
    daemon = Daemon("--wait", env={"FAKE_VM": path})
    try:
        g = daemon.connect()
        g.write(frame("qC"))
        equal(g.byte(0.4), None)
        with open(path, "w"):
            pass
        equal(g.byte(), b"+")
        equal(g.recv(), "QC1")
        g.close()
    finally:
        os.unlink(path)
        daemon.end()


def wait_ends_with_stdin(says, *options, env):
    daemon = Daemon(*options, env=env, transport="stdio")
    g = daemon.connect_stdio()
    try:
        g.write(frame("qC"))
        assert daemon.wait_said(says)
        equal(daemon.process.poll(), None)
        g.close()
        equal(daemon.status(), 0)
    finally:
        daemon.process.stdout.close()
        daemon.end()


@test("--wait: the wait for a VM ends when standard input does")
def wait_for_vm_stdio():
    wait_ends_with_stdin("there is no such VM yet: waiting for one", "--wait",
                         env={"FAKE_VM": "/nonexistent/vm"})


@test("a VM that has no vCPU yet: the debugger waits for one")
def no_vcpu():
    daemon = Daemon(env={"FAKE_VCPUS": "0"})
    try:
        g = daemon.connect()
        g.write(frame("qC"))
        equal(g.byte(0.5), None)
        g.close()
        assert daemon.wait_said("the VM has no vCPU yet: waiting for one")
    finally:
        daemon.end()


@test("a VM that has no vCPU yet: the wait ends when standard input does")
def no_vcpu_stdio():
    wait_ends_with_stdin("no vCPU yet", env={"FAKE_VCPUS": "0"})


@test("a held VM is stopped before its first instruction")
def held():
    with guest(FAKE_HELD=1) as g:
        equal(fields(g.ask("?"))["10"], le(START))
        equal(get(g, RIP, 2), SPIN)
        g.send("vCont;s:1")
        equal(fields(g.recv())["10"], le(LOOP_CALL))


@test("no VM, several VMs, or a VM with a debugger: one sentence and status 1")
def no_vm():
    for env, text in (({"FAKE_VMS": "0"}, "no such VM"),
                      ({"FAKE_VMS": "3"}, "several VMs"),
                      ({"FAKE_BUSY": "1"}, "another debugger has this VM")):
        daemon = Daemon(env=env)
        equal(daemon.status(), 1)
        assert text in daemon.said(), daemon.said()
        assert not os.path.exists(daemon.path)


# ---- extended-remote ----

@test("extended-remote: detach, attach by number, detach again; the VM runs in between")
def extended():
    with guest(ALL_FEATURES) as g:
        equal(g.ask("!"), "OK")
        equal(g.ask("qC"), "QCp7.1")
        matches(r"T05.*", g.ask("vAttach;7"))   # attached already
        matches(r"E\.VM 7 is attached.*", g.ask("vAttach;8"))
        equal(g.ask("D;7"), "OK")
        assert g.daemon.wait_said("fake: detached")
        equal(g.ask("?"), "W00")
        equal(g.ask("qfThreadInfo"), "l")
        for packet in ("g", "m10000,4", "vCont;c", "Z0,10025,1", "Hg1"):
            equal((packet, g.ask(packet)), (packet, "E.no VM is attached"))
        equal(g.ask("vAttach;8"), "E.there is no such VM")
        matches(r"T05.*thread:p7.1;.*", g.ask("vAttach;7"))
        equal(fields(g.ask("?"))["thread"], "p7.1")
        equal(g.ask("Z0,10025,1"), "OK")
        g.send("vCont;c:p7.-1")
        assert "swbreak" in fields(g.recv())


@test("extended-remote: the conversation goes on after the end of the VM")
def extended_end():
    with guest(ALL_FEATURES) as g:
        equal(g.ask("!"), "OK")
        put(g, RIP, VM_ENDS, 1)
        g.send("vCont;c")
        equal(g.recv(), "W00;process:7")
        equal(g.ask("?"), "W00")
        equal(g.ask("vAttach;7"), "E.there is no such VM")
        assert "processes" in unescape_text(g, "qXfer:osdata:read::0,fff")


def unescape_text(g, packet):
    return unescape(rsp.expand(g.ask(packet, raw=True))).decode()


def os_table(g, name):
    """The rows of a table of info os: a dictionary of columns for each."""
    text = document(g, f"osdata:read:{name}", 0xfff)
    root = ET.fromstring(re.sub("<!DOCTYPE[^>]*>", "", text))
    equal(root.tag, "osdata")
    return [{column.get("name"): column.text for column in item} for item in root]


@test("info os: tables of VMs, vCPUs, memory slots and objects, and of the tables")
def osdata():
    with guest(FAKE_ROM=1) as g:
        equal([row["Type"] for row in os_table(g, "")],
              ["processes", "vms", "vcpus", "slots", "objects"])
        equal(os_table(g, "vms")[0]["command"], "fakevmm")
        equal(os_table(g, "processes")[0]["host-pid"], "4242")
        states = [row["state"] for row in os_table(g, "vcpus")]
        assert any("host thread 5001" in state for state in states), states
        slots = os_table(g, "slots")
        equal(len(slots), 2)
        equal([row["access"] for row in slots], ["write", "read"])
        equal(os_table(g, "objects"), [])
        equal(g.ask(f"Z1,{WORK:x},1"), "OK")
        put(g, RIP, LOOP_CALL)
        g.ask("vCont;c")
        row, = os_table(g, "objects")
        equal((row["kind"], row["type"], row["first"], row["hits"]),
              ("breakpoint", "hard", hex(WORK), "1"))
        equal(g.ask("qXfer:osdata:read:nothing:0,fff"), "E00")


# ---- non-stop ----

def stop_of(text):
    """The fields of a %Stop notification."""
    matches(r"Stop:T.*", text)
    return fields(text[5:])


@contextlib.contextmanager
def non_stop_guest(**env):
    with guest(**env) as g:
        equal(g.ask("QNonStop:1"), "OK")
        equal(fields(g.ask("?"))["thread"], "1")
        # The other stop comes as a notification: gdb 13 dies of two at once here.
        equal(g.ask("vStopped"), "OK")
        equal(stop_of(g.notification())["thread"], "2")
        equal(g.ask("vStopped"), "OK")
        yield g


@test("non-stop: a vCPU stops, is told of by a notification, and the other runs on")
def non_stop():
    with non_stop_guest() as g:
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        equal(g.ask("vCont;c"), "OK")
        stop = stop_of(g.notification())
        equal((stop["thread"], "swbreak" in stop), ("1", True))
        equal(g.ask("vStopped"), "OK")
        # vCPU 0 has registers and memory, while vCPU 1 runs
        equal(g.ask("Hg1"), "OK")
        equal(get(g, RIP), LEAF)
        equal(g.ask("m10000,3"), "48c7c4")
        matches(".*running, host thread 5001.*", document(g, "threads:read:", 0xfff))
        # memory by the page tables of a vCPU that runs, and a breakpoint
        equal(g.ask("Hg2"), "OK")
        equal(g.ask("m10000,3"), "48c7c4")
        equal(g.ask(f"Z0,{SPIN:x},1"), "OK")
        stop = stop_of(g.notification())
        equal(stop["thread"], "2")
        equal(g.ask("vStopped"), "OK")


@test("non-stop: vCont;t, vCtrlC, a step, and a stop that was not acknowledged")
def non_stop_stops():
    with non_stop_guest() as g:
        equal(g.ask("vCont;c"), "OK")
        equal(g.ask("vCont;t:2"), "OK")
        stop = g.notification()
        equal(stop[:8], "Stop:T00")
        equal(stop_of(stop)["thread"], "2")
        # a second stop waits until the first is acknowledged
        equal(g.ask("vCtrlC"), "OK")
        equal(g.notification(0.2), None)
        matches("T02.*thread:1;.*", g.ask("vStopped"))
        equal(g.ask("vStopped"), "OK")
        equal(g.ask("vCont;s:1"), "OK")
        equal(stop_of(g.notification())["thread"], "1")
        equal(g.ask("vStopped"), "OK")
        equal(g.ask("vCont;t:1"), "OK")      # stopped already: nothing more is said
        equal(g.notification(0.2), None)
        assert is_error(g.ask("c"))


@test("non-stop: the end of the VM, and back to all-stop")
def non_stop_ends():
    with non_stop_guest() as g:
        equal(g.ask("vCont;c"), "OK")
        equal(g.ask("QNonStop:0"), "OK")
        matches("T05.*", g.ask("?"))
        equal(get(g, RIP, 2), get(g, RIP, 2))
        equal(g.ask("QNonStop:1"), "OK")
        put(g, RIP, VM_ENDS, 1)
        equal(g.ask("vCont;c:1"), "OK")
        equal(g.notification(), "Stop:W00")
        equal(g.ask("vStopped"), "OK")


# ---- transports ----

def converse(g):
    assert g.ask("qSupported:swbreak+").startswith("PacketSize=")
    g.stop_ack()
    data = bytes(range(256)) * 16
    equal(g.ask(b"X30000,%x:" % len(data) + escape(data)), "OK")
    equal(g.ask(f"m30000,{len(data):x}"), data.hex())
    equal(unescape(rsp.expand(g.ask(f"x30000,{len(data):x}", raw=True))[1:]), data)
    g.send("vCont;c")
    g.write(b"\x03")
    matches("T02.*", g.recv())


@test("TCP on the loopback interface")
def tcp():
    daemon = Daemon(transport="tcp")
    try:
        for _ in range(2):
            g = daemon.connect_tcp()
            converse(g)
            g.close()
    finally:
        daemon.end()


@test("a serial line: every byte passes, several debuggers one after another")
def serial():
    daemon = Daemon(transport="serial")
    try:
        g = daemon.connect_serial()
        g.write(b"+\r\nnoise")
        time.sleep(0.1)
        equal(daemon.said().count("detached"), 0)
        converse(g)
        equal(g.ask("D"), "OK")
        assert daemon.wait_said("fake: detached")
        g.write(b"+")
        g.no_ack = False
        converse(g)
        # The debugger dies here. The next one begins with qSupported.
        g.write(frame("vCont;c"))
        g.no_ack = False
        converse(g)
        g.no_ack = True
        equal(g.ask("D"), "OK")
        assert daemon.wait_said("fake: detached", 2)
    finally:
        daemon.end()


@test("standard input and output: the daemon ends with them")
def stdio():
    daemon = Daemon(transport="stdio")
    g = daemon.connect_stdio()
    converse(g)
    g.close()
    equal(daemon.status(), 0)
    daemon.process.stdout.close()
    daemon.end()


@test("a stale Unix socket is replaced, one in use is not")
def stale_socket():
    first = Daemon()
    try:
        g = first.connect()
        second = run("--unix", first.path)
        equal(second.returncode, 1)
        assert "in use" in second.stderr, second.stderr
        equal(g.ask("qC"), "QC1")
        g.close()
        first.process.kill()
        first.process.wait()
        assert os.path.exists(first.path)
        with contextlib.closing(Daemon(path=first.path)) as third:
            assert third.wait_said("waiting for gdb")
            g = third.connect()
            equal(g.ask("qC"), "QC1")
            g.close()
    finally:
        subprocess.run(["rm", "-rf", first.dir], check=True)


# ---- the command line ----

def run(*args):
    return subprocess.run(
        [os.path.join(rsp.BUILD, "fake-vmxdbgd"), "--device",
         os.path.join(rsp.BUILD, "guest.bin"), *args],
        capture_output=True, text=True, timeout=60, check=False)


@test("wrong usage: status 2 and one sentence")
def wrong_use():
    for args in ([], ["--tcp"], ["--bogus"], ["extra"], ["--stdio", "extra"],
                 ["--tcp", "1", "--stdio"], ["--vm", "x", "--stdio"],
                 ["--vm", "-1", "--stdio"], ["--vm", "1", "--pid", "1",
                                             "--stdio"],
                 ["--pid", "0", "--stdio"], ["--arch", "vax", "--stdio"],
                 ["--tcp", "example.com:1"], ["--tcp", "99999"],
                 ["--tcp", "x"], ["--tcp", ""], ["--once=3", "--stdio"],
                 ["--serial", "/dev/null,12"], ["--vm", "", "--stdio"],
                 ["--vm", "4294967296", "--stdio"]):
        result = run(*args)
        equal((args, result.returncode, result.stdout), (args, 2, ""))
        matches(r"vmxdbgd: [^\n]*\.\n", result.stderr)


@test("--help and --version and --list")
def informative():
    result = run("--help")
    equal((result.returncode, result.stderr), (0, ""))
    for option in re.findall(r"--[\w-]+", "--device --vm --pid --tcp --unix "
                             "--serial --stdio --once --wait --list --arch --time "
                             "--fd --multi --on-vanish --user --log --log-file --ready-fd --json"):
        assert option in result.stdout, option
    matches(r"vmxdbgd \d+\.\d+\n", run("--version").stdout)
    result = run("--list")
    equal(result.returncode, 0)
    matches(r"VM .*COMMAND\n7 +4242 +2 +2048 +free +fakevmm\n", result.stdout)


@test("a device or endpoint that cannot be opened: one sentence and status 1")
def cannot_open():
    for args in (["--unix", "/nonexistent/socket"], ["--unix", "/" + "x" * 200],
                 ["--serial", "/nonexistent"], ["--serial", "/dev/null"],
                 ["--tcp", "192.0.2.1:1"], ["--device", "/nonexistent",
                                            "--stdio"]):
        result = run(*args)
        equal((args, result.returncode), (args, 1))
        matches(r"vmxdbgd: [^\n]*\n", result.stderr)


if __name__ == "__main__":
    sys.exit(TAP.run())
