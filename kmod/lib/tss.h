/* SPDX-License-Identifier: GPL-2.0-only */
/* Task-state segments and descriptors in memory (SDM vol. 3, chapter 8). */
#ifndef VMXDBG_LIB_TSS_H
#define VMXDBG_LIB_TSS_H

#include <linux/bits.h>
#include <linux/types.h>

#define TSS_SIZE_32	104
#define TSS_SIZE_16	44

/* Type of a segment descriptor for code or data (SDM vol. 3, table 3-1). */
#define SEG_TYPE_CODE	BIT(3)
#define SEG_TYPE_DOWN	BIT(2)	/* data: expand-down */
#define SEG_TYPE_RW	BIT(1)	/* data: writable, code: readable */

/* Segment registers in the order of a TSS and of the VMCS. */
enum task_seg {
	TASK_ES, TASK_CS, TASK_SS, TASK_DS, TASK_FS, TASK_GS, TASK_LDTR, TASK_TR,
};

/* The fields that a task switch loads. It saves them except for cr3, LDTR and trap. */
struct task_state {
	u32 cr3, eip, eflags;
	u32 gpr[8];		/* in the order of enum gpr */
	u16 sel[TASK_LDTR + 1];
	bool trap;		/* a debug trap follows the switch */
};

static inline unsigned int tss_size(bool wide)
{
	return wide ? TSS_SIZE_32 : TSS_SIZE_16;
}

/* Fields of a descriptor. Access rights have the format of the VMCS (table 25-2). */
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
 * tss_load() - read the state of a task from its TSS
 * @image: tss_size(@wide) bytes
 * @wide: a 32-bit TSS
 * @state: filled in, except for CR3, FS and GS from a 16-bit TSS, which has none
 */
void tss_load(const void *image, bool wide, struct task_state *state);

/* Set @offset and @len, in bytes, to the part of a TSS that tss_store() changes. */
void tss_saved_part(bool wide, unsigned int *offset, unsigned int *len);

/* Store @state as a switch away from the task does. @image is a whole TSS. */
void tss_store(void *image, bool wide, const struct task_state *state);

/**
 * tss_check() - check the target of a task switch (SDM vol. 3, table 8-1)
 * @desc: the TSS descriptor
 * @back: the switch is by IRET, so the TSS must be busy
 * Return: 0, or the vector of the exception.
 */
u8 tss_check(u64 desc, bool back);

/**
 * task_seg_check() - check a segment of the new task (SDM vol. 3, table 8-1)
 * @seg: the register that is loaded; not TR
 * @selector: not null
 * @desc: its descriptor
 * @cpl: CPL of the new task
 * Return: 0, or the vector of the exception.
 */
u8 task_seg_check(enum task_seg seg, u16 selector, u64 desc, u8 cpl);

/**
 * seg_load_check() - check a segment that an instruction loads
 * @seg: the register; TASK_CS stands for a far JMP or CALL to the segment
 * @selector: not null
 * @desc: its descriptor
 * @lma: IA-32e mode is active
 * See the SDM, vol. 2, on MOV, LLDT, LTR and JMP. A far JMP or CALL to a gate or to a TSS
 * is refused.
 * Return: 0, or the vector of the exception.
 */
u8 seg_load_check(enum task_seg seg, u16 selector, u64 desc, u8 cpl, bool lma);

/* Return: whether @len bytes at offset @start are within a stack segment. */
bool task_stack_fits(u32 ar, u32 limit, u32 start, u32 len);

#endif
