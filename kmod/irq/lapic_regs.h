/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of a local APIC in memory, and the state that IA32_APIC_BASE has. */
#ifndef VMXDBG_IRQ_LAPIC_REGS_H
#define VMXDBG_IRQ_LAPIC_REGS_H

#include <linux/bitops.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>

#include "irq/types.h"
#include "vcpu.h"

/* Entries of the LVT: LVTT to LVTERR, and that of CMCI, which only some processors have */
#define LAPIC_CMCI	6
#define LAPIC_LVTS	7
#define LAPIC_LVT(n)	((n) == LAPIC_CMCI ? APIC_LVTCMCI : APIC_LVTT + 0x10 * (n))

#define LAPIC_SELF_IPI	0x3f0	/* x2APIC mode only */

/* In x2APIC mode, reserved bits of ICR. The delivery status reads as 0 and may be written. */
#define LAPIC_ICR_RESERVED	(GENMASK_ULL(31, 20) | GENMASK_ULL(17, 16) | BIT(13))

/* Lapic timer modes: bits 18:17 of LVTT */
#define LVTT_MODE(lvtt)		((lvtt) >> 17 & 3)
#define LVTT_ONE_SHOT		0
#define LVTT_PERIODIC		1
#define LVTT_DEADLINE		2

static inline u32 lapic_reg(const struct lapic *lapic, u32 reg)
{
	return READ_ONCE(*(u32 *)(lapic->regs + reg));
}

static inline void lapic_set_reg(struct lapic *lapic, u32 reg, u32 val)
{
	WRITE_ONCE(*(u32 *)(lapic->regs + reg), val);
}

/* The word of the set at @reg (IRR, ISR or TMR) that has @vector, bit @vector % 32 of it */
static inline unsigned long *lapic_word(const struct lapic *lapic, u32 reg, u8 vector)
{
	return (unsigned long *)(lapic->regs + reg + 0x10 * (vector / 32));
}

static inline bool lapic_test(const struct lapic *lapic, u32 reg, u8 vector)
{
	return test_bit(vector % 32, lapic_word(lapic, reg, vector));
}

/* Return: the highest vector of the set at @reg, -1 if it is empty. */
static inline int lapic_highest(const struct lapic *lapic, u32 reg)
{
	int i;

	for (i = IRQ_VECTORS / 32 - 1; i >= 0; i--) {
		u32 word = lapic_reg(lapic, reg + 0x10 * i);

		if (word)
			return 32 * i + __fls(word);
	}
	return -1;
}

/* Return: whether IA32_APIC_BASE has it on. */
static inline bool lapic_is_on(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->apic_base) & MSR_IA32_APICBASE_ENABLE;
}

static inline bool lapic_is_x2apic(const struct vcpu *vcpu)
{
	u64 both = MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE;

	return (READ_ONCE(vcpu->apic_base) & both) == both;
}

/* Return: whether it takes interrupts with a vector (SDM vol. 3, 11.4.7.2). */
static inline bool lapic_is_enabled(const struct vcpu *vcpu)
{
	return lapic_is_on(vcpu) &&
	       (lapic_reg(vcpu->lapic, APIC_SPIV) & APIC_SPIV_APIC_ENABLED);
}

#endif
