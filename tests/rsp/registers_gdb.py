#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the real gdb with registers beyond the general ones."""
import sys

import rsp
from views_gdb import LOAD
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test


@test("AVX, AVX-512 and PKRU: whole registers, written and read")
def vectors():
    shows(gdb("set $ymm0.v4_int64[3] = 7", "set $ymm1.v8_int32[0] = 5",
              "set $zmm17.v8_int64[7] = 9", "set $k3 = 0x55", "set $pkru = 6",
              "maint flush register-cache", "p $ymm0.v4_int64", "p $xmm1.v4_int32",
              "p $zmm17.v8_int64", "p $k3", "p $pkru", "info registers ymm0"),
          r"= \{0, 0, 0, 7\}", r"= \{5, 0, 0, 0\}",
          r"= \{0, 0, 0, 0, 0, 0, 0, 9\}", r"= 85$", r"= \[ WD0 AD1 \]", r"^ymm0 ")


@test("what the guest has not enabled is <unavailable>, and so what the target lacks")
def unavailable():
    shows(gdb("p $ymm0h", "p $k1", "p $pkru", "p $lstar", "p $xcr0", "set $k1 = 1",
              env={"FAKE_XCR0": "3"}),
          r"= <unavailable>", r"= <unavailable>", r"= <unavailable>", r"= .*0xffffffff80010000",
          r"= \[ X87 SSE \]", "[Cc]ould not write.*the guest has not enabled it in XCR0")
    shows(gdb("p $activity", "p $star", "p $cs_attr", "info registers rip",
              env={"FAKE_FEW_REGS": "1"}),
          r"= <unavailable>", r"= <unavailable>", r"= \[ TYPE=11 S DPL=0 P L G \]", r"^rip ")


@test("system state with names: segments, MSRs, XCR0, activity, interruptibility, DR7")
def names():
    shows(gdb("p $cs_attr", "p/x $tr_limit", "p $star", "p $lstar", "p $pat", "p $fmask",
              "p $xcr0", "p $activity", "set $interruptibility = 8", "p $interruptibility",
              "p $tsc_offset", "set $dr7 = 0x20402", "p $dr7", "p $misc_enable",
              "info registers lstar tr_attr"),
          r"\[ TYPE=11 S DPL=0 P L G \]", r"= 0x67", r"\[ EIP=0 SYSCALL_CS=16 SYSRET_CS=35 \]",
          r"= .*0xffffffff80010000", r"\[ PA0=6 PA1=4 PA2=7 PA3=0 .*PA7=0 \]",
          r"\[ TF IF DF NT AC IOPL=3 \]", r"\[ X87 SSE AVX OPMASK ZMM_HI HI_ZMM PKRU \]",
          r"= ACTIVE", r"= \[ NMI \]", r"= -1000",
          r"\[ G0 RW0=2 LEN0=0 ", r"FAST_STRING", r"^lstar ", r"^tr_attr ")


@test("a refused value: gdb prints the reason, and the guest goes on with the old one")
def refused():
    shows(gdb("p $cr0 = 0", "p $cr0", "p $cr4 = 0", "set $efer = 0x101", "set $rip = 1UL << 62",
              "p $cr3 = -1", "p $cs_attr = 0", "p $cr8 = 16", "set $eflags = 0x80000000",
              "set $activity = 1", "set $lstar = (void *)0x1234567800000000", "p $lstar",
              "set $cs = 0x12345", "stepi", "info registers cr0 cr4 efer eflags cr8 cs",
              env={"FAKE_RULES": "1"}),
          r"Could not write register \"cr0\".*EFER has reserved bits, or LMA is not",
          r"\[ PE MP ET NE WP AM PG \]", r"cr4.*needs CR4.PAE", r"efer.*EFER has",
          r"rip.*RIP has more bits", r"cr3.*CR3 has bits beyond", r"cs_attr.*CS: .*present",
          r"cr8.*CR8 is above 15", r"eflags.*RFLAGS has reserved bits",
          r"activity is read-only", r"lstar.*reserved bits, or a value out of",
          r"= .*0xffffffff80010000", r"cs has no such bits", r"^cr0 +0x80050033", r"^cr4 +0x20 ",
          r"^efer +0xd01", r"^eflags +0x2 ", r"^cr8 +0x0", r"^cs +0x10")


@test("i386: the same registers, with 32-bit bases")
def i386():
    shows(gdb("set $ymm7.v4_int64[2] = 3", "p $ymm7.v4_int64", "p $zmm1h", "p $cs_attr",
              "p $lstar", "p/x $fs_limit", "p $ymm8", "p $tr_base", "info registers orig_eax",
              options=("--arch", "i386"), elf=False),
          r"= \{0, 0, 3, 0\}", r"= \{0, 0\}", r"\[ TYPE=11 ", r"= 18446744071562133504",
          r"= 0x0", r"= void", r"= 24576", r"^orig_eax ")


@test("a call of a function of the guest's, and gcore: they need the registers too")
def call():
    shows(gdb("p ((long (*)(void))leaf)()", "info registers rip lstar",
              "tbreak work", "continue", "finish"),
          r"= ", r"^rip ", r"^lstar .*80010000", r"work \(\)")


@test("monitor msr and vmx-msr; conditions by registers that the module's bytecode lacks")
def msr():
    shows(gdb(LOAD, "monitor msr lstar", "vmx-msr sysenter_esp", "p $sysenter_esp",
              "vmx-msr sysenter_esp 0x1000+0x1000", "p/x $sysenter_esp", "vmx-msr",
              "break leaf if $fmask == 0x47700", "continue"),
          r"^0xc0000082 lstar ", r"^0x00000175 sysenter_esp", r"0xffffffff80003000",
          r"0x0000000000002000",
          r"= 0x2000", r"tsc_aux", r"hit Breakpoint 1, leaf")


if __name__ == "__main__":
    sys.exit(TAP.run())
