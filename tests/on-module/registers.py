# SPDX-License-Identifier: GPL-2.0-only
"""Registers of the module through gdb, beyond the general ones."""
from machine import TAP, at_work, host, new_at_work
from session import shows

test = TAP.test
FLUSH = "maintenance flush register-cache"

# Values that the guest does not use, what gdb prints of them, and how it was before
MSRS = (("gs_base", "0x1234567000", "0x1234567000"),
        ("k_gs_base", "0xffff888000000000", "0xffff888000000000"),
        ("star", "0x0023001000000000UL", "0x23001000000000"),
        ("lstar", "0xffffffff81000000", "0xffffffff81000000"),
        ("cstar", "0x1000", "0x1000"),
        ("fmask", "0x47700", "0x47700"),
        ("sysenter_cs", "0x10", "0x10"),
        ("sysenter_esp", "0x20", "0x20"),
        ("sysenter_eip", "0x30", "0x30"),
        ("pat", "0x0007010600070106UL", "0x7010600070106"),
        ("tsc_aux", "5", "0x5"))


@test("segments: bases, limits and attributes are shown by name, and written")
def segments():
    with at_work() as m:
        m.gdb.shows("p $cs_attr", "p/x $ss_limit", "p $ldtr_attr", "p $tr_attr",
                    "set $fs_base = 0x7000", "set $gs_base = 0x8000", "set $ds_limit = 0xfffff",
                    "p $ds_attr = 0x93", FLUSH, "p/x $fs_base", "p/x $gs_base", "p/x $ds_limit",
                    "p/x $ds_attr", "stepi",
                    want=[r"\[ TYPE=11 S DPL=0 P L G \]", r"= 0xffffffff$", r"\[ TYPE=2 DPL=0 P \]",
                          r"\[ TYPE=11 DPL=0 P \]", r"= 0x7000$", r"= 0x8000$", r"= 0xfffff$",
                          r"= 0x93$", r"mov\s+%rsp, %rbp"])


@test("MSRs are written, and are in the module what gdb has written")
def msrs():
    with at_work() as m:
        m.gdb.shows(*(f"set ${name} = {value}" for name, value, _ in MSRS), FLUSH,
                    "info registers " + " ".join(name for name, _, _ in MSRS), "p $star",
                    "monitor msr lstar", "vmx-msr lstar 0x5000", "p/x $lstar",
                    "monitor msr 0xc0000082", "monitor msr",
                    want=[*(rf"^{name} +{shown} " for name, _, shown in MSRS), r"SYSCALL_CS=16",
                          r"^0xc0000082 lstar +0xffffffff81000000", r"= 0x5000$",
                          r"^0xc0000082 lstar +0x0000000000005000", r"^0x00000010 tsc",
                          r"^0x0000001b apic_base +0x00000000fee00900", r"^0xc0000102 "])


@test("what the guest writes is what gdb sees: WRMSR, and the TSC goes on")
def guest_writes():
    with at_work() as m:
        m.gdb.shows("set $rip = &ports", "tbreak loop", "continue", "p/x $lstar",
                    "p $before = $tsc", "stepi", "p $tsc > $before", "p $tsc - $before < 1000000",
                    "p $tsc_offset < 0", want=[r"loop \(\)", r"= 0x1234$", r"= 1$", r"= 1$",
                                               r"= 1$"])


@test("XCR0 and AVX; what the CPU lacks is <unavailable>")
def vectors():
    has = set(host().sh("grep -m 1 ^flags /proc/cpuinfo").split())
    assert "avx" in has, "the lab's CPU has AVX"
    with at_work() as m:
        m.gdb.shows("p $xcr0", "set $ymm0.v4_int64[3] = 7", "set $ymm1.v8_int32[0] = 5",
                    "set $st0 = 2.5", FLUSH, "p $ymm0.v4_int64", "p $xmm1.v4_int32", "p $st0",
                    want=[r"= \[ X87 SSE AVX \]", r"= \{0, 0, 0, 7\}", r"= \{5, 0, 0, 0\}",
                          r"= 2.5$"])
        for flag, name in (("avx512f", "k1"), ("pku", "pkru")):
            m.gdb.shows(f"p ${name}", want=["= [0-9[]" if flag in has else "= <unavailable>"])
        # Before it has enabled AVX, the guest has none.
    with at_work() as m:
        m.gdb.shows("set $xcr0 = 3", FLUSH, "p $xcr0", "p $ymm0h", "p $xmm0.uint128",
                    want=[r"= \[ X87 SSE \]", r"= <unavailable>", r"= 0$"])


@test("debug registers have the guest's values, and gdb's breakpoints do not disturb them")
def debug_registers():
    with at_work() as m:
        m.gdb.shows("set $dr0 = &leaf", "set $dr1 = 1", "set $dr2 = 2", "set $dr3 = 3",
                    "set $dr6 = 0xffff0ff0", "set $dr7 = 0x401", FLUSH, "hbreak read_here",
                    "watch *(long *)&counter", "continue", "delete", "info registers dr0 dr3",
                    "p $dr7",
                    want=[r"^Hardware watchpoint \d+: ", r"^dr0 +0x1001", r"^dr3 +0x3 ",
                          r"\[ L0 RW0=0 LEN0=0 RW1=0 "])
        # The guest's own breakpoint is an exception of the guest's.
        m.gdb.shows("p *(long *)&strangers", "tbreak strange", "continue", "p $dr6",
                    want=[r"= 0$", r"strange \(\)", r"\[ B0 "])


@test("activity and interruptibility: shown by name; activity cannot be written")
def activity():
    with new_at_work() as m:
        m.gdb.shows("p $activity", "p $interruptibility", "set $interruptibility = 2", FLUSH,
                    "p $interruptibility", "stepi", "p $interruptibility", "p $activity = 1",
                    want=[r"= ACTIVE", r"= \[ \]", r"= \[ MOV_SS \]", r"= \[ \]",
                          r"activity is read-only: instructions and events change it"])
        m.gdb.shows("set *(char *)&loop = 0xf4", "set $rip = &loop", "continue &", want=[])
        m.gdb.shows("shell sleep 1", "interrupt", want=[])
        m.gdb.wait("SIGINT")
        m.gdb.shows("p $activity", "p $rip == (long)&loop + 1", want=[r"= HLT", r"= 1$"])


REFUSED = (("$cr0 = 0", "EFER has reserved bits, or LMA is not LME and CR0.PG"),
           ("$cr4 = 0", "EFER.LMA needs CR4.PAE"),
           ("$efer = 1", "CR3 does not point to valid page-directory-pointer-table entries"),
           ("$rip = 1UL << 62", "RIP has more bits than the code segment allows"),
           ("$cr3 = -1", "CR3 has bits beyond the physical-address width"),
           ("$cs_attr = 0", "CS: the register cannot hold a segment of this type"),
           ("$cr8 = 16", "CR8 is above 15"),
           ("$eflags = 0x80000000", "RFLAGS has reserved bits"),
           ("$lstar = (void *)0x1234567800000000", "reserved bits, or a value out of its range"),
           ("$cs = 0x12345", "cs has no such bits"),
           ("$xcr0 = 0", "reserved bits, or a value out of its range"),
           ("$xcr0 = 4", "reserved bits, or a value out of its range"),
           ("$pat = 2UL", "reserved bits, or a value out of its range"),
           ("$apic_base = 1UL", "the APIC base has reserved bits"),
           ("$tr_attr = 0", "TR: the register cannot hold a segment of this type"),
           ("$ss_attr = 0x92", "SS: the limit does not match G"),
           ("$cs_limit = 7", "CS: the limit does not match G"),
           ("$fs_base = 1UL << 62", "FS: the base is not canonical"),
           ("$gdtr_base = 1UL << 62", "the base of GDTR or IDTR is not canonical"),
           ("$idtr_limit = 0x12345", "idtr_limit has no such bits"),
           ("$tsc_offset = 5", "tsc_offset is read-only: write tsc instead"),
           ("$pdptr0 = 1", "pdptr0 is read-only: a load of CR3 loads it from memory"),
           ("$mxcsr = -1", "reserved bits, or a value out of its range"))


@test("a value with which the VM could not go on is refused with its reason; the guest goes on")
def refused():
    with at_work() as m:
        every = "info registers cr0 cr3 cr4 cr8 efer eflags cs lstar xcr0 pat tr_attr ss_attr mxcsr"
        m.gdb.shows("p $rip == &work", want=[r"= 1$"])
        before = m.gdb.ask("monitor regs", every)
        for assignment, reason in REFUSED:
            name = assignment.split()[0][1:]
            m.gdb.shows(f"p {assignment}",
                        want=[rf'Could not write register "{name}"; .*{reason}'])
        m.gdb.shows("vmx-msr pat 2", want=["reserved bits, or a value out of its range"])
        after = m.gdb.ask(FLUSH, "monitor regs", every)
        assert before.strip() == after.partition("flushed.\n")[2].strip(), before + after
        shows(m.gdb.ask("stepi", "tbreak leaf", "continue"), r"mov\s+%rsp, %rbp", r"leaf \(\)")
