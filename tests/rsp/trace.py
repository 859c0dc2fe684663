#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tracepoints: packets, and the real gdb."""
import os
import re
import subprocess
import sys
import tempfile

import rsp
from cond import code, reg_is
from protocol import (BYTES, COUNTER, LEAF, LOOP_CALL, RIP, RSP, WORK, equal, fields, get, guest,
                      is_error, matches, put)
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

RBX, CS, CR3 = 1, 18, 61
HERE = f"{LEAF:016x}"


def ok(line, *packets):
    for packet in packets:
        equal(line.ask(packet), "OK")


def point(line, number, addr, *actions, cond="", enabled="E", passes=0):
    """Define a tracepoint as gdb does."""
    head = f"QTDP:{number:x}:{addr:016x}:{enabled}:0:{passes:x}"
    ok(line, head + (":" + cond if cond else "") + ("-" if actions else ""))
    for i, action in enumerate(actions):
        ok(line, f"QTDP:-{number:x}:{addr:016x}:{action}" + ("-" if i + 1 < len(actions) else ""))


def status(line):
    reply = line.ask("qTStatus")
    matches(r"T[01];.*", reply)
    result = {"running": reply[1] == "1"}
    for item in reply[3:].split(";"):
        name, _, value = item.partition(":")
        result[name] = value
    return result


def number(status_, name):
    return int(status_[name], 16)


def run_to(line, rbx):
    """Continue until rbx has a value at leaf's second instruction."""
    ok(line, f"Z0,{LEAF + 1:x},1;{reg_is(rbx)}")
    stop = line.ask("vCont;c")
    while stop[0] == "O":
        assert "too fast" in bytes.fromhex(stop[1:]).decode(), stop
        stop = line.recv()
    ok(line, f"z0,{LEAF + 1:x},1")
    return fields(stop)


def ready(line, rbx=0):
    """At the call of work()."""
    put(line, RIP, LOOP_CALL, 1)
    put(line, RBX, rbx, 1)
    ok(line, "QTinit", "QTro:10000,10800")


def mask(*registers):
    value = sum(1 << r for r in registers)
    digits = f"{value:x}"
    return "R" + digits.zfill(len(digits) + len(digits) % 2)


def live(line):
    ok(line, "QTFrame:ffffffff")


@test("tracing is offered, and nothing is traced at first")
def offered():
    with guest(features=None) as g:
        words = g.ask("qSupported").split(";")
        for word in ("ConditionalTracepoints+", "TracepointSource+", "EnableDisableTracepoints+",
                     "QTBuffer:size+", "tracenz+", "InstallInTrace+",
                     "qXfer:traceframe-info:read+"):
            assert word in words, word
        st = status(g)
        assert not st["running"]
        equal((st["tnotrun"], st["tframes"], st["tcreated"]), ("0", "0", "0"))
        equal(g.ask("qTfP"), "l")
        names = [g.ask("qTfV")]
        while names[-1] != "l":
            names.append(g.ask("qTsV"))
        equal([bytes.fromhex(n.split(":")[3]).decode() for n in names[:-1]],
              ["_hits", "_vcpu", "_tsc", "_addr", "_physical"])
        equal(g.ask("QTFrame:0"), "F-1")


@test("general registers, memory by address and by register, and strings are collected")
def collect():
    with guest() as g:
        ready(g)
        put(g, 12, 5, 1)
        point(g, 1, LEAF, mask(RBX, RIP), f"M-1,{COUNTER:x},8", "M7,0,10",
              code(f"25 {BYTES:016x} 22 40 2f 27").replace("X", "X0000000"))
        ok(g, "QTStart")
        assert status(g)["running"]
        run_to(g, 9)
        stack = get(g, RSP, 1)
        ok(g, "QTStop")
        st = status(g)
        equal((st["running"], number(st, "tframes"), number(st, "tcreated"), st["tstop"]),
              (False, 10, 10, ":0"))
        first = None
        for n in range(10):
            equal(g.ask(f"QTFrame:{n:x}"), f"F{n:x}T1")
            equal(get(g, RBX), n)
            equal(get(g, RIP), LEAF)
            counter = int.from_bytes(bytes.fromhex(g.ask(f"m{COUNTER:x},8")), "little")
            first = counter if first is None else first
            equal(counter, first + n)
            equal(g.ask(f"m{stack + 8:x},8"), rsp.le(0x10022))
            equal(bytes.fromhex(g.ask(f"m{BYTES:x},40")), b"#$}*\x03 binary \0")
            assert is_error(g.ask(f"m{COUNTER - 8:x},8"))
            matches("(xx)+", g.ask("p20"))
        equal(len(g.ask("g")), 2 * len(bytes.fromhex(g.ask("g").replace("xx", "00"))))
        live(g)
        equal(get(g, RIP, 1), LEAF + 1)


@test("nothing changes while a frame is selected")
def frozen():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF)
        ok(g, "QTStart")
        run_to(g, 2)
        equal(g.ask("QTFrame:1"), "F1T1")
        for packet in ("P1=0000000000000000", "M10800,1:00", "X10800,1:a", "vCont;c", "c", "s",
                       "vCont;s:1", "qSearch:memory:0;1;a", "qCRC:0,10", "G00"):
            assert is_error(g.ask(packet)), packet
        live(g)
        equal(get(g, RBX, 1), 2)
        put(g, RBX, 0, 1)
        run_to(g, 4)


@test("system registers are collected as far as there is room")
def system():
    with guest() as g:
        ready(g)
        cs, cr3 = get(g, CS, 1), get(g, CR3, 1)
        point(g, 1, LEAF, mask(CS, CR3))
        point(g, 2, WORK, "R" + "ff" * 12, f"M-1,{COUNTER:x},8")
        ok(g, "QTStart")
        run_to(g, 1)
        ok(g, "QTStop")
        equal(g.ask("QTFrame:tdp:1"), "F1T1")
        equal((get(g, CS), get(g, CR3), get(g, RIP)), (cs, cr3, LEAF))
        matches("(xx)+", g.ask("p1"))
        equal(g.ask("QTFrame:0"), "F0T2")
        equal((get(g, CS), get(g, RIP), get(g, RBX)), (cs, WORK, 0))
        assert "x" not in g.ask("m%x,8" % COUNTER)


@test("conditions, pass counts, disabled and enabled tracepoints")
def which():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF, mask(RBX), cond=reg_is(3))
        point(g, 2, WORK, mask(RBX), enabled="D")
        ok(g, "QTStart")
        run_to(g, 5)
        equal(number(status(g), "tframes"), 1)
        equal(g.ask("QTFrame:0"), "F0T1")
        equal(get(g, RBX), 3)
        live(g)
        ok(g, f"QTEnable:2:{WORK:x}", f"QTDisable:1:{HERE}")
        put(g, RBX, 0, 1)
        run_to(g, 4)
        ok(g, "QTStop")
        equal([g.ask(f"QTFrame:{n}") for n in range(6)],
              ["F0T1", "F1T2", "F2T2", "F3T2", "F4T2", "F-1"])
        matches(r"V1:[0-9a-f]+", g.ask(f"qTP:1:{HERE}"))
        matches(r"V4:[0-9a-f]+", g.ask(f"qTP:2:{WORK:x}"))
        live(g)
        ready(g)
        point(g, 3, LEAF, mask(RBX), passes=4)
        ok(g, "QTStart")
        run_to(g, 9)
        st = status(g)
        equal((st["running"], st["tpasscount"], number(st, "tframes")), (False, "3", 4))


@test("frames are found by number, pc, tracepoint, range and outside of it")
def find():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF)
        point(g, 0x22, WORK)
        ok(g, "QTStart")
        run_to(g, 2)
        ok(g, "QTStop")
        equal(g.ask(f"QTFrame:pc:{LEAF:x}"), "F1T1")
        equal(g.ask(f"QTFrame:pc:{LEAF:x}"), "F3T1")
        equal(g.ask("QTFrame:tdp:22"), "F4T22")
        equal(g.ask("QTFrame:tdp:22"), "F-1")
        equal(get(g, RIP), WORK)
        live(g)
        equal(g.ask(f"QTFrame:range:{WORK:x}:{WORK:x}"), "F0T22")
        equal(g.ask(f"QTFrame:outside:{WORK:x}:{LEAF - 1:x}"), "F1T1")
        equal(g.ask(f"QTFrame:range:{LEAF:x}:{LEAF:x}"), "F3T1")
        for bad in ("", "x", "pc", "pc:", "pc:x", "range:1", "tdp:1:2", "0x", "1-"):
            assert is_error(g.ask("QTFrame:" + bad)), bad
        equal(g.ask("QTFrame:ffffffffffffffff"), "F-1")


@test("a full buffer ends the trace; a circular one keeps the newest frames")
def sizes():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF, f"M-1,{COUNTER:x},8")      # 6 + 19 bytes
        ok(g, "QTBuffer:size:64", "QTStart")         # 100
        run_to(g, 20)
        st = status(g)
        equal((st["running"], st["tfull"], number(st, "tframes"), number(st, "tfree"),
               number(st, "tsize")), (False, "0", 4, 0, 100))
        ok(g, "QTBuffer:circular:1", "QTStart")
        put(g, RBX, 0, 1)
        run_to(g, 20)
        st = status(g)
        equal((st["running"], number(st, "tframes"), number(st, "tcreated"), st["circular"]),
              (True, 4, 20, "1"))
        last = int.from_bytes(bytes.fromhex(g.ask(f"m{COUNTER:x},8")), "little")
        equal(g.ask("QTFrame:3"), "F3T1")
        equal(g.ask(f"m{COUNTER:x},8"), rsp.le(last))
        equal(g.ask("QTFrame:0"), "F0T1")
        equal(g.ask(f"m{COUNTER:x},8"), rsp.le(last - 3))
        assert is_error(g.ask("QTBuffer:size:100"))
        assert is_error(g.ask("QTBuffer:circular:2"))
        ok(g, "QTStop", "QTBuffer:size:-1")
        assert is_error(g.ask("QTBuffer:size:ffffffffff"))


@test("hits that the ring has no room for are counted")
def lost():
    with guest(FAKE_RING=4096) as g:
        ready(g)
        point(g, 1, LEAF, f"M-1,{LEAF:x},200")
        ok(g, "QTNotes:user:6d65;notes:6869;", "QTStart")
        run_to(g, 100)
        ok(g, "QTStop", "QTNotes:tstop:627965;")
        st = status(g)
        notes = bytes.fromhex(st["notes"].rstrip(":")).decode()
        count = int(re.fullmatch(r"hi; (\d+) hits came too fast and were not collected", notes)[1])
        assert count > 0
        equal(number(st, "tframes") + count, 101)
        equal(number(st, "tcreated"), 101)
        equal((st["username"], st["tstop"]), ("6d65", "627965:0"))


@test("definitions come back as they were")
def upload():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF, mask(RBX), f"M-1,{COUNTER:x},8", cond=reg_is(3), passes=7)
        point(g, 2, WORK, enabled="D")
        ok(g, f"QTDPsrc:1:{HERE}:at:0:4:6c656166", f"QTDPsrc:1:{HERE}:cmd:0:3:656e64",
           "QTDV:6:0000000000000005:0:7476", "QTDV:1:0:1:5f68697473")
        texts = [g.ask("qTfP")]
        while texts[-1] != "l":
            texts.append(g.ask("qTsP"))
        equal(texts, [f"T1:{LEAF:x}:E:0:7:{reg_is(3)}", f"A1:{LEAF:x}:{mask(RBX)}",
                      f"A1:{LEAF:x}:M-1,{COUNTER:x},8", f"Z1:{LEAF:x}:at:0:4:6c656166",
                      f"Z1:{LEAF:x}:cmd:0:3:656e64", f"T2:{WORK:x}:D:0:0", "l"])
        variables = [g.ask("qTfV")]
        while variables[-1] != "l":
            variables.append(g.ask("qTsV"))
        equal(variables[-2:], ["6:5:0:7476", "l"])
        ok(g, "QTinit")
        equal(g.ask("qTfP"), "l")


@test("variables: those of the target, constants of the user, and what cannot be")
def variables():
    with guest("qSupported:error-message+") as g:
        ready(g)
        ok(g, "QTDV:6:0000000000000003:0:7476")
        vcpu_and_user = code("2e 0002 2e 0006 27").replace("X", "X0000000")
        point(g, 1, LEAF, vcpu_and_user, cond=code("26 0001 2c 0006 13 27"))
        ok(g, "QTStart")
        run_to(g, 5)
        ok(g, "QTStop")
        equal(number(status(g), "tframes"), 1)
        equal((g.ask("qTV:6"), g.ask("qTV:2"), g.ask("qTV:4"), g.ask("qTV:63")),
              ("V3", "V0", "V0", "U"))
        equal(g.ask("QTFrame:0"), "F0T1")
        equal((g.ask("qTV:6"), g.ask("qTV:2"), g.ask("qTV:1")), ("V3", "V0", "U"))
        matches(r'.*<tvar id="2"/>\n<tvar id="6"/>.*',
                g.ask("qXfer:traceframe-info:read::0,1000"))
        live(g)
        for bad, why in ((code("2c 0063 27"), "no such trace state variable"),
                         (code("22 01 2d 0002 27"), "cannot be set"),
                         (code("01 27"), "unknown"), (code("26 0020 27"), "cannot evaluate"),
                         ("M-1,0,4001", "more memory"), ("M7fff,0,1", "no such register"),
                         ("M-1,0,1" * 17, "more than 16")):
            ready(g)
            point(g, 9, LEAF, bad.replace("X", "X00000"))
            matches(rf"E\.tracepoint 9: .*{why}.*", g.ask("QTStart"))
            assert not status(g)["running"]
        # A breakpoint has the same variables in its condition
        ok(g, "QTinit", "QTDV:6:0000000000000008:0:7476")
        put(g, RBX, 0, 1)
        equal(g.ask(f"Z0,{LEAF:x},1;{code('26 0001 2c 0006 13 27')}"), "OK")
        fields(g.ask("vCont;c"))
        equal(get(g, RBX, 1), 8)


@test("what there is not: fast and static tracepoints, files, wrong forms")
def refused():
    with guest("qSupported:error-message+") as g:
        ready(g)
        point(g, 1, LEAF)
        matches(r"E\..*fast.*", g.ask(f"QTDP:2:{HERE}:E:0:0:F5"))
        matches(r"E\..*static.*", g.ask(f"QTDP:2:{HERE}:E:0:0:S"))
        matches(r"E\..*no files.*", g.ask("QTSave:2f746d702f78"))
        for bad in ("QTDP:", "QTDP:1", f"QTDP:1:{HERE}:E:0:0", f"QTDP:3:{HERE}:X:0:0",
                    f"QTDP:3:{HERE}:E:0:0:X1", f"QTDP:3:{HERE}:E:0:0:Y", "QTDP:-1:0:R1",
                    f"QTDP:-1:{HERE}:R", f"QTDP:-1:{HERE}:M1", f"QTDP:-1:{HERE}:X2,27",
                    f"QTDP:-1:{HERE}:Lx", "QTDPsrc:1:0:at:0:0:00", "QTDPsrc:", "QTDV:", "QTDV:6:0:0",
                    "QTDV:6:0:0:xyz", "QTDV:ffffffff:0:0:61", "QTEnable:9:0", "QTDisable:", "qTP:",
                    "qTP:9:9", "qTV:", "qTV:x", "qTBuffer:", "qTBuffer:1", "QTNotes:user:zz;",
                    "QTNotes:x", "QTBuffer:size:", "qXfer:traceframe-info:read::0,100"):
            assert is_error(g.ask(bad)), bad
        matches(r"E\..*no memory is there.*", (point(g, 4, 0x900000), g.ask("QTStart"))[1])


@test("an expression that reads missing memory ends the trace, and says so")
def failed():
    with guest() as g:
        ready(g)
        point(g, 5, LEAF, code("25 7f00000000000000 1a 22 08 0c 27").replace("X", "X0000000"))
        ok(g, "QTStart")
        g.send("vCont;c")
        assert "memory that is not there" in bytes.fromhex(g.recv()[1:]).decode()
        fields(g.recv())
        st = status(g)
        assert not st["running"]
        text, at = st["terror"].split(":")
        assert "not there" in bytes.fromhex(text).decode()
        equal(at, "5")


@test("a piece of memory that is missing is missing in the frame, and no error")
def missing():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF, "M-1,7f0000000000,8" + f"M-1,{COUNTER:x},8")
        ok(g, "QTStart")
        run_to(g, 1)
        equal(g.ask("QTFrame:0"), "F0T1")
        assert is_error(g.ask("m7f0000000000,8"))
        equal(len(g.ask(f"m{COUNTER:x},8")), 16)
        equal(len(g.ask(f"m{COUNTER:x},20")), 16)


@test("the bytes of all frames, in pieces of any size")
def file():
    with guest() as g:
        ready(g)
        point(g, 1, LEAF, f"M-1,{COUNTER:x},8")
        ok(g, "QTStart")
        run_to(g, 9)
        ok(g, "QTStop")
        whole = g.ask("qTBuffer:0,10000")
        equal(len(whole), 2 * 250)
        for size in (1, 7, 25, 26, 249):
            parts, at = "", 0
            while (part := g.ask(f"qTBuffer:{at:x},{size:x}")) != "l":
                parts += part
                at += len(part) // 2
            equal(parts, whole)
        matches(r"0100" "13000000" "4d" + rsp.le(COUNTER) + "0800.*", whole)


@test("non-stop: a trace while the vCPUs run")
def non_stop():
    with guest() as g:
        ready(g)
        ok(g, "QNonStop:1")
        point(g, 1, LEAF, mask(RBX), passes=50)
        ok(g, "QTStart", "vCont;c")
        for _ in range(100):
            st = status(g)
            if not st["running"]:
                break
        equal((st.get("tpasscount"), number(st, "tframes")), ("1", 50))
        equal(g.ask("QTFrame:31"), "F31T1")
        equal(get(g, RBX), 49)


# ---- the real gdb ----

START = ("set var $rip = loop", "set var $rbx = 0", "set var *(long *)0x10800 = 100")
TRACE = (*START, "trace leaf", "actions", "collect $regs, *(long *)0x10800", "end")


def script(*commands, options=()):
    """gdb's output for commands that ask for more lines, from a file."""
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as file_:
        file_.write("\n".join(commands) + "\n")
        file_.flush()
        return gdb(f"source {file_.name}", options=options)


@test("gdb: trace, actions, tstart, tstop, tstatus, tfind, tdump")
def gdb_trace():
    out = script(*TRACE, "tbreak *0x10026 if $rbx == 5", "tstart", "continue", "tstop",
                 "tstatus", "info tracepoints", "tfind start", "p $rbx", "tdump", "tfind",
                 "p $rbx", "p *(long *)0x10800", "tfind 5", "p $rip", "tfind none", "p $rbx")
    shows(out, r"Tracepoint 1 at 0x10025", r"hit Temporary breakpoint 2",
          r"Trace stopped by a tstop command", r"Collected 6 trace frames",
          r"tracepoint already hit 6 times", r"Found trace frame 0, tracepoint 1", r"= 0$",
          r"^rbx +0x0 ", r"^cs +0x10 ", r"\*\(long \*\)0x10800 = 101",
          r"Found trace frame 1, tracepoint 1", r"= 1$", r"= 102$",
          r"Found trace frame 5, tracepoint 1", r"= .*0x10025", r"= 5$")


@test("gdb: tsave, and target tfile in another gdb")
def gdb_file():
    with tempfile.TemporaryDirectory() as where:
        saved = os.path.join(where, "trace")
        script(*TRACE, "tbreak *0x10026 if $rbx == 5", "tstart", "continue", "tstop",
               f"tsave {saved}", f"tsave -ctf {where}/ctf")
        assert os.path.exists(f"{where}/ctf/metadata")
        result = subprocess.run(
            ["gdb", "-nx", "-q", "-batch", "-ex", f"target tfile {saved}", "-ex", "tfind 3",
             "-ex", "p $rbx", "-ex", "p *(long *)0x10800", "-ex", "tdump",
             os.path.join(rsp.BUILD, "guest.elf")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        shows(result.stdout, r"Found trace frame 3, tracepoint 1", r"= 3$", r"= 104$",
              r"^rbx +0x3 ")


@test("gdb: conditions, passcount, $_ret, collect/s, tvariable, $_vcpu, circular buffers")
def gdb_more():
    out = script(*START, "set var *(char[6] *)0x20000 = \"hello\"", "tvariable $tv = 4",
                 "trace leaf if $rbx >= $tv", "passcount 3", "actions",
                 "collect/s (char *)0x20000", "collect $_ret", "collect $_vcpu, $tv, $rbx", "end",
                 "set circular-trace-buffer on", "set trace-buffer-size 100000",
                 "set trace-notes for a test", "tbreak *0x10026 if $rbx == 30",
                 "tstart", "continue", "tstatus", "info tvariables", "tfind start", "p $rbx",
                 "p $_vcpu", "p $tv", "x/s 0x20000", "tfind none", "break leaf if $_vcpu == 0",
                 "continue")
    shows(out, r"Trace stopped by its passcount .*\(tracepoint 1\)|stopped by tracepoint 1",
          r"Collected 3 trace frames", r"buffer.*circular", r"\$tv +4", r"Found trace frame 0",
          r"= 4$", r"= 0$", r"= 4$", r'"hello"', r"hit Breakpoint \d+, leaf")


@test("gdb: registers that frames do not have are unavailable in them")
def gdb_unavailable():
    shows(script(*START, "trace leaf", "actions", "collect $ymm0, $rbx", "end",
                 "tbreak *0x10026", "tstart", "continue", "tstop", "tfind start", "p $ymm0h",
                 "p $lstar", "p $rbx", "tfind none", "p $ymm0h"),
          r"Found trace frame 0", r"= <unavailable>", r"= <unavailable>", r"= 0$", r"= 0$")


@test("gdb: enable and disable while it runs, and new tracepoints")
def gdb_running():
    out = script(*TRACE, "tbreak *0x10026 if $rbx == 3", "tstart", "continue", "disable 1",
                 "trace work", "tbreak *0x10026 if $rbx == 6", "continue", "tstop", "tfind 3",
                 "tfind", "tfind tracepoint 1")
    shows(out, r"Found trace frame 3, tracepoint 1", r"Found trace frame 4, tracepoint 3")


if __name__ == "__main__":
    sys.exit(TAP.run())
