/* SPDX-License-Identifier: GPL-2.0-only */
/* Task-state segments and descriptors as they are in memory (SDM vol. 3, ch. 8). */
#ifndef VMXDBG_LIB_TSS_H
#define VMXDBG_LIB_TSS_H

#include <linux/types.h>

#define TSS_SIZE_32	104
#define TSS_SIZE_16	44

/* Where the processor keeps segments: of a TSS, and of the VMCS. */
enum task_seg {
	TASK_ES, TASK_CS, TASK_SS, TASK_DS, TASK_FS, TASK_GS, TASK_LDTR, TASK_TR,
};

/* What a task switch takes out of a TSS, and all but cr3, LDTR, trap puts in. */
struct task_state {
	u32 cr3, eip, eflags;
	u32 gpr[8];		/* as enum gpr has them */
	u16 sel[TASK_LDTR + 1];
	bool trap;		/* a debug trap follows the switch */
};

static inline unsigned int tss_size(bool wide)
{
	return wide ? TSS_SIZE_32 : TSS_SIZE_16;
}

/* A descriptor's fields. Access rights are in the VMCS's format (table 25-2). */
static inline u32 desc_base(u64 desc)
{
	return (desc >> 16 & 0xffffff) | (desc >> 56 << 24);
}

static inline u32 desc_limit(u64 desc)
{
	u32 limit = (desc & 0xffff) | (desc >> 32 & 0xf0000);

	return desc >> 55 & 1 ? limit << 12 | 0xfff : limit;
}

static inline u32 desc_ar(u64 desc)
{
	return desc >> 40 & 0xf0ff;
}

/**
 * tss_load() - the state of a task from its TSS
 * @image: tss_size(@wide) bytes
 * @wide: 32-bit
 * @state: filled in. A 16-bit TSS has no CR3, FS, GS: these are left alone.
 */
void tss_load(const void *image, bool wide, struct task_state *state);

/* The part of a TSS that a switch away from its task writes. */
void tss_saved_part(bool wide, unsigned int *offset, unsigned int *len);

/* Put @state into the saved part of @image, a whole TSS. */
void tss_store(void *image, bool wide, const struct task_state *state);

/**
 * tss_check() - may a task be switched to? (SDM vol. 3, table 8-1)
 * @desc: its TSS descriptor
 * @back: by IRET, so it has to be busy
 * Return: 0, or the exception's vector.
 */
u8 tss_check(u64 desc, bool back);

/**
 * task_seg_check() - may a task have this segment? (SDM vol. 3, table 8-1)
 * @seg: which register is loaded; not TR
 * @selector: not null
 * @desc: its descriptor
 * @cpl: the new task's
 * Return: 0, or the exception's vector.
 */
u8 task_seg_check(enum task_seg seg, u16 selector, u64 desc, u8 cpl);

/* Do @len bytes at offset @start fit into a stack segment? */
bool task_stack_fits(u32 ar, u32 limit, u32 start, u32 len);

#endif
