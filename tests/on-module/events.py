# SPDX-License-Identifier: GPL-2.0-only
"""Events of the machine, and accesses, that stop the guest."""
from machine import TAP, at_work

test = TAP.test


@test("catch io, cpuid, msr and cr: gdb stops before each, and is told about it")
def catches():
    with at_work() as m:
        m.gdb.shows("vmx-catch io 0x21", "vmx-catch cpuid", "vmx-catch msr lstar write",
                    "vmx-catch cr cr3", "set $rip = &ports", "continue", "p $rip == &ports",
                    "monitor why", "continue", "monitor why", "p $rax", "continue",
                    "p $rip == (long)&writes_msr + 12", "monitor why", "p/x $lstar", "continue",
                    "monitor why", "p/x $lstar", "monitor uncatch all", "tbreak loop", "continue",
                    want=[r"SIGTRAP", r"= 1$", r"port 0x21", r"SIGTRAP", r"CPUID|cpuid",
                          r"= 0$", r"SIGTRAP", r"= 1$", r"(?i)wrmsr|lstar|0xc0000082", r"= 0x0$",
                          r"SIGTRAP", r"(?i)cr3", r"= 0x1234$", r"loop \(\)"])


@test("catch with a condition, and count: the guest runs on, and hits are counted")
def filters():
    with at_work() as m:
        m.gdb.shows("monitor catch cpuid count", "monitor catch io 0x21 if $r12 == 1",
                    "set $r12 = 0", "set $rip = &ports", "tbreak loop", "continue",
                    "set $r12 = 1", "set $rip = &ports", "continue", "p $rip == &ports",
                    "tbreak loop", "continue", "monitor catch",
                    want=[r"loop \(\)", r"SIGTRAP", r"= 1$", r"loop \(\)",
                          r"catch cpuid.*: 2 hits", r"catch io.*: 1 hit"])


@test("catch syscall stops at the guest's entry for calls with that number, and no others")
def syscalls():
    with at_work() as m:
        m.gdb.shows("set $efer = $efer | 1", "set $star = 0x10LL << 32",
                    "set $lstar = &kernel_entry", "catch syscall 257",
                    "set $rip = &calls_kernel", "continue", "p $rip == &kernel_entry", "p $eax",
                    "tbreak loop", "continue", "p *(long *)&syscalls", "delete",
                    "catch syscall 1", "tbreak loop", "set $rip = &calls_kernel", "continue",
                    "p *(long *)&syscalls", "delete",
                    want=[r"call to syscall .*kernel_entry", r"= 1$", r"= 257$", r"loop \(\)",
                          r"= 1$", r"loop \(\)", r"= 2$"])


@test("info os: the VM's memory slots, and what is inserted with its hits")
def tables():
    with at_work() as m:
        m.gdb.shows("info os slots", "hbreak leaf", "continue", "info os objects", "delete",
                    want=[r"dirty-log", r"^0 +0x0 ", r"leaf \(\)", r"armed",
                          r"breakpoint +hard +0x[0-9a-f]+ +0x[0-9a-f]+ +1 "])


@test("monitor arch shows the code as another mode's, and back")
def arch():
    with at_work() as m:
        m.gdb.shows("monitor arch", "exec-file", "monitor arch i386", "unset tdesc filename",
                    "x/2i $pc", "monitor arch x86-64", "unset tdesc filename", "p $rip == (long)$pc",
                    want=[r"x86-64", r"i386", r"x86-64", r"= 1$"])


@test("vmx-nexti ends behind an INT n, whose handler has run")
def over_interrupt():
    with at_work() as m:
        m.gdb.shows("tbreak soft", "continue", "set $before = *(long *)&softs", "vmx-nexti",
                    "p $rip == &behind_soft", "p *(long *)&softs - $before",
                    want=[r"Temporary breakpoint", r"= 1$", r"= 1$"])


@test("rwatch stops at reads, also of an instruction that writes as well; awatch at all")
def watches():
    with at_work() as m:
        m.gdb.shows("rwatch *(long *)&counter", "rwatch *(long *)&stamp", "continue", "p $rip",
                    "continue", "p $rip", "tbreak loop", "continue", "delete",
                    "awatch *(long *)&stamp", "continue", "p $rip == &read_here",
                    want=[r"read watchpoint \d+: .*counter", r"^Value = 1$", r"<work\+12>",
                          r"read watchpoint \d+: .*counter", r"^Value = 1$", r"<work\+44>",
                          r"loop \(\)", r"access .*watchpoint \d+: .*stamp", r"= 1$"])


@test("watch and break by physical address; why has the access")
def physical():
    with at_work() as m:
        counter = m.gdb.number("&counter")
        leaf = m.gdb.number("&leaf")
        m.gdb.shows(f"monitor watch phys {counter:#x} 8 write", "continue", "monitor why",
                    "monitor uncatch all", f"monitor break phys {leaf:#x}", "continue",
                    "p $rip == &leaf", "monitor uncatch all",
                    want=[r"SIGTRAP", rf"(?i)physical (address )?{counter:#x}", r"SIGTRAP",
                          r"= 1$"])


@test("a condition that the module evaluates, and an agent dprintf between stops")
def conditions():
    with at_work() as m:
        # gdb translates a symbol without debug information wrongly.
        counter, softs = (f"*(long *){m.gdb.number(name):#x}" for name in ("&counter", "&softs"))
        m.gdb.shows("set breakpoint condition-evaluation target", "set dprintf-style agent",
                    f'dprintf soft,"softs are %ld\\n",{softs}', f"break leaf if {counter} == 5",
                    "continue", "p *(long *)&counter", "info breakpoints",
                    want=[r"^softs are 0$", r"^softs are 3$", r"Breakpoint \d+, leaf", r"= 5$",
                          r"target evals"])
