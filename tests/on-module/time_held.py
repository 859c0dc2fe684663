# SPDX-License-Identifier: GPL-2.0-only
"""The guest's time while gdb has stopped the guest."""
from machine import TAP, at_work, host, new_at_work

test = TAP.test
PAUSE = 3     # seconds of the host


def tsc(gdb):
    """The register, as the module has it now."""
    gdb.ask("maintenance flush register-cache")
    return gdb.number("$tsc")


def elapsed(gdb):
    """Ticks of the guest's TSC from one RDTSC to the next, with a pause in between."""
    gdb.shows("tbreak read_here", "continue", want=[r"work \(\) at .*:\d+"])
    before = gdb.number("*(long *)&stamp")
    host().sh(f"sleep {PAUSE}")
    gdb.shows("tbreak read_here", "continue", want=[r"work \(\) at .*:\d+"])
    return gdb.number("*(long *)&stamp") - before


@test("the guest's RDTSC sees nothing of a stop; with monitor time run it sees all")
def rdtsc():
    with at_work() as m:
        held = elapsed(m.gdb)
        m.gdb.shows("monitor time", "monitor time run", want=["stands still", "goes on"])
        runs = elapsed(m.gdb)
        m.gdb.shows("vmx-time stop", want=["stands still"])
        again = elapsed(m.gdb)
    # A second has more ticks of any processor that has VMX than the guest's loop needs.
    second = runs / PAUSE
    assert 0 < held < second and 0 < again < second < runs, (held, runs, again)


@test("$tsc stands still while gdb looks; after monitor time run it goes on")
def register():
    with at_work() as m:
        first = tsc(m.gdb)
        host().sh(f"sleep {PAUSE}")
        assert tsc(m.gdb) == first
        m.gdb.shows("monitor time run", want=["goes on"])
        assert tsc(m.gdb) > first


@test("--time run is where each debugger begins")
def option():
    with new_at_work(daemon=("--time", "run")) as m:
        m.gdb.shows("monitor time", want=["goes on while"])
