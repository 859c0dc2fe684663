#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the packets that only lldb sends, with the fake guest."""
import json
import re
import sys

import rsp
from protocol import (COUNTER, LEAF, RIP, SPIN, equal, fields, get, guest, is_error,
                      matches, put)
from rsp import expand, le, unescape

TAP = rsp.Tap()
test = TAP.test


def text_of(reply, key):
    """The text of a key whose value is in hex."""
    return bytes.fromhex(re.search(key + ":([0-9a-f]*);", reply)[1]).decode()


def lldb(**env):
    """A guest to which lldb has introduced itself, in its order."""
    return guest(features=None, **env)


def introduce(g):
    assert "PacketSize" in g.ask("qSupported:xmlRegisters=i386,arm;multiprocess+")
    equal(g.ask("QThreadSuffixSupported"), "OK")
    equal(g.ask("QListThreadsInStopReply"), "OK")


@test("qSupported after QStartNoAckMode is no new debugger: nothing is acknowledged")
def order():
    with lldb() as g:
        introduce(g)
        g.write(rsp.frame("qC"))
        equal(g.byte(), b"$")


@test("threads have no process in lldb's eyes")
def threads():
    with lldb() as g:
        introduce(g)
        equal(g.ask("qC"), "QC1")
        equal(g.ask("qfThreadInfo"), "m1,2")
        matches(r"pid:7;triple:[0-9a-f]+;endian:little;ptrsize:8;", g.ask("qProcessInfo"))
        equal(text_of(g.ask("qHostInfo"), "triple"), "x86_64-unknown-unknown")


@test("a thread behind a packet about registers counts for that packet alone")
def suffix():
    with lldb() as g:
        introduce(g)
        equal(g.ask("p10;thread:0002;"), le(get(g, RIP, 2)))
        equal(g.ask("Hg1"), "OK")
        equal(g.ask("P0=" + le(77) + ";thread:0002;"), "OK")
        equal(g.ask("p0;thread:0002;"), le(77))
        equal(get(g, 0), 0)
        equal(g.ask("g;thread:0002;")[:16], le(77))
        equal(g.ask("qC"), "QC1")
        assert is_error(g.ask("p10;thread:0009;"))
        assert is_error(g.ask("p10;thread:;"))


@test("errors are numbers, and have their text in hex once it is asked for")
def errors():
    with lldb(FAKE_NO_FPU=1) as g:
        introduce(g)
        matches(r"E[0-9a-f]{2}", g.ask("Z0,900000,1"))
        matches(r"E[0-9a-f]{2}", g.ask("p18"))
        equal(g.ask("QEnableErrorStrings"), "OK")
        reply = g.ask("Z0,900000,1")
        matches(r"E[0-9a-f]{2};[0-9a-f]+", reply)
        assert bytes.fromhex(reply[4:]).decode()


@test("stop replies list the threads and where they are")
def list_threads():
    with lldb() as g:
        introduce(g)
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        g.send("vCont;c:1")
        stop = fields(g.recv())
        equal(stop["threads"], "1,2")
        pcs = [int(pc, 16) for pc in stop["thread-pcs"].split(",")]
        equal(pcs[0], LEAF)
        assert SPIN <= pcs[1] < SPIN + 0x100
        matches(r"T05swbreak:;thread:1;core:0;reason:breakpoint;|"
                r"T05thread:1;core:0;reason:breakpoint;", g.ask("qThreadStopInfo1"))
        equal(g.ask("qThreadStopInfo2"), "T00thread:2;core:1;reason:none;")
        assert is_error(g.ask("qThreadStopInfo9"))


@test("jThreadsInfo: all threads as JSON")
def threads_info():
    with lldb() as g:
        introduce(g)
        equal(g.ask(f"Z2,{COUNTER:x},8"), "OK")
        g.send("vCont;c:1")
        assert "watch" in fields(g.recv())
        info = json.loads(unescape(expand(g.ask("jThreadsInfo", raw=True))))
        equal([t["tid"] for t in info], [1, 2])
        equal((info[0]["reason"], info[0]["signal"], info[0]["name"]),
              ("watchpoint", 5, "vCPU 0"))
        equal(info[0]["registers"]["16"], le(get(g, RIP, 1)))
        equal((info[1]["reason"], info[1]["signal"]), ("none", 0))


@test("qMemoryRegionInfo: what is mapped, holes, and no error")
def regions():
    with lldb() as g:
        introduce(g)
        reply = g.ask("qMemoryRegionInfo:10000")
        found = re.match(r"start:([0-9a-f]+);size:([0-9a-f]+);permissions:r", reply)
        assert found, reply
        first, size = int(found[1], 16), int(found[2], 16)
        assert first <= 0x10000 < first + size
        reply = g.ask(f"qMemoryRegionInfo:{first + size:x}")
        matches(r"start:[0-9a-f]+;size:[0-9a-f]+;.*", reply)
        assert is_error(g.ask("qMemoryRegionInfo:x"))


@test("16-bit code is told of by the triple")
def sixteen_bits():
    daemon = rsp.Daemon("--arch", "auto", env={"FAKE_REAL": "1"})
    try:
        g = daemon.connect()
        introduce(g)
        equal(text_of(g.ask("qHostInfo"), "triple"), "i386-unknown-unknown-code16")
        g.close()
    finally:
        daemon.end()


@test("the small ones: qEcho, qVAttachOrWaitSupported, qWatchpointSupportInfo, k")
def small():
    with lldb() as g:
        introduce(g)
        equal(g.ask("qEcho:17"), "qEcho:17")
        equal(g.ask("qVAttachOrWaitSupported"), "OK")
        matches(r"num:\d+;", g.ask("qWatchpointSupportInfo:"))
        put(g, RIP, LEAF, 1)
        equal(g.ask("k"), "X09")


if __name__ == "__main__":
    sys.exit(TAP.run())
