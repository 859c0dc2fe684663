/* SPDX-License-Identifier: GPL-2.0-only */
/* More rows as in operand_rows.h: instructions that access only the stack. */
#ifndef TESTS_ABI_OPERAND_ROWS_STACK_H
#define TESTS_ABI_OPERAND_ROWS_STACK_H

/* Let the stack end 80h after the operand, or begin with it. */
#define TO16(insn)	"mov %ds, %si; mov %si, %ss; lea 0x80(%bx), %sp;" insn
#define TO32(insn)	"lea 0x80(%ebx), %esp;" insn
#define TO64(insn)	"lea 0x80(%rbx), %rsp;" insn
#define FROM16(insn)	"mov %ds, %si; mov %si, %ss; mov %bx, %sp; mov %bx, %bp;" insn
#define FROM32(insn)	"mov %ebx, %esp; mov %ebx, %ebp;" insn
#define FROM64(insn)	"mov %rbx, %rsp; mov %rbx, %rbp;" insn

ROW("push to a device", 16, TO16("push %cx"), "w7e.2");
ROW("push to a device", 16, TO16("pushl %esp"), "w7c.4");
ROW("push to a device", 16, TO16("push $-3"), "w7e.2");
ROW("push to a device", 16, TO16("pushl $0x12345678"), "w7c.4");
ROW("push to a device", 16, TO16("push %ds"), "w7e.2");
ROW("push to a device", 16, TO16("push %fs"), "w7e.2");
ROW("push to a device", 32, TO32("push %ecx"), "w7c.4");
ROW("push to a device", 32, TO32("pushw %sp"), "w7e.2");
ROW("push to a device", 32, TO32("push $-3"), "w7c.4");
ROW("push to a device", 32, TO32("pushw $0x1234"), "w7e.2");
ROW("push to a device", 32, TO32("push %es"), "w7c.2");
ROW("push to a device", 32, TO32("push %gs"), "w7c.2");
ROW("push to a device", 64, TO64("push %r9"), "w78.8");
ROW("push to a device", 64, TO64("push %rsp"), "w78.8");
ROW("push to a device", 64, TO64("pushw %cx"), "w7e.2");
ROW("push to a device", 64, TO64("push $-3"), "w78.8");
ROW("push to a device", 64, TO64("push $0x12345678"), "w78.8");
ROW("push to a device", 64, TO64("push %fs"), "w78.8");
ROW("push to a device", 64, "lea -0x3c(%rbx), %rsp; push %rcx", "w-44.4 w-40.4");

ROW("pushf to a device", 16, TO16("stc; pushf"), "w7e.2");
ROW("pushf to a device", 16, TO16("stc; pushfl"), "w7c.4");
ROW("pushf to a device", 32, TO32("stc; pushf"), "w7c.4");
ROW("pushf to a device", 64, TO64("stc; pushf"), "w78.8");

ROW("call with a device's stack", 16, TO16("call 1f; nop; 1:"), "w7e.2");
ROW("call with a device's stack", 32, TO32("call 1f; nop; 1:"), "w7c.4");
ROW("call with a device's stack", 64, TO64("call 1f; nop; 1:"), "w78.8");
ROW("call with a device's stack", 64, TO64("jmp 2f; 1: hlt; 2: call 1b"), "w78.8");

ROW("enter with a device's stack", 16, TO16("enter $6, $0"), "w7e.2");
ROW("enter with a device's stack", 32, TO32("enter $0x20, $0"), "w7c.4");
ROW("enter with a device's stack", 64, TO64("enter $0x20, $0"), "w78.8");
ROW("enter with a device's stack", 64, TO64("enter $0x20, $1"), "", .fails = true);

ROW("pop from a device", 16, FROM16("pop %cx"), "r0.2");
ROW("pop from a device", 16, FROM16("popl %ecx"), "r0.4");
ROW("pop from a device", 16, FROM16("pop %es"), "r0.2", BYTES(0x34, 0x12));
ROW("pop from a device", 32, FROM32("pop %ecx"), "r0.4");
ROW("pop from a device", 32, FROM32("pop %esp"), "r0.4");
ROW("pop from a device", 32, FROM32("popw %cx"), "r0.2");
ROW("pop from a device", 32, FROM32("pop %fs"), "r0.2", SELECTOR(NEW_DATA));
ROW("pop from a device", 32, FROM32("pop %ss"), "r0.2", SELECTOR(NEW_DATA));
ROW("pop from a device", 64, FROM64("pop %r9"), "r0.8");
ROW("pop from a device", 64, FROM64("pop %rsp"), "r0.8");
ROW("pop from a device", 64, FROM64("popw %cx"), "r0.2");
ROW("pop from a device", 64, FROM64("pop %gs"), "r0.2", SELECTOR(NEW_DATA));
ROW("pop from a device", 64, "lea -0x43(%rbx), %rsp; pop %rcx", "r-43.3 r-40.5");

ROW("ret with a device's stack", 16, FROM16("ret"), "r0.2", BYTES(0, 0x90));
ROW("ret with a device's stack", 16, FROM16("ret $6"), "r0.2", BYTES(0, 0x90));
ROW("ret with a device's stack", 32, FROM32("ret"), "r0.4", BYTES(0, 0x90));
ROW("ret with a device's stack", 64, FROM64("ret"), "r0.8", BYTES(0, 0x90));
ROW("ret with a device's stack", 64, FROM64("repz ret"), "r0.8", BYTES(0, 0x90));
ROW("ret with a device's stack", 64, FROM64("ret $0x20"), "r0.8", BYTES(0, 0x90));

/*
 * KVM executes such an instruction again after each answer of the VMM: of several pushes it
 * makes only the last one, and the stack pointer of several pops goes on.
 */
#define KVM_HAS(exits)	.kvm = exits, .kvm_wrong = true

#define DOWN2	"w7e.2 w7c.2 w7a.2 w78.2 w76.2 w74.2 w72.2 w70.2"
#define DOWN4	"w7c.4 w78.4 w74.4 w70.4 w6c.4 w68.4 w64.4 w60.4"
ROW("pusha to a device", 16, TO16("pusha"), DOWN2, KVM_HAS("w70.2"));
ROW("pusha to a device", 16, TO16("pushal"), DOWN4, KVM_HAS("w60.4"));
ROW("pusha to a device", 32, TO32("pusha"), DOWN4, KVM_HAS("w60.4"));
ROW("pusha to a device", 32, TO32("pushaw"), DOWN2, KVM_HAS("w70.2"));
/* the last three words in the page before, and one in both */
ROW("pusha to a device", 32, "lea -0x30(%ebx), %esp; pusha",
    "w-34.4 w-38.4 w-3c.4 w-40.4 w-44.4 w-48.4 w-4c.4 w-50.4", KVM_HAS("w-50.4"));
ROW("pusha to a device", 32, "lea -0x32(%ebx), %esp; pusha",
    "w-36.4 w-3a.4 w-3e.4 w-42.2 w-40.2 w-46.4 w-4a.4 w-4e.4 w-52.4", KVM_HAS("w-52.4"));

/* POPA reads no stack pointer. */
#define UP2	"r0.2 r2.2 r4.2 r8.2 ra.2 rc.2 re.2"
#define UP4	"r0.4 r4.4 r8.4 r10.4 r14.4 r18.4 r1c.4"
#define KVM_UP2	"r0.2 r2.2 r6.2 re.2 r18.2 r24.2 r32.2"
#define KVM_UP4	"r0.4 r4.4 rc.4 r1c.4 r30.4 r48.4 r64.4"
ROW("popa from a device", 16, FROM16("popa"), UP2, KVM_HAS(KVM_UP2));
ROW("popa from a device", 16, FROM16("popal"), UP4, KVM_HAS(KVM_UP4));
ROW("popa from a device", 32, FROM32("popa"), UP4, KVM_HAS(KVM_UP4));
ROW("popa from a device", 32, FROM32("popaw"), UP2, KVM_HAS(KVM_UP2));
ROW("popa from a device", 32, "lea -0x42(%ebx), %esp; popa",
    "r-42.2 r-40.2 r-3e.4 r-3a.4 r-32.4 r-2e.4 r-2a.4 r-26.4",
    KVM_HAS("r-42.2 r-40.2 r-3e.4 r-36.4 r-26.4 r-12.4 r6.4 r22.4"));

/* with IF set, IOPL changed, and flags that do not exist */
#define FLAGS(low, high)	BYTES((low) & 0xff, (low) >> 8, high)
ROW("popf from a device", 16, FROM16("popf"), "r0.2", FLAGS(0x32d7, 0));
ROW("popf from a device", 16, FROM16("popfl"), "r0.4", FLAGS(0x7ed7, 0x3f));
ROW("popf from a device", 16, FROM16("sti; popf"), "r0.2", FLAGS(0x0000, 0));
ROW("popf from a device", 32, FROM32("popf"), "r0.4", FLAGS(0xfe55, 0x2c));
ROW("popf from a device", 32, FROM32("popfw"), "r0.2", FLAGS(0x3e00, 0xff));
ROW("popf from a device", 32, FROM32("popf"), "r0.4", FLAGS(0x0000, 0x20));
ROW("popf from a device", 64, FROM64("popf"), "r0.8", FLAGS(0x3cd7, 0x24));
ROW("popf from a device", 64, FROM64("popfw"), "r0.2", FLAGS(0x0ed7, 0xff));
ROW("popf from a device", 64, FROM64("popf"), "r0.8", FLAGS(0x0002, 0xff));
/* TF of the popped flags traps after the next instruction, even if that clears it. */
ROW("popf from a device", 64, FROM64("popf; nop; nop"), "r0.8", FLAGS(0x0102, 0), FAULTS(1));
ROW("popf from a device", 64, FROM64("popf; popf; nop"), "r0.8 r8.8", FAULTS(1),
    BYTES(2, 1, 0, 0, 0, 0, 0, 0, 2));

#define TEXT(word)		#word
#define FAR_CALL(s, target)	"lcall $" TEXT(s) ", $" TEXT(target)
ROW("far call with a device's stack", 16, TO16("lcall $0, $0x9000"), "w7e.2 w7c.2",
    KVM_HAS("w7c.2"));
ROW("far call with a device's stack", 16, TO16("lcalll $0, $0x9000"), "w7c.4 w78.4",
    KVM_HAS("w78.4"));
ROW("far call with a device's stack", 32, TO32(FAR_CALL(NEW_CODE32, 0x9000)),
    "w7c.4 w78.4", KVM_HAS("w78.4"));
ROW("far call with a device's stack", 32, TO32(FAR_CALL(NEW_CODE16, 0x9000)),
    "w7c.4 w78.4", KVM_HAS("w78.4"));
ROW("far call with a device's stack", 32, TO32(FAR_CALL(CONFORMING, 0x9000)),
    "w7c.4 w78.4", KVM_HAS("w78.4"));

#define FAR_RET(bits, insn, exits, ...)						\
	ROW("far ret with a device's stack", bits, FROM##bits(insn), exits,	\
	    .kvm_wrong = true, __VA_ARGS__)
FAR_RET(16, "lret", "r0.2 r2.2", FAR16(0));
FAR_RET(16, "lret $6", "r0.2 r2.2", FAR16(0));
FAR_RET(16, "lretl", "r0.4 r4.4", FAR32(0));
FAR_RET(32, "lretl", "r0.4 r4.4", FAR32(NEW_CODE32));
FAR_RET(32, "lretl", "r0.4 r4.4", FAR32(CONFORMING));
FAR_RET(32, "lretw $0x20", "r0.2 r2.2", FAR16(NEW_CODE32));
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(NEW_CODE64));
FAR_RET(64, "lretl $0x20", "r0.4 r4.4", FAR32(NEW_CODE32));
FAR_RET(64, "rex.W lret", "r0.8 r8.8", FAR64(NEW_CODE64));
/* In 64-bit code, exceptions have another stack. KVM's moves on before them. */
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(0), FAULTS(13));
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(NEW_DATA), FAULTS(13));
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(CALL_GATE), FAULTS(13));
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(ABSENT_CODE), FAULTS(11));
FAR_RET(64, "lretl", "r0.4 r4.4", FAR32(LONG_AND_WIDE), FAULTS(13));
FAR_RET(64, "rex.W lret", "r0.8 r8.8", BYTES(0, 0, 0, 0, 0, 0, 1, 0, NEW_CODE64), FAULTS(13));
ROW("far ret with a device's stack", 64, FROM64("lretl"), "r0.4 r4.4",
    FAR32(NEW_CODE64 | 3), .fails = true);

ROW("iret with a device's stack", 16, FROM16("iret"), "r0.2 r2.2 r4.2",
    BYTES(0, 0x90, 0, 0, 0xd7, 0x3c), KVM_HAS("r0.2 r2.2 r6.2"));
ROW("iret with a device's stack", 16, FROM16("iretl"), "r0.4 r4.4 r8.4",
    BYTES(0, 0x90, 0, 0, 0, 0, 0, 0, 0xd7, 0x0c, 0x24), KVM_HAS("r0.4 r4.4 rc.4"));
ROW("iret with a device's stack", 32, FROM32("iret"), "", .fails = true);
ROW("iret with a device's stack", 64, FROM64("iretq"), "", .fails = true);

ROW("leave with a device's stack", 16, FROM16("leave"), "r0.2");
ROW("leave with a device's stack", 32, FROM32("leave"), "r0.4");
ROW("leave with a device's stack", 64, FROM64("leave"), "r0.8");

#endif
