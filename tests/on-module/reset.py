# SPDX-License-Identifier: GPL-2.0-only
"""Resets of the guest by gdb: the VMM does them, and the guest begins again."""
from machine import TAP, Machine, new_at_work

test = TAP.test


@test("monitor reset: vmxrun resets its machine, the guest begins again, breakpoints survive")
def monitor():
    with new_at_work() as m:
        m.gdb.shows("break leaf", "watch *(long *)&counter", "continue", "continue", "vmx-reset",
                    "info registers rip", "monitor why", "p *(long *)&counter", "p $rip == &_start",
                    want=[r"watchpoint \d", r"Breakpoint 2, leaf", r"the guest begins again",
                          r"^rip +0x100000 ", r"the VMM has reset the VM", r"= 0$", r"= 1$"])
        m.gdb.shows("continue", "continue", "p *(long *)&counter",
                    # gdb does not show the first change, to the value that it knows.
                    want=[r"Breakpoint 2, leaf", r"Old value = 1", r"New value = 2", r"= 2$"])
        m.vmm.begun(2)


@test("a reset of a guest with two vCPUs, while it is stopped in a handler")
def in_handler():
    with new_at_work(vmm=("--cpus", "2")) as m:
        m.gdb.shows("tbreak handler_nmi", "monitor nmi", "continue", "vmx-system_reset",
                    "info threads", "tbreak leaf", "continue", "p *(long *)&nmis",
                    want=[r"handler_nmi \(\)", r"the guest begins again", r"vCPU 0", r"vCPU 1",
                          r"leaf \(\)", r"= 0$"])


@test("run after target extended-remote resets, as often as one likes")
def run():
    with Machine(kind="extended-remote") as m:
        m.gdb.shows("break leaf", "continue", "set $r15 = 5", "set remote exec-file /guest", "run",
                    "p $r15", "p *(long *)&counter", "run", "p *(long *)&counter",
                    want=[r"Breakpoint 1, leaf", r"Breakpoint 1, leaf", r"= 0$", r"= 1$",
                          r"Breakpoint 1, leaf", r"= 1$"])
        m.vmm.begun(3)


@test("the packet R resets")
def packet():
    with new_at_work() as m:
        m.gdb.shows("break leaf", "continue", want=[r"leaf \(\)"])
        m.gdb.ask("maintenance packet R00", "maintenance packet ?")
        m.gdb.shows("maintenance flush register-cache", "p $rip == &_start", "continue",
                    want=[r"= 1$", r"leaf \(\)"])
        m.vmm.begun(2)


@test("a triple fault is shown before the VMM hears of it; then the guest begins again")
def triple_fault():
    with new_at_work() as m:
        m.gdb.shows("set $idtr_limit = 0", "tbreak soft", "continue", "continue", "tbreak leaf",
                    "continue", "p *(long *)&counter",
                    want=[r"int\s+\$0x80", r"triple fault at 0x1000fa|triple fault", r"SIGABRT",
                          r"leaf \(\)", r"= 1$"])
        m.vmm.begun(2)


@test("a VMM that ends at a reset ends, and gdb is told")
def no_reboot():
    with new_at_work(vmm=("--no-reboot",)) as m:
        m.gdb.shows("monitor reset", want=[r"ended|exited|reset"])
        m.vmm.wait_log("a debugger asked for a reset")
        m.vmm.wait_end()
