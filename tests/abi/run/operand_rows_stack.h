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

ROW("leave with a device's stack", 16, FROM16("leave"), "r0.2");
ROW("leave with a device's stack", 32, FROM32("leave"), "r0.4");
ROW("leave with a device's stack", 64, FROM64("leave"), "r0.8");

#endif
