/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * More rows as in operand_rows.h: exceptions on the way, and the flags TF and RF. The
 * page after the window is not mapped.
 */
#ifndef TESTS_ABI_OPERAND_ROWS_FAULTS_H
#define TESTS_ABI_OPERAND_ROWS_FAULTS_H

#define PAGED(group, a, b, exits, ...)					\
	ROW(group, 32, a "(%ebx)" b, exits, __VA_ARGS__);		\
	ROW(group, 64, a "(%rbx)" b, exits, __VA_ARGS__)

/* Operands on two pages, of which the second one is not there */
PAGED("page faults", "movl 0xfbe", ", %ecx", "", FAULTS(14));
PAGED("page faults", "movl %ecx, 0xfbe", "", "", FAULTS(14));
PAGED("page faults", "addl %ecx, 0xfbe", "", "", FAULTS(14));
PAGED("page faults", "cmpl %ecx, 0xfbe", "", "", FAULTS(14));
PAGED("page faults", "lock incw 0xfbf", "", "", FAULTS(14));
PAGED("page faults", "movups 0xfb8", ", %xmm1", "", FAULTS(14));
PAGED("page faults", "movups %xmm1, 0xfb8", "", "", FAULTS(14));
PAGED("page faults", "ljmp *0xfbc", "", "", FAULTS(14));
PAGED("page faults", "smsw 0xfbf", "", "", FAULTS(14));
PAGED("page faults", "lgdt 0xfbe", "", "", FAULTS(14));

/* A string instruction ends at the element that faults, and can be repeated. */
PAGED("faults in strings", "mov $0xc800, %edi; mov $4, %ecx; lea 0xfb8", ", %esi; rep movsl",
      "rfb8.4 rfbc.4", FAULTS(14));
PAGED("faults in strings", "mov $0xc000, %esi; mov $4, %ecx; lea 0xfb8", ", %edi; rep movsl",
      "wfb8.4 wfbc.4", FAULTS(14));
/* KVM 6.1 reads the source before it looks at the destination. */
PAGED("faults in strings", "mov %ebx, %esi; mov $4, %ecx; lea 0xfb8", ", %edi; rep movsl",
      "r0.4 wfb8.4 r4.4 wfbc.4", FAULTS(14), .kvm = "r0.4 wfb8.4 r4.4 wfbc.4 r8.4");
PAGED("faults in strings", "mov $4, %ecx; lea 0xfbc", ", %edi; rep stosw",
      "wfbc.2 wfbe.2", FAULTS(14));
PAGED("faults in strings", "mov $9, %ecx; lea 0xfbe", ", %esi; rep lodsb",
      "rfbe.1 rfbf.1", FAULTS(14));
/* KVM 6.1 forgets the flags of the elements that were compared. */
PAGED("faults in strings", "mov $9, %ecx; lea 0xfbe", ", %edi; repne scasb",
      "rfbe.1 rfbf.1", FAULTS(14), .kvm_wrong = true);
PAGED("faults in strings", "mov $0xc000, %esi; mov $9, %ecx; lea 0xfbc", ", %edi; repne cmpsw",
      "rfbc.2 rfbe.2", FAULTS(14), .kvm_wrong = true);
PAGED("faults in strings", "mov $0xc800, %edi; mov $4, %ecx; lea 0xfbe", ", %esi; rep movsl",
      "", FAULTS(14));

/* Strings on one page and on the next, which both are the device's */
PAGED("strings across pages", "mov $0xc800, %edi; mov $3, %ecx; lea -0x44", ", %esi; rep movsl",
      "r-44.4 r-40.4 r-3c.4");
PAGED("strings across pages", "mov $2, %ecx; lea -0x42", ", %edi; rep stosl",
      "w-42.2 w-40.2 w-3e.4");
PAGED("strings across pages", "mov $2, %ecx; lea -0x3e", ", %edi; std; rep stosl; cld",
      "w-3e.4 w-42.2 w-40.2");
PAGED("strings across pages", "mov $2, %ecx; mov %ebx, %edi; lea -0x42", ", %esi; rep movsl",
      "r-42.2 r-40.2 w0.4 r-3e.4 w4.4");
PAGED("strings across pages", "mov $0xc000, %esi; lea -0x42", ", %edi; cmpsl", "r-42.2 r-40.2");
PAGED("strings across pages", "lea -0x41", ", %edi; scasw", "r-41.1 r-40.1");
PAGED("strings across pages", "mov $2, %ecx; lea -0x43", ", %esi; rep lodsl",
      "r-43.3 r-40.1 r-3f.4");

/* Not the exits' business: the processor raises the exception itself. */
PAGED("alignment", "movaps 1", ", %xmm1", "", FAULTS(13));
PAGED("alignment", "movdqa %xmm1, 8", "", "", FAULTS(13));

/* TF: a trap follows. KVM 6.1 loses it after a write. */
#define TRAPPED(a, b, exits, ...)					\
	PAGED("trap flag", a, b, exits, .tf = true, FAULTS(1), __VA_ARGS__)
TRAPPED("movl ", ", %ecx", "r0.4");
TRAPPED("addl ", ", %ecx", "r0.4");
TRAPPED("movl %ecx, ", "", "w0.4", .kvm_wrong = true);
TRAPPED("lock addl %ecx, ", "", "r0.4 w0.4", .kvm_wrong = true);
TRAPPED("movups ", ", %xmm1", "r0.8 r8.8");
TRAPPED("fnstcw ", "", "w0.2", .kvm_wrong = true);
TRAPPED("smsw ", "", "w0.2", .kvm_wrong = true);
TRAPPED("lmsw ", "", "r0.2", BYTES(0x0b));
TRAPPED("lldt ", "", "r0.2", SELECTOR(NEW_LDT));
TRAPPED("mov ", ", %es", "r0.2", SELECTOR(NEW_DATA));
TRAPPED("lfs ", ", %ecx", "r0.6", FAR32(NEW_DATA));
ROW("trap flag", 64, "ljmp *(%rbx)", "r0.6", FAR32(NEW_CODE64), .tf = true, FAULTS(1));
ROW("trap flag", 32, "lcall *(%ebx)", "r0.6", FAR32(NEW_CODE32), .tf = true, FAULTS(1));

/* RF ends with the instruction: a breakpoint on the next one, the NOP, hits. */
#define RESUMED(a, b, exits, ...)					\
	PAGED("resume flag", a, b "; nop", exits, .rf = true, FAULTS(1), __VA_ARGS__)
RESUMED("movl ", ", %ecx", "r0.4");
RESUMED("movl %ecx, ", "", "w0.4");
RESUMED("lock addl %ecx, ", "", "r0.4 w0.4");
RESUMED("movups ", ", %xmm1", "r0.8 r8.8");
RESUMED("lmsw ", "", "r0.2", BYTES(0x0b));
RESUMED("mov ", ", %es", "r0.2", SELECTOR(NEW_DATA));
RESUMED("lfs ", ", %ecx", "r0.6", FAR32(NEW_DATA));
RESUMED("fnstsw ", "", "w0.2");

#endif
