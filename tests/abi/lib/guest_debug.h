/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_SET_GUEST_DEBUG, and a #DB handler for guests. */
#ifndef TESTS_ABI_GUEST_DEBUG_H
#define TESTS_ABI_GUEST_DEBUG_H

#include "guest.h"

#define DB	1
#define BP	3
#define DR6_B(n)	(1ULL << (n))
#define DR6_BD		(1ULL << 13)
#define DR6_BS		(1ULL << 14)
#define DR7_L(n)	(1ULL << (2 * (n)))
#define DR7_WRITE(n)	(1ULL << (16 + 4 * (n)))
#define DR7_ACCESS(n)	(3ULL << (16 + 4 * (n)))
#define DR7_LEN4(n)	(3ULL << (18 + 4 * (n)))
#define DR7_GD		(1ULL << 13)

/*
 * A #DB handler for guests that debug themselves: it counts at 0xc000, keeps DR6 and
 * the frame's rip of each #DB at 0xc100 + 16 * n, and clears DR6.
 */
#define DB_HANDLER(label)						\
	label ": push %rax; push %rbx\n"				\
	"mov 0xc000, %ebx; shl $4, %ebx\n"				\
	"mov %dr6, %rax; mov %rax, 0xc100(%rbx)\n"			\
	"mov 16(%rsp), %rax; mov %rax, 0xc108(%rbx)\n"			\
	"mov $0xffff0ff0, %eax; mov %rax, %dr6\n"			\
	"incl 0xc000\n"							\
	"pop %rbx; pop %rax; iretq\n"

struct db_seen {
	u64 dr6, rip;
};

static inline struct db_seen db_seen(struct vm *vm, unsigned int n)
{
	return (struct db_seen){
		.dr6 = *GUEST_PTR(vm, 0xc100 + 16 * n, u64) & ~0xffff0ff0ULL,
		.rip = *GUEST_PTR(vm, 0xc108 + 16 * n, u64),
	};
}

static inline u32 db_count(struct vm *vm)
{
	return DATA32(vm, 0);
}

static inline int guest_debug(struct vcpu *v, u32 control,
			      const struct kvm_guest_debug_arch *arch)
{
	struct kvm_guest_debug dbg = { .control = control };

	if (arch)
		dbg.arch = *arch;
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg);
}

#endif
