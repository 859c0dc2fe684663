# SPDX-License-Identifier: GPL-2.0-only
"""Events that gdb injects into a guest of the module, and the guest's handlers."""
from machine import TAP, at_work

test = TAP.test


@test("inject irq: the guest's handler runs, and a breakpoint there is hit")
def irq():
    with at_work() as m:
        m.gdb.shows("tbreak handler_irq", "monitor inject irq 0x45", "continue", "bt 1",
                    "p *(long *)&irqs", "tbreak leaf", "continue", "p *(long *)&irqs",
                    want=[r"vCPU 0 gets interrupt 69", r"Temporary breakpoint .*, handler_irq \(\)",
                          r"^#0 +handler_irq", r"= 0$", r"leaf \(\)", r"= 1$"])


@test("inject irq waits for a guest that takes no interrupts; a second one is refused")
def irq_waits():
    with at_work() as m:
        m.gdb.shows("set $eflags &= ~0x200", "vmx-inject irq 0x45", "vmx-inject irq 0x46",
                    "tbreak leaf", "continue", "p *(long *)&irqs", "set $eflags |= 0x200",
                    "tbreak leaf", "continue", "p *(long *)&irqs",
                    want=[r"gets interrupt 69", r"another event of this kind waits", r"leaf \(\)",
                          r"= 0$", r"leaf \(\)", r"= 1$"])


@test("inject nmi and monitor nmi: steps hold it, unless step irqs is on")
def nmi():
    with at_work() as m:
        m.gdb.shows("monitor inject nmi", "stepi", "p *(long *)&nmis",
                    "tbreak handler_nmi", "continue", "tbreak leaf", "continue",
                    "p *(long *)&nmis", "monitor step irqs on", "monitor nmi", "stepi",
                    "monitor step irqs off",
                    want=[r"vCPU 0 gets an NMI when it runs$", r"mov\s+%rsp, %rbp", r"= 0$",
                          r"handler_nmi \(\)", r"leaf \(\)", r"= 1$", r"gets an NMI",
                          r"handler_nmi \(\)"])


@test("inject exception: stepi ends in the handler, with error code and address")
def exception():
    with at_work() as m:
        m.gdb.shows("monitor inject exception #UD", "stepi", "p *(long *)&uds", "stepi",
                    "p *(long *)&uds", "stepi", "p $rip == &work",
                    want=[r"gets exception 6 #UD", r"handler_ud \(\)", r"= 0$", r"= 1$", r"= 1$"])
    with at_work() as m:
        m.gdb.shows("monitor inject exception gp 0x18", "stepi", "x/gx $rsp", "tbreak leaf",
                    "continue", "p *(long *)&gps", "p/x *(long *)&last_error",
                    want=[r"gets exception 13 #GP", r"handler_gp \(\)", r":\s+0x0*18$",
                          r"leaf \(\)", r"= 1$", r"= 0x18$"])
        m.gdb.shows("monitor inject exception #PF 6 0x7654321000", "p $rip == &leaf", "stepi",
                    "p/x $cr2", "tbreak read_here", "continue", "p *(long *)&pfs",
                    "p/x *(long *)&last_error", "p/x *(long *)&last_address",
                    want=[r"gets exception 14 #PF", r"= 1$", r"handler_pf \(\)",
                          r"= 0x7654321000$", r"work \(\) at", r"= 1$", r"= 0x6$",
                          r"= 0x7654321000$"])


@test("a catch sees an injected exception before the guest's handler")
def caught():
    with at_work() as m:
        m.gdb.shows("monitor catch exception #UD", "monitor inject exception #UD", "continue",
                    "p *(long *)&uds", "monitor why", "monitor uncatch all", "tbreak leaf",
                    "continue", "p *(long *)&uds",
                    want=[r"SIGILL", r"= 0$", r"exception 6 #UD", r"leaf \(\)", r"= 1$"])


@test("wrong events are refused with their reason")
def wrong():
    with at_work() as m:
        m.gdb.shows("monitor inject exception 32", "monitor inject exception #UD 5",
                    "monitor inject exception #GP 0x18000", "monitor inject irq 256",
                    "monitor inject irq", "stepi",
                    want=[r"vector|exception|usage", "this exception has no error code",
                          "an error code has at most 15 bits", r"256|vector|usage", r"[Uu]sage",
                          r"mov\s+%rsp, %rbp"])
