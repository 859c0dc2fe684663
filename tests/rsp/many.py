#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of a guest with 300 vCPUs, numbered without and with a gap."""
import collections
import json
import re
import sys
import xml.etree.ElementTree as ET

import rsp
from nonstop import quiet, stops
from protocol import (LOOP_CALL, RIP, SPIN, START, document, equal, fields, get, guest, is_error,
                      matches, put)
from rsp import expand, unescape

TAP = rsp.Tap()
test = TAP.test
MANY = 300
GAP = 200		# vCPUs 64 to 199 do not exist
RDI = 5
FEATURES = "qSupported:swbreak+;hwbreak+;multiprocess+"


def many(features="qSupported:swbreak+;hwbreak+", **env):
    return guest(features, FAKE_VCPUS=MANY, **env)


def listed(line):
    """Return the lists of thread ids, one for each reply."""
    lists = []
    reply = line.ask("qfThreadInfo")
    while reply != "l":
        matches("m.+", reply)
        lists.append(reply[1:].split(","))
        assert len(lists) < MANY
        reply = line.ask("qsThreadInfo")
    return lists


def ids(lists):
    return [int(i, 16) for part in lists for i in part]


@test("qfThreadInfo and qsThreadInfo list 300 threads in several replies")
def thread_lists():
    with many() as g:
        lists = listed(g)
        assert len(lists) > 1, lists
        assert all(len(",".join(part)) < 1000 for part in lists)
        equal(ids(lists), list(range(1, MANY + 1)))
        equal(g.ask("qsThreadInfo"), "l")
        equal(ids(listed(g)), list(range(1, MANY + 1)))
        assert g.ask("qfThreadInfo") != "l"      # left in the middle, and begun again
        equal(ids(listed(g)), list(range(1, MANY + 1)))
    with many(FEATURES) as g:
        equal(len([i for part in listed(g) for i in part]), MANY)
        assert all(re.fullmatch(r"p[0-9a-f]+\.[0-9a-f]+", i) for part in listed(g) for i in part)


@test("thread numbers may have a gap: a thread inside of it does not exist")
def sparse():
    wanted = list(range(1, 65)) + list(range(GAP + 1, MANY + 1))
    with many(FAKE_GAP=GAP) as g:
        equal(ids(listed(g)), wanted)
        threads = ET.fromstring(document(g, "threads:read:", 0x8000)).findall("thread")
        equal([int(t.get("id"), 16) for t in threads], wanted)
        assert is_error(g.ask("T41"))
        equal(g.ask(f"T{GAP + 1:x}"), "OK")
        assert is_error(g.ask("Hg41"))
        assert is_error(g.ask("vCont;c:41"))
        assert is_error(g.ask(f"T{MANY + 1:x}"))
        assert is_error(g.ask("Tffffffff"))
        assert is_error(g.ask("T1001"))
        matches(r"VM \d+ of process \d+, vCPUs 0-63, 200-299\n.*", g.monitor("info"))
    with guest(FAKE_VCPUS=1) as g:
        matches(r"VM \d+ of process \d+, vCPU 0\n.*", g.monitor("info"))


@test("Hg chooses thread 300, and its registers are its own")
def registers():
    with many() as g:
        equal(get(g, RDI, MANY), MANY - 1)
        equal(g.ask("qC"), f"QC{MANY:x}")
        put(g, RDI, 77, MANY)
        equal(get(g, RDI, 70), 69)
        equal(get(g, RDI, MANY), 77)
        text = bytes.fromhex(g.ask(f"qThreadExtraInfo,{MANY:x}")).decode()
        assert "vCPU 299" in text, text


@test("vCont steps thread 300 alone")
def step_one():
    with many() as g:
        put(g, RIP, START, MANY)
        others = [get(g, RIP, thread) for thread in (1, 64, 65, 299)]
        stop = fields(g.ask(f"vCont;s:{MANY:x}"))
        equal(int(stop["thread"], 16), MANY)
        assert START < get(g, RIP, MANY) <= LOOP_CALL
        equal([get(g, RIP, thread) for thread in (1, 64, 65, 299)], others)


@test("vCont with an action for each of 300 threads, and the first one counts")
def action_of_each():
    with many() as g:
        put(g, RIP, START, MANY)
        actions = "".join(f";c:{i:x}" for i in range(1, MANY)) + f";s:{MANY:x};c:{MANY:x};c"
        stop = fields(g.ask("vCont" + actions))
        equal(int(stop["thread"], 16), MANY)
        assert START < get(g, RIP, MANY) <= LOOP_CALL


@test("a breakpoint for vCPU 299 stops no other one")
def break_on_one():
    with many() as g:
        g.monitor(f"break 0x{SPIN:x} vcpu 299")
        matches(r".*, vCPUs 299\n", g.monitor("objects"))
        stop = None
        g.send("vCont;c")
        while not stop or stop[0] == "O":
            stop = g.recv()
        equal(int(fields(stop)["thread"], 16), MANY)
        g.monitor("uncatch all")
        g.monitor(f"break 0x{SPIN:x} vcpu 1 vcpu 64 vcpu 65 vcpu 127")
        matches(r".*, vCPUs 1, 64-65, 127\n", g.monitor("objects"))
        g.monitor("uncatch all")
        g.monitor(f"break 0x{SPIN:x} vcpu 63")
        matches(r".*, vCPUs 63\n", g.monitor("objects"))
        matches("break: there is no vCPU 300\n", g.monitor(f"break 0x{SPIN:x} vcpu 300"))


@test("300 vCPUs at one breakpoint are reported in turn, and none more often than another")
def all_at_one():
    with many() as g:
        equal(g.ask(f"Z0,{SPIN:x},1"), "OK")
        seen = collections.Counter(int(fields(g.ask("vCont;c"))["thread"], 16)
                                   for _ in range(3 * MANY))
        counts = [seen[thread] for thread in range(5, MANY + 1)]
        assert min(counts) >= 1 and max(counts) - min(counts) <= 1, counts


@test("monitor stats of vCPU 299; there is no vCPU 300")
def stats():
    with many() as g:
        matches("vCPU 299: .*", g.monitor("stats 299"))
        matches("stats: there is no vCPU 300\n", g.monitor("stats 300"))
        matches("stats: there is no vCPU 4096\n", g.monitor("stats 4096"))


@test("non-stop: 300 vCPUs run, vCont;t stops each of them, and thread 300 runs again")
def non_stop():
    with many() as g:
        equal(g.ask("QNonStop:1"), "OK")
        equal(g.ask("vCont;c"), "OK")
        equal(g.ask("vCont;t"), "OK")
        equal(stops(g), [(thread, 0) for thread in range(1, MANY + 1)])
        equal(g.ask(f"vCont;c:{MANY:x}"), "OK")
        quiet(g)
        equal(g.ask("vCont;t"), "OK")
        equal(stops(g), [(MANY, 0)])


@test("lldb: jThreadsInfo has 100 threads, and says so if they are too many for a packet")
def json_threads():
    with guest(FAKE_VCPUS=100) as g:
        reply = unescape(expand(g.ask("jThreadsInfo", raw=True)))
        equal([thread["tid"] for thread in json.loads(reply)], list(range(1, 101)))
    with many() as g:
        assert is_error(g.ask("jThreadsInfo"))
        equal(g.ask(f"T{MANY:x}"), "OK")


@test("a debugger detaches from 300 vCPUs, and the next one finds them all")
def detach():
    with many() as g:
        equal(len(ids(listed(g))), MANY)
        equal(g.ask("D"), "OK")
        line = g.daemon.connect()
        line.ask("qSupported:swbreak+;hwbreak+")
        line.stop_ack()
        equal(len(ids(listed(line))), MANY)
        equal(get(line, RDI, MANY), MANY - 1)
        line.close()


if __name__ == "__main__":
    sys.exit(TAP.run())
