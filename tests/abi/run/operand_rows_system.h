/* SPDX-License-Identifier: GPL-2.0-only */
/* More rows as in operand_rows.h: system registers and segments. */
#ifndef TESTS_ABI_OPERAND_ROWS_SYSTEM_H
#define TESTS_ABI_OPERAND_ROWS_SYSTEM_H

#define SELECTOR(s)	BYTES(s)
#define FAULTS(v)	.trap = v, .faults = true
/* A far pointer to TARGET */
#define FAR16(s)	BYTES(0, 0x90, s)
#define FAR32(s)	BYTES(0, 0x90, 0, 0, s)
#define FAR64(s)	BYTES(0, 0x90, 0, 0, 0, 0, 0, 0, s)

ALL("smsw", "smsw ", "", W(2));
ROW("smsw", 64, "rex.W smsw (%rbx)", W(2));
ALL("lmsw", "lmsw ", "", R(2), BYTES(0x0b, 0x80));
ALL("lmsw", "lmsw ", "", R(2), BYTES(0x04));

/* KVM 6.1 has no MMIO for tables: it repeats the instruction for ever. */
ROW("sgdt", 16, "sgdt (%bx)", "w0.2 w2.4", .kvm = KVM_REPEATS);
ROW("sgdt", 32, "sgdt (%ebx)", "w0.2 w2.4", .kvm = KVM_REPEATS);
ROW("sgdt", 32, "data16 sgdt (%ebx)", "w0.2 w2.4", .kvm = KVM_REPEATS);
ROW("sgdt", 64, "sgdt (%rbx)", "w0.2 w2.8", .kvm = KVM_REPEATS);
ROW("sidt", 16, "sidt (%bx)", "w0.2 w2.4", .kvm = KVM_REPEATS);
ROW("sidt", 32, "sidt (%ebx)", "w0.2 w2.4", .kvm = KVM_REPEATS);
ROW("sidt", 64, "sidt (%rbx)", "w0.2 w2.8", .kvm = KVM_REPEATS);
ROW("lgdt", 16, "lgdt (%bx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lgdt", 16, "lgdtl (%bx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lgdt", 32, "lgdt (%ebx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lgdt", 32, "data16 lgdt (%ebx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lgdt", 64, "lgdt (%rbx)", "r0.2 r2.8", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78, 0, 0x80, 0xff, 0xff));
ROW("lgdt", 64, "lgdt (%rbx)", "r0.2 r2.8", .kvm = KVM_REPEATS, FAULTS(13),
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78, 0, 0, 0xff, 0));
ROW("lidt", 16, "lidt (%bx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lidt", 32, "lidt (%ebx)", "r0.2 r2.4", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78));
ROW("lidt", 64, "lidt (%rbx)", "r0.2 r2.8", .kvm = KVM_REPEATS,
    BYTES(0xf7, 0, 0x34, 0x12, 0x56, 0x78, 0, 0x80, 0xff, 0xff));

/* KVM 6.1 reads what it is going to write. */
ROW("sldt", 32, "sldt (%ebx)", W(2), .kvm = "r0.4 w0.2");
ROW("sldt", 64, "sldt (%rbx)", W(2), .kvm = "r0.4 w0.2");
ROW("str", 32, "str (%ebx)", W(2), .kvm = "r0.4 w0.2");
ROW("str", 64, "str (%rbx)", W(2), .kvm = "r0.4 w0.2");
ROW("lldt", 32, "lldt (%ebx)", R(2), SELECTOR(NEW_LDT));
ROW("lldt", 64, "lldt (%rbx)", R(2), SELECTOR(NEW_LDT));
ROW("lldt", 64, "lldt (%rbx)", R(2), SELECTOR(0));
ROW("lldt", 64, "lldt (%rbx)", R(2), SELECTOR(NEW_DATA), FAULTS(13));
ROW("lldt", 64, "lldt (%rbx)", R(2), SELECTOR(NEW_LDT | 4), FAULTS(13));
ROW("lldt", 64, "lldt (%rbx)", R(2), SELECTOR(FAR_LDT), FAULTS(13));
ROW("lldt", 32, "lldt (%ebx)", R(2), BYTES(BEYOND & 0xff, BEYOND >> 8), FAULTS(13));
ROW("ltr", 32, "ltr (%ebx)", R(2), SELECTOR(NEW_TSS));
ROW("ltr", 64, "ltr (%rbx)", R(2), SELECTOR(NEW_TSS));
ROW("ltr", 64, "ltr (%rbx)", R(2), SELECTOR(0), FAULTS(13));
ROW("ltr", 64, "ltr (%rbx)", R(2), SELECTOR(BUSY_TSS), FAULTS(13));
ROW("ltr", 64, "ltr (%rbx)", R(2), SELECTOR(ABSENT_TSS), FAULTS(11));
ROW("ltr", 32, "ltr (%ebx)", R(2), SELECTOR(ABSENT_TSS), FAULTS(11));

ROW("mov to a segment", 16, "mov (%bx), %es", R(2), BYTES(0x34, 0x12));
ROW("mov to a segment", 16, "mov (%bx), %ss", R(2), BYTES(0x34, 0x02));
ROW("mov to a segment", 32, "mov (%ebx), %es", R(2), SELECTOR(NEW_DATA));
ROW("mov to a segment", 32, "mov (%ebx), %fs", R(2), SELECTOR(SEL_USER_DATA | 3));
ROW("mov to a segment", 32, "mov (%ebx), %gs", R(2), SELECTOR(0));
ROW("mov to a segment", 32, "mov (%ebx), %gs", R(2), SELECTOR(NEW_CODE32));
ROW("mov to a segment", 32, "mov (%ebx), %ss", R(2), SELECTOR(NEW_DATA));
ROW("mov to a segment", 32, "mov (%ebx), %ss", R(2), SELECTOR(0), FAULTS(13));
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2), SELECTOR(NEW_DATA));
ROW("mov to a segment", 64, "mov (%rbx), %es", R(2), SELECTOR(0));
ROW("mov to a segment", 64, "mov (%rbx), %fs", R(2), SELECTOR(NEW_DATA));
ROW("mov to a segment", 64, "rex.W mov (%rbx), %gs", R(2), SELECTOR(NEW_DATA));
ROW("mov to a segment", 64, "mov (%rbx), %gs", R(2), SELECTOR(READ_ONLY));
ROW("mov to a segment", 64, "mov (%rbx), %ss", R(2), SELECTOR(NEW_DATA));
/* KVM 6.1 makes the null segment a usable one. */
ROW("mov to a segment", 64, "mov (%rbx), %ss", R(2), SELECTOR(0), .kvm_wrong = true);
ROW("mov to a segment", 64, "mov (%rbx), %ss", R(2), SELECTOR(3), FAULTS(13));
ROW("mov to a segment", 64, "mov (%rbx), %ss", R(2), SELECTOR(READ_ONLY), FAULTS(13));
ROW("mov to a segment", 64, "mov (%rbx), %ss", R(2), SELECTOR(ABSENT_DATA), FAULTS(12));
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2), SELECTOR(ABSENT_DATA), FAULTS(11));
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2), SELECTOR(NEW_TSS), FAULTS(13));
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2), SELECTOR(NEW_DATA | 4), FAULTS(13));
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2),
    BYTES(BEYOND & 0xff, BEYOND >> 8), FAULTS(13));
/* RPL alone is above DPL: KVM 6.1 wants both RPL and CPL to be (SDM vol. 3, 5.6). */
ROW("mov to a segment", 64, "mov (%rbx), %ds", R(2), SELECTOR(NEW_DATA | 3), FAULTS(13),
    .kvm_wrong = true);
ROW("mov to a segment", 64, "mov $0x50, %eax; lldt %ax; mov (%rbx), %ds", R(2), SELECTOR(0xc));

ROW("les and its kind", 16, "les (%bx), %cx", R(4), FAR16(0x12));
ROW("les and its kind", 16, "lds (%bx), %ecx", R(6), FAR32(0x12));
ROW("les and its kind", 16, "lss (%bx), %cx", R(4), FAR16(0x12));
ROW("les and its kind", 32, "les (%ebx), %ecx", R(6), FAR32(NEW_DATA));
ROW("les and its kind", 32, "lds (%ebx), %cx", R(4), FAR16(NEW_DATA));
ROW("les and its kind", 32, "lss (%ebx), %esp", R(6), FAR32(NEW_DATA));
ROW("les and its kind", 32, "lfs (%ebx), %ecx", R(6), FAR32(0));
ROW("les and its kind", 32, "lgs (%ebx), %ecx", R(6), FAR32(ABSENT_DATA), FAULTS(11));
ROW("les and its kind", 64, "lss (%rbx), %ecx", R(6), FAR32(NEW_DATA));
ROW("les and its kind", 64, "lfs (%rbx), %cx", R(4), FAR16(NEW_DATA));
ROW("les and its kind", 64, ".byte 0x48; lgs (%rbx), %ecx", "r0.8 r8.2", FAR64(NEW_DATA));
ROW("les and its kind", 64, "lss (%rbx), %ecx", R(6), FAR32(ABSENT_DATA), FAULTS(12));

ROW("far jmp", 16, "ljmp *(%bx)", R(4), BYTES(0, 0x10, 0, 8));
ROW("far jmp", 16, "ljmpl *(%bx)", R(6), BYTES(0, 0x10, 0, 0, 0, 8));
ROW("far jmp", 32, "ljmp *(%ebx)", R(6), FAR32(NEW_CODE32));
ROW("far jmp", 32, "ljmpw *(%ebx)", R(4), FAR16(NEW_CODE32));
ROW("far jmp", 32, "ljmp *(%ebx)", R(6), FAR32(NEW_CODE16));
ROW("far jmp", 32, "ljmp *(%ebx)", R(6), BYTES(0, 0, 1, 0, NEW_CODE16), FAULTS(13),
    .kvm = KVM_FAILS);
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(NEW_CODE64));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(NEW_CODE64 | 3), FAULTS(13));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(NEW_CODE32));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(CONFORMING | 3));
ROW("far jmp", 64, "rex.W ljmp *(%rbx)", "r0.8 r8.2", FAR64(NEW_CODE64));
ROW("far jmp", 64, "rex.W ljmp *(%rbx)", "r0.8 r8.2",
    BYTES([7] = 0x80, [8] = NEW_CODE64), FAULTS(13), .kvm = KVM_FAILS);
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(0), FAULTS(13));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(NEW_DATA), FAULTS(13));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(SEL_USER64), FAULTS(13));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(LONG_AND_WIDE), FAULTS(13));
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(ABSENT_CODE), FAULTS(11));
/* Neither KVM nor the module goes through gates or to tasks. */
ROW("far jmp", 64, "ljmp *(%rbx)", R(6), FAR32(CALL_GATE), .fails = true);
ROW("far jmp", 32, "ljmp *(%ebx)", R(6), FAR32(NEW_TSS), .fails = true);
ROW("far call", 16, "lcall *(%bx)", R(4), BYTES(0, 0x10, 0, 8));
ROW("far call", 16, "lcalll *(%bx)", R(6), BYTES(0, 0x10, 0, 0, 0, 8));
ROW("far call", 32, "lcall *(%ebx)", R(6), FAR32(NEW_CODE32));
ROW("far call", 32, "lcallw *(%ebx)", R(4), FAR16(NEW_CODE32));
ROW("far call", 32, "lcall *(%ebx)", R(6), FAR32(ABSENT_CODE), FAULTS(11));
ROW("far call", 64, "lcall *(%rbx)", R(6), FAR32(NEW_CODE64));
ROW("far call", 64, "lcall *(%rbx)", R(6), FAR32(NEW_CODE32));
ROW("far call", 64, "rex.W lcall *(%rbx)", "r0.8 r8.2", FAR64(NEW_CODE64));
ROW("far call", 64, "lcall *(%rbx)", R(6), FAR32(CALL_GATE), .fails = true);
/* KVM 6.1 forgets the first of two writes to a device. */
ROW("far call", 64, "lea 0x80(%rbx), %rsp; lcall *(%rbx)", "r0.6 w7c.4 w78.4",
    FAR32(NEW_CODE64), .kvm = "r0.6 w78.4", .kvm_wrong = true);

#endif
