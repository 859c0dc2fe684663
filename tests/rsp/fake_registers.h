/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of a vCPU that the fake guest's instructions do not use, and rules for all. */
#ifndef FAKE_REGISTERS_H
#define FAKE_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#define FAKE_MSRS_MAX	64

/**
 * struct fake_registers - register sets XSAVE to HIDDEN, and the MSRs
 * @msrs: values in the order of the list
 */
struct fake_registers {
	uint8_t xsave[4096];
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	struct vmxdbg_hidden hidden;
	uint64_t msrs[FAKE_MSRS_MAX];
};

/* @xcr0: components that the guest has enabled */
void fake_registers_init(struct fake_registers *r, uint64_t xcr0);

/* Return: the structure of @set, its size in *@size, or NULL. */
void *fake_registers_set(struct fake_registers *r, uint32_t set, size_t *size);

/* The legacy part of XSAVE's format is that of the FPU. */
void fake_registers_put_fpu(struct fake_registers *r, const struct kvm_fpu *fpu);
void fake_registers_take_fpu(const struct fake_registers *r, struct kvm_fpu *fpu);

/*
 * Return: VMXDBG_REFUSED_* of a rule that the new registers break and the old ones do not;
 * a few rules of the module's.
 */
uint32_t fake_registers_refuse(const struct vmxdbg_both *old, const struct vmxdbg_both *now);
uint32_t fake_events_refuse(const struct kvm_vcpu_events *events, const struct kvm_regs *regs);

/* The guest's time goes on for a moment. */
void fake_registers_time(struct fake_registers *r);

/* As the operations of the target. */
int fake_registers_get_msrs(const struct fake_registers *r, struct kvm_msr_entry *entries,
			    uint32_t count, uint32_t *done);
int fake_registers_set_msrs(struct fake_registers *r, const struct kvm_msr_entry *entries,
			    uint32_t count, uint32_t *done, uint32_t *refused);
int fake_registers_list_msrs(uint32_t *indices, uint32_t room);

#endif /* FAKE_REGISTERS_H */
