/* SPDX-License-Identifier: MIT */
/* A VM of KVM or vmxdbg whose guest begins in 64-bit mode. */
#ifndef KVM_START_H
#define KVM_START_H

#include <stddef.h>

#include <linux/kvm.h>

#define RAM_SIZE	0x200000UL
#define CODE		0x10000UL

/**
 * struct vm - the machine
 * @device: file descriptor of /dev/kvm or /dev/vmxdbg
 * @fd: file descriptor of the VM
 * @ram: its memory from 0 on
 */
struct vm {
	int device;
	int fd;
	char *ram;
};

struct cpu {
	int fd;
	struct kvm_run *run;
};

/* Make a VM with the code of file @path at CODE. Exits if that fails. */
void vm_create(struct vm *vm, const char *device, const char *path);

/* Make vCPU @number, in front of the code. Exits if that fails. */
void vm_create_cpu(const struct vm *vm, unsigned int number, struct cpu *cpu);

/* Set the registers with which a vCPU begins. */
void cpu_reset(const struct cpu *cpu, unsigned int number);

#endif /* KVM_START_H */
