/* SPDX-License-Identifier: MIT */
/* Vector registers in the format of XSAVE (SDM vol. 1, 13.4). */
#ifndef VMXGDB_XSTATE_H
#define VMXGDB_XSTATE_H

#include <stdbool.h>
#include <stddef.h>

struct vcpu_regs;

/* State components of XSAVE: numbers of bits in XCR0 */
#define XSTATE_AVX	2
#define XSTATE_OPMASK	5
#define XSTATE_ZMM_HI	6	/* upper halves of ZMM0 to ZMM15 */
#define XSTATE_ZMM16	7	/* ZMM16 to ZMM31 */
#define XSTATE_PKRU	9

/*
 * Return: where the component is in the standard format of XSAVE, which is the
 * processor's choice.
 */
unsigned int xstate_offset(unsigned int component);

/* Return: whether the guest has the component enabled in XCR0. */
bool xstate_enabled(const struct vcpu_regs *regs, unsigned int component);

/*
 * Copy @size bytes at @offset of the component. The components that XSAVE has left out
 * are in their initial state: zero. After xstate_put() the component is there.
 */
void xstate_get(const struct vcpu_regs *regs, unsigned int component, unsigned int offset,
		void *value, size_t size);
void xstate_put(struct vcpu_regs *regs, unsigned int component, unsigned int offset,
		const void *value, size_t size);

#endif /* VMXGDB_XSTATE_H */
