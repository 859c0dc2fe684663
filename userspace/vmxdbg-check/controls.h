/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX features that the module needs or uses, read from the capability MSRs. */
#ifndef VMXDBG_CHECK_CONTROLS_H
#define VMXDBG_CHECK_CONTROLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum control_word { PIN, PROC, PROC2, EXIT, ENTRY, CONTROL_WORDS };

/* Bits of the module's plan (kmod/lib/controls.c has the same table). */
enum control_wish {
	ON,		/* must be settable */
	OFF,		/* must be clearable */
	TOGGLED,	/* must be both */
};

struct control {
	enum control_word word;
	enum control_wish wish;
	uint32_t bit;
	const char *name;
};

/* Capability MSRs of one CPU; a missing one is 0. */
struct vmx_caps {
	uint64_t basic;
	uint64_t words[CONTROL_WORDS];
	uint64_t ept_vpid;
};

void controls_read(struct vmx_caps *caps, int msrs);

/* Return: the control at @index that the CPU lacks, searched from there, or NULL */
const struct control *controls_lacking(const struct vmx_caps *caps, size_t *index);

/* Return: the missing property of the VMCS or of EPT, or NULL */
const char *controls_lacking_basic(const struct vmx_caps *caps);

bool controls_has_ept(const struct vmx_caps *caps);
bool controls_has_unrestricted(const struct vmx_caps *caps);
bool controls_has_mtf(const struct vmx_caps *caps);
bool controls_has_exec_only(const struct vmx_caps *caps);
bool controls_has_vpid(const struct vmx_caps *caps);

#endif
