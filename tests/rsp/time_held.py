#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the guest's time while a debugger has stopped the guest."""
import sys

import rsp
from protocol import ALL_FEATURES, equal, guest, matches, non_stop_guest, run
from registers import Registers
from rsp import Daemon

TAP = rsp.Tap()
test = TAP.test

HELD = "the guest's time stands still while all vCPUs are stopped; now it stands still\n"
RUNS = "the guest's time goes on while its vCPUs are stopped\n"


def said(g):
    return [line for line in g.daemon.said().splitlines() if line.startswith("fake: time")]


@test("time stands still by default; monitor time run and stop change it")
def default():
    with guest() as g:
        equal(g.monitor("time"), HELD)
        equal(g.monitor("time run"), RUNS)
        equal(g.monitor("time"), RUNS)
        equal(g.monitor("time stop"), HELD)
        equal(said(g), ["fake: time runs", "fake: time stops"])


@test("the TSC goes on during a stop with its time, and is read at each look")
def counts():
    with guest() as g:
        registers = Registers(g)
        held = registers.get("tsc")
        equal(registers.get("tsc"), held)
        equal(g.monitor("time run"), RUNS)
        running = [registers.get("tsc") for _ in range(3)]
        assert held < running[0] < running[1] < running[2], running
        # A written value counts on from there, also one that was read last.
        equal(registers.put("tsc", running[2]), "OK")
        assert running[2] < registers.get("tsc") < running[2] + 20


@test("non-stop: time goes on while a vCPU runs")
def non_stop():
    with non_stop_guest() as g:
        equal(g.monitor("time"), HELD)
        equal(g.ask("vCont;c:2"), "OK")
        matches(r".*all vCPUs are stopped; now it goes on\n", g.monitor("time"))


@test("--time run, and each debugger begins with it again")
def option():
    with guest(options=("--time", "run")) as g:
        equal(g.monitor("time"), RUNS)
        equal(said(g), ["fake: time runs"])
        equal(g.monitor("time stop"), HELD)
        equal(g.ask("D"), "OK")
        assert g.daemon.wait_said("fake: detached")
        again = g.daemon.connect()
        equal(again.monitor("time"), RUNS)
        equal(said(g), ["fake: time runs", "fake: time stops", "fake: time runs"])
        again.close()


@test("each VM of extended-remote begins with the default, in a new session")
def attach():
    with guest(ALL_FEATURES) as g:
        equal(g.ask("!"), "OK")
        equal(g.monitor("time run"), RUNS)
        equal(g.ask("D;7"), "OK")
        equal(g.monitor("time"), "time: no VM is attached\n")
        matches("T05.*", g.ask("vAttach;7"))
        equal(g.monitor("time"), HELD)


@test("a serial line: the next debugger begins with the default in the same session")
def serial():
    daemon = Daemon(transport="serial")
    try:
        g = daemon.connect_serial()
        g.daemon = daemon
        assert g.ask("qSupported:swbreak+")
        g.stop_ack()
        equal(g.monitor("time run"), RUNS)
        g.no_ack = False
        assert g.ask("qSupported:swbreak+")
        equal(g.monitor("time"), HELD)
        equal(said(g), ["fake: time runs", "fake: time stops"])
    finally:
        daemon.end()


@test("wrong words are refused with a sentence")
def wrong():
    with guest() as g:
        for words in ("time later", "time run run", "time 0"):
            matches(r"usage: monitor time \[stop\|run\]\n", g.monitor(words))
        equal(said(g), [])
    result = run("--time", "later", "--stdio")
    equal(result.returncode, 2)
    matches(r'vmxdbgd: --time needs stop or run, not "later"; [^\n]*\n', result.stderr)


if __name__ == "__main__":
    sys.exit(TAP.run())
