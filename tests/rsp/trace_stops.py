#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tracepoints that step or change variables, and of several watchpoints at once."""
import sys
import time

import rsp
from cond import code, reg_is
from protocol import (BYTES, COUNTER, LEAF, NEW_VCPU, RIP, RSP, SPIN, WORK, equal, fields, get, guest,
                      is_error, matches, put)
from trace import HERE, RBX, live, mask, number, ok, point, ready, run_to, script, status
from trace import START as GDB_START
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

# leaf: push, mov, inc, pop, ret
AFTER = (0x10026, 0x10029, 0x1002c, 0x1002d, 0x10022, 0x10023)
TV = 6


def x(text):
    """An expression as it is in actions."""
    return code(text).replace("X", "X000000")


def stepping(line, num, addr, steps, first=(), each=(), cond="", passes=0):
    """Define a tracepoint with while-stepping as gdb does."""
    actions = [*first, *(("S" if not i else "") + a for i, a in enumerate(each))]
    head = f"QTDP:{num:x}:{addr:016x}:E:{steps:x}:{passes:x}" + (":" + cond if cond else "")
    ok(line, head + ("-" if actions else ""))
    for i, action in enumerate(actions):
        ok(line, f"QTDP:-{num:x}:{addr:016x}:{action}" + ("-" if i + 1 < len(actions) else ""))


def variable(line, num, value, name="7476"):
    ok(line, f"QTDV:{num:x}:{value:016x}:0:{name}")


def places(line, count):
    """The pc of each frame."""
    found = []
    for n in range(count):
        matches(f"F{n:x}T.*", line.ask(f"QTFrame:{n:x}"))
        found.append(get(line, RIP))
    equal(line.ask(f"QTFrame:{count:x}"), "F-1")
    live(line)
    return found


ADD_ONE = x(f"2c 000{TV} 22 01 02 2d 000{TV} 27")


@test("while-stepping: a frame at the hit, and one after each step; the guest is not seen to stop")
def steps():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 3, first=(mask(RBX), "M7,0,8"), each=(mask(RBX), "M7,0,8"))
        ok(g, "QTStart")
        stop = run_to(g, 4)
        equal(int(stop["thread"], 16), 1)
        ok(g, "QTStop")
        st = status(g)
        equal((number(st, "tframes"), number(st, "tcreated")), (18, 18))   # rbx is 4 before the inc
        equal(places(g, 18), [LEAF, *AFTER[:3]] * 4 + [LEAF, AFTER[0]])


@test("frames of steps have registers and memory as they were then")
def contents():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 5, first=(mask(RBX, RSP),),
                 each=(mask(RBX), mask(RSP), "M7,0,8", x(f"25 {COUNTER:016x} 22 08 0c 27")))
        ok(g, "QTStart")
        run_to(g, 1)
        ok(g, "QTStop")
        equal(places(g, 8), [LEAF, *AFTER[:5], LEAF, AFTER[0]])
        g.ask("QTFrame:0")
        rsp0 = get(g, RSP)
        assert is_error(g.ask(f"m{COUNTER:x},8"))
        counters = set()
        for n, (rbx, depth) in enumerate(((0, 8), (0, 8), (1, 8), (1, 0), (1, -8)), 1):
            equal(g.ask(f"QTFrame:{n}"), f"F{n}T1")
            equal((get(g, RBX), get(g, RSP)), (rbx, rsp0 - depth))
            counters.add(g.ask(f"m{COUNTER:x},8"))
            assert not is_error(g.ask(f"m{rsp0 - depth:x},8"))
            matches("(xx)+", g.ask("p2"))
            equal(g.ask("QTFrame:tdp:1")[:1], "F")
            g.ask(f"QTFrame:{n}")
        equal(len(counters), 1)
        live(g)


@test("without registers only the pc of a step is known; steps without actions make frames")
def bare():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 2)
        ok(g, "QTStart")
        run_to(g, 0)
        run_to(g, 1)
        ok(g, "QTStop")
        equal(places(g, 5), [LEAF, *AFTER[:2], LEAF, AFTER[0]])


@test("a step of the debugger's is one of the tracepoint's as well, and a range goes on as told")
def with_steps():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 3, each=(mask(RBX),))
        ok(g, "QTStart")
        ok(g, f"Z0,{LEAF:x},1")
        fields(g.ask("vCont;c"))
        ok(g, f"z0,{LEAF:x},1")
        for at in AFTER[:2]:
            equal(int(fields(g.ask("vCont;s:1"))["thread"], 16), 1)
            equal(get(g, RIP), at)
        equal(number(status(g), "tframes"), 3)
        fields(g.ask(f"vCont;r{LEAF:x},{LEAF + 9:x}:1"))
        equal(get(g, RIP), 0x10022)
        ok(g, "QTStop")
        equal(places(g, 4), [LEAF, *AFTER[:3]])


@test("a breakpoint among the steps stops, and the steps go on afterwards")
def breakpoint_inside():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 4)
        ok(g, "QTStart", f"Z0,{AFTER[1]:x},1")
        fields(g.ask("vCont;c"))
        equal(get(g, RIP, 1), AFTER[1])
        equal(number(status(g), "tframes"), 3)
        ok(g, f"z0,{AFTER[1]:x},1")
        run_to(g, 1)
        ok(g, "QTStop")
        equal(places(g, 7), [LEAF, *AFTER[:4], LEAF, AFTER[0]])


@test("passcount and tstop among steps end them; interrupts find the guest running")
def ends():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 2, passes=3)
        ok(g, "QTStart")
        run_to(g, 8)
        st = status(g)
        equal((st["running"], st["tpasscount"], number(st, "tframes")), (False, "1", 7))
        ready(g)
        stepping(g, 1, LEAF, 100000, each=(mask(RBX),))
        ok(g, "QTBuffer:circular:1", "QTBuffer:size:10000", "QTStart")
        for _ in range(3):
            g.send("vCont;c")
            g.write(b"\x03")
            stop = g.recv()
            matches("T02.*", stop)
        ok(g, "QTStop")
        run_to(g, get(g, RBX, 1) + 3)


@test("each vCPU has its own steps")
def vcpus():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 3)
        stepping(g, 2, SPIN, 4, cond=code("26 0000 22 40 13 27"))
        put(g, 0, 0x40, 2)
        put(g, RIP, SPIN, 2)
        ok(g, "QTStart")
        run_to(g, 2)
        ok(g, "QTStop")
        st = status(g)
        frames = [g.ask(f"QTFrame:{n:x}").split("T")[1] for n in range(number(st, "tframes"))]
        live(g)
        equal(frames.count("2"), 5)
        equal(frames.count("1"), 10)


@test("teval: a variable counts hits, comes back in frames, and decides conditions")
def counting():
    with guest() as g:
        ready(g)
        variable(g, TV, 40)
        point(g, 1, LEAF, ADD_ONE, mask(RBX))
        point(g, 2, WORK, mask(RBX), cond=code(f"2c 000{TV} 22 2c 13 27"))
        ok(g, "QTStart")
        run_to(g, 9)
        equal(g.ask(f"qTV:{TV}"), "V32")
        equal(g.ask("qTfV")[:2], "1:")
        values = [v for v in (g.ask("qTsV") for _ in range(5)) if v.startswith(f"{TV}:")]
        equal(values, [f"{TV}:28:0:7476"])
        ok(g, "QTStop")
        equal(number(status(g), "tframes"), 11)
        equal(g.ask("QTFrame:tdp:2"), "F4T2")
        equal(get(g, RBX), 4)
        equal(g.ask("QTFrame:2"), "F2T1")
        equal(g.ask(f"qTV:{TV}"), "V2b")
        live(g)
        put(g, RBX, 0, 1)
        ok(g, "QTStart")
        equal(g.ask(f"qTV:{TV}"), "V28")
        run_to(g, 1)
        equal(g.ask(f"qTV:{TV}"), "V29")


@test("a breakpoint that the debugger has removed does not come back with the trace")
def removed():
    with guest() as g:
        ready(g)
        ok(g, f"Z0,{LEAF + 1:x},1;{reg_is(1)}")
        fields(g.ask("vCont;c"))
        ok(g, f"z0,{LEAF + 1:x},1")
        point(g, 1, LEAF, mask(RBX))
        ok(g, "QTStart")
        put(g, RBX, 0, 1)
        ok(g, f"Z0,{AFTER[1]:x},1;{reg_is(5)}")
        fields(g.ask("vCont;c"))
        equal((get(g, RIP, 1), get(g, RBX)), (AFTER[1], 5))


@test("a breakpoint whose condition has a variable that changes is left to the debugger")
def breakpoint_variable():
    with guest() as g:
        ready(g)
        variable(g, TV, 0)
        condition = ";" + code(f"2c 000{TV} 22 03 13 27")
        ok(g, f"Z0,{LEAF + 1:x},1{condition}")
        point(g, 1, LEAF, ADD_ONE)
        ok(g, "QTStart")
        for wanted in (1, 2, 3):
            fields(g.ask("vCont;c"))
            equal((get(g, RIP, 1), g.ask(f"qTV:{TV}")), (LEAF + 1, f"V{wanted}"))
        assert "gdb evaluates the condition" in g.monitor("hits")


@test("expressions of all operations have the module's results")
def same_results():
    numbers = (0, 1, 3, 64, 0x80, 0xffff, 1 << 63, (1 << 64) - 1, (1 << 64) - 5)
    seen = []
    for stops in (False, True):
        with guest() as g:
            ready(g)
            variable(g, TV, 0)
            put(g, 2, 1 << 63 | 12345, 1)
            number_ = 1
            expressions = []
            for op in (*range(0x02, 0x0c), *range(0x0f, 0x12), *range(0x13, 0x16)):
                for a, b in ((numbers[i], numbers[(i * 5 + op) % 9]) for i in range(9)):
                    if 5 <= op <= 8 and (not b or b > 1 << 62):
                        b = 7
                    expressions.append(f"25 {a:016x} 25 {b:016x} {op:02x}")
            for tail in ("0e", "12", "16 08", "16 20", "2a 10", "28 02", "28 29", "22 05 2b 03",
                         "22 05 32 01 02 03", "22 05 22 06 33 03 03", "16 40", "20 0000 22 01"):
                for a in numbers:
                    if tail[:2] != "20":
                        expressions.append(f"25 {a:016x} {tail}")
            expressions += [f"25 {BYTES:016x} {op}" for op in ("17", "18", "19", "1a")]
            expressions += ["26 0002", "26 0010", "22 01 20 0009 22 05 27 22 06",
                            "22 00 20 0009 22 05 27 22 06", "22 09 21 0007 22 08 22 01 02",
                            "23 1234", "24 12345678", f"25 {BYTES:016x} 22 01 03 1a"]
            # Memory is traced at the result modulo 1 MiB.
            results = []
            for at in range(0, len(expressions), 1):
                body = expressions[at] + " 24 000fffff 0f 0d 01 27"
                ok(g, "QTinit")
                variable(g, TV, 0)
                actions = [x(body)] if "20 0009" not in body and "21 0007" not in body else []
                if not actions:
                    continue
                if stops:
                    actions.append(ADD_ONE)
                point(g, number_, LEAF, *actions)
                ok(g, "QTStart")
                put(g, RBX, 0, 1)
                put(g, RIP, LEAF, 1)
                put(g, RSP, 0x1f0000, 1)
                run_to(g, 0)
                ok(g, "QTStop")
                g.ask("QTFrame:0")
                info = g.ask("qXfer:traceframe-info:read::0,1000")
                live(g)
                results.append([body] + [line for line in info.split("\n") if "<memory" in line])
            seen.append(results)
    assert len(seen[0]) > 200
    for one, other in zip(*seen):
        equal(one, other)


@test("an expression that cannot be evaluated at a stop ends the trace with its reason")
def errors():
    for body, why in (("25 7f00000000000000 1a 22 08 0c 27", "not there"),
                      ("22 01 22 00 05 29 27", "divides by zero"),
                      ("21 0000 27", "does not end"), ("29 27", "malformed"),
                      ("02 27", "malformed"), ("0d 08 27", "malformed"), ("33 27", "malformed"),
                      ("28 27", "malformed"), ("2b 27", "malformed"), ("32 05 27", "malformed"),
                      ("20 0000 27", "malformed"), ("17 27", "malformed"),
                      ("12 27", "malformed"), (f"2d 000{TV} 27", "malformed"),
                      ("22 00 24 00010000 0c 27", "more memory"), ("22 01 28 21 0002 27", "too deep"),
                      ("01 27", "malformed"), ("26 7fff 27", "no such register")):
        with guest() as g:
            ready(g)
            variable(g, TV, 0)
            point(g, 1, LEAF, x(body), ADD_ONE)
            ok(g, "QTStart")
            run_to(g, 0)
            st = status(g)
            text, at = st.get("terror", ":").split(":")
            assert not st["running"], body
            assert why in bytes.fromhex(text).decode(), (body, bytes.fromhex(text))
            equal(at, "1")


@test("definitions of steps come back as they were")
def upload():
    with guest() as g:
        ready(g)
        stepping(g, 1, LEAF, 0x12, first=(mask(RBX),), each=(mask(RSP), "M7,0,8"), passes=3)
        texts = [g.ask("qTfP")]
        while texts[-1] != "l":
            texts.append(g.ask("qTsP"))
        equal(texts, [f"T1:{LEAF:x}:E:12:3", f"A1:{LEAF:x}:{mask(RBX)}", f"S1:{LEAF:x}:{mask(RSP)}",
                      f"S1:{LEAF:x}:M7,0,8", "l"])


@test("what cannot be: variables of the target are not set, and the time stamp is not known")
def refused():
    with guest("qSupported:error-message+") as g:
        for first, each, why in ((x("22 01 2d 0002 27"), mask(RBX), "cannot be set"),
                                 (x("22 01 2d 0063 27"), mask(RBX), "no such trace state variable"),
                                 (mask(RBX), x("2e 0003 27"), "_tsc")):
            ready(g)
            stepping(g, 9, LEAF, 1, first=(first,), each=(each,))
            matches(rf"E\.tracepoint 9: .*{why}.*", g.ask("QTStart"))
            assert not status(g)["running"]
        ready(g)
        stepping(g, 9, LEAF, 1, first=(x("2e 0001 2e 0002 27"),))
        ok(g, "QTStart")
        run_to(g, 2)
        ok(g, "QTStop")
        equal(g.ask("QTFrame:2"), "F2T9")
        equal((g.ask("qTV:1"), g.ask("qTV:2")), ("V1", "V0"))
        live(g)
        # A dprintf cannot have such a variable.
        ready(g)
        variable(g, TV, 0)
        point(g, 1, LEAF, ADD_ONE)
        ok(g, "QTStart")
        matches(r"E\..*changes.*", g.ask(f"Z0,{WORK:x},1;cmds:1," + code(
            f"2c 000{TV} 22 00 22 00 34 01 0003 256400 27")))


@test("non-stop: steps while the other vCPU runs, and one is stopped meanwhile")
def non_stop():
    with guest() as g:
        ready(g)
        variable(g, TV, 0)
        ok(g, "QNonStop:1")
        stepping(g, 1, LEAF, 3, first=(ADD_ONE, mask(RBX)), each=(mask(RBX),), passes=20)
        ok(g, "QTStart", "vCont;c")
        while status(g)["running"]:
            assert not is_error(g.ask(f"m{COUNTER:x},8"))
        equal(number(status(g), "tframes"), 77)
        equal(g.ask(f"qTV:{TV}"), "V14")
        ok(g, "vCont;t:1")
        matches("Stop:T00.*", g.notification())
        equal(g.ask("vStopped"), "OK")
        equal(places(g, 77)[:5], [LEAF, *AFTER[:3], LEAF])


# ---- without a debugger ----

@test("the debugger has gone: steps and variables go on, and a new vCPU runs")
def disconnected():
    daemon = rsp.Daemon()
    try:
        g = daemon.connect()
        g.ask("qSupported:swbreak+")
        ready(g)
        variable(g, TV, 0)
        ok(g, "QTDisconnected:1")
        stepping(g, 1, LEAF, 2, first=(ADD_ONE, mask(RBX)), each=(mask(RBX),))
        put(g, RIP, NEW_VCPU, 2)
        ok(g, "QTStart", "D")
        g.close()
        assert daemon.wait_said("goes on with its trace")
        time.sleep(0.3)
        g = daemon.connect()
        g.ask("qSupported:swbreak+")
        st = status(g)
        assert st["running"] and number(st, "tframes") > 30, st
        hits = int(g.ask(f"qTV:{TV}")[1:], 16)
        assert 3 * hits - 2 <= number(st, "tframes") <= 3 * hits, (hits, st)
        equal(places(g, number(st, "tframes"))[:4], [LEAF, *AFTER[:2], LEAF])
        assert get(g, 0, 3) > 100
        ok(g, "QTStop", "D")
        g.close()
    finally:
        daemon.end()


# ---- several watchpoints in one stop ----

@test("two watchpoints hit by one access: both, if the debugger can take them")
def watches():
    for features, wanted in (("multi-wp-addr+", [("watch", COUNTER), ("awatch", COUNTER + 4)]),
                             ("swbreak+", [("watch", COUNTER)])):
        with guest("qSupported:" + features) as g:
            put(g, RIP, WORK, 1)
            ok(g, f"Z2,{COUNTER:x},8", f"Z4,{COUNTER + 4:x},4", f"Z3,{COUNTER:x},8")
            stop = g.ask("vCont;c")
            found = [f.split(":") for f in stop[3:].split(";") if "watch" in f]
            equal([(kind, int(at, 16)) for kind, at in found], wanted)


# ---- the real gdb ----

@test("gdb: while-stepping, tdump of a step, and teval")
def gdb_steps():
    out = script(*GDB_START, "tvariable $tv = 10", "trace leaf", "actions",
                 "collect $regs", "teval $tv = $tv + $rbx", "while-stepping 3",
                 "collect $rbx, $rip", "end", "end", "tbreak *0x10026 if $rbx == 4", "tstart",
                 "continue", "tstop", "tstatus", "info tvariables", "tfind start", "p $tv",
                 "tfind", "tdump", "tfind", "tfind", "p $rip", "tfind tracepoint 1", "tfind none",
                 "info tracepoints")
    shows(out, r"hit Temporary breakpoint 2", r"Collected 18 trace frames", r"\$tv +10 +20",
          r"Found trace frame 0, tracepoint 1", r"= 10$", r"Found trace frame 1, tracepoint 1",
          r"Data collected at tracepoint 1, trace frame 1", r"\$rbx = 0", r"Found trace frame 3",
          r"= .*0x1002c", r"Found trace frame 4, tracepoint 1", r"while-stepping 3")


@test("gdb: a breakpoint's condition with a variable that changes")
def gdb_condition():
    shows(script(*GDB_START, "tvariable $tv = 0", "trace leaf", "actions",
                 "teval $tv = $tv + 1", "end", "break *0x10026 if $tv == 4", "tstart", "continue",
                 "p $rbx", "p $tv"),
          r"hit Breakpoint 2", r"= 3$", r"= 4$")


@test("gdb: watchpoints that one access hits are told by one that does not know the word")
def gdb_watches():
    shows(gdb("watch *(long *)0x10800", "watch *(int *)0x10800", "continue"),
          r"hit Hardware watchpoint 1", r"Hardware watchpoint 2")


if __name__ == "__main__":
    sys.exit(TAP.run())
