/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VMM small enough for tests. Every guest has this memory:
 *
 *	0x00000		real mode's interrupt table
 *	0x01000		IDT
 *	0x02000		GDT; TSS at 0x2800
 *	0x03000		the handlers that are there unless a test puts its own:
 *			"out of vector to GUEST_TRAP_PORT, hlt", 16 bytes each
 *	0x08000		code, entry
 *	0x0c000		data
 *	0x0f000		end of vCPU 0's stack; vCPU n's ends 0x400 * n lower
 *	0x20000		page tables: 4 GiB identity, 4 KiB pages up to 2 MiB, user
 *	0x100000	more data
 *	0x200000	end of RAM
 *	0xd0000000	no memory: MMIO
 */
#ifndef TESTS_ABI_GUEST_H
#define TESTS_ABI_GUEST_H

#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <time.h>

#include "kvm_newer.h"
#include "tap.h"

#define GUEST_IDT	0x1000
#define GUEST_GDT	0x2000
#define GUEST_TSS	0x2800
#define GUEST_STUBS	0x3000
#define GUEST_CODE	0x8000
#define GUEST_DATA	0xc000
#define GUEST_STACK	0xf000
#define GUEST_PML4	0x20000
#define GUEST_PDPT	0x21000
#define GUEST_PD	0x22000	/* four pages */
#define GUEST_PT	0x26000	/* maps 0 - 2 MiB */
#define GUEST_PD32	0x27000
#define GUEST_PT32	0x28000	/* maps 0 - 4 MiB */
#define GUEST_HIGH	0x100000
#define GUEST_RAM	0x200000
#define GUEST_MMIO	0xd0000000

#define GUEST_TRAP_PORT	0xee	/* an exception that the test did not expect */

/* selectors */
#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define SEL_CODE16	0x20
#define SEL_USER32	0x28	/* SYSRET wants this order */
#define SEL_USER_DATA	0x30
#define SEL_USER64	0x38
#define SEL_TSS		0x40

#define VM_VCPUS	4

enum guest_mode {
	MODE_REAL,
	MODE_FLAT32,	/* no paging */
	MODE_PAGED32,
	MODE_PAE,
	MODE_LONG,
	MODES
};

struct vm;

struct vcpu {
	struct vm *vm;
	int fd;
	struct kvm_run *run;
};

struct vm {
	int dev;
	int fd;
	u8 *mem;
	size_t size;
	size_t run_size;
	struct vcpu vcpu[VM_VCPUS];
};

/* A guest's code, between two labels of the test's own assembly. */
struct prog {
	const u8 *begin, *end;
};

#define GUEST_ASM(name, bits, text)					\
	extern const u8 name##_begin[], name##_end[];			\
	asm(".pushsection .rodata\n.code" #bits "\n"			\
	    #name "_begin:\n" text "\n" #name "_end:\n"			\
	    ".code64\n.popsection")
#define GUEST16(name, text)	GUEST_ASM(name, 16, text)
#define GUEST32(name, text)	GUEST_ASM(name, 32, text)
#define GUEST64(name, text)	GUEST_ASM(name, 64, text)
#define PROG(name)		((struct prog){ name##_begin, name##_end })

/* Guest address of a label in its assembly (declare it with LABEL). */
#define LABEL(label)		extern const u8 label[]
#define AT(name, label)		(GUEST_CODE + (u64)((label) - name##_begin))

/* for the assembly: the guest address of label @l of guest @g */
#define GADDR(g, l)		"(" #l " - " #g "_begin + 0x8000)"

int dev_open(void);
/* Make a VM with GUEST_RAM of memory in slot 0 (@mem, or new if NULL), and no vCPU. */
void vm_make(struct vm *vm, void *mem);
struct vcpu *vm_add_vcpu(struct vm *vm, unsigned int id);
/* Any id, in vm->vcpu[@place]. */
struct vcpu *vm_add_vcpu_at(struct vm *vm, unsigned int place, unsigned int id);
void vm_load(struct vm *vm, struct prog prog);
void vm_destroy(struct vm *vm);
/* Let every vector go to its stub; vm_gate() then changes single ones. */
void vm_tables(struct vm *vm, enum guest_mode mode);
void vm_gate(struct vm *vm, enum guest_mode mode, u8 vector, u32 handler);
void vcpu_reset(struct vcpu *v, enum guest_mode mode, u64 rip);
/* Let the vCPU, which is in long mode, be in ring 3. */
void vcpu_to_ring3(struct vcpu *v);

/* One more vCPU, with all that the host offers in its CPUID, to run in a mode at @rip */
struct vcpu *guest_add_vcpu(struct vm *vm, unsigned int id, enum guest_mode mode, u64 rip);
/* Make a whole guest: VM, memory, tables, CPUID, vCPU 0 at the program's first byte. */
struct vcpu *guest_make(struct vm *vm, enum guest_mode mode, struct prog prog);

/* the guest's RAM */
#define GUEST_PTR(vm, gpa, type)	((volatile type *)((vm)->mem + (gpa)))
#define DATA64(vm, n)			GUEST_PTR(vm, GUEST_DATA, u64)[n]
#define DATA32(vm, n)			GUEST_PTR(vm, GUEST_DATA, u32)[n]
#define DATA16(vm, n)			GUEST_PTR(vm, GUEST_DATA, u16)[n]

/* KVM_RUN. Return: exit reason, or a negative errno. */
int vcpu_run(struct vcpu *v);
/* Run; the test ends if the exit is another. */
void vcpu_run_to(struct vcpu *v, u32 exit_reason);
/* Run; the exit must be an OUT of one unit to @port. Return: the value. */
u32 vcpu_run_out(struct vcpu *v, u16 port);
/* KVM_EXIT_IO's data */
void *vcpu_io_data(struct vcpu *v);
/* Return: the vector of the exception stub, or -1 if the exit is another. */
int vcpu_trap(struct vcpu *v);

void get_regs(struct vcpu *v, struct kvm_regs *regs);
void set_regs(struct vcpu *v, const struct kvm_regs *regs);
void get_sregs(struct vcpu *v, struct kvm_sregs *sregs);
u64 get_rip(struct vcpu *v);
void set_rip(struct vcpu *v, u64 rip);
int has_cap(struct vm *vm, int cap);
u64 get_msr(struct vcpu *v, u32 index);
int set_msr(struct vcpu *v, u32 index, u64 value);
void set_supported_cpuid(struct vcpu *v);

/* Is the host's kernel one that checks itself, at several times the cost? */
bool debug_kernel(void);
/* Return: whether the host's kernel is Linux @major.@minor or later. */
bool host_since(unsigned int major, unsigned int minor);
/* Return: the number in a file, or -1 without the file. */
long read_number(const char *path);
long mem_available_kib(void);
/* A figure in debugfs, as pf_taken; KVM and our module use the same names. */
long stat_of(const char *name);
/* Return: an address without memory: access to it gives EFAULT. */
void *bad_pointer(void);
/* Send @sig to the calling thread every @us (less often on a slow kernel), until timer_delete(). */
timer_t alarm_thread(int sig, unsigned int us);

#endif
