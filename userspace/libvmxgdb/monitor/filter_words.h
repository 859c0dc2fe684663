/* SPDX-License-Identifier: MIT */
/* The words behind a catch, breakpoint or watchpoint that say which hits count. */
#ifndef VMXGDB_FILTER_WORDS_H
#define VMXGDB_FILTER_WORDS_H

#include "guest/condition_text.h"
#include "guest/stub_types.h"

/* For "monitor help". */
#define FILTER_HELP							\
	"FILTERS are any of:\n"						\
	"  vcpu N     only vCPU N (may be given several times)\n"	\
	"  space      only in the address space of the current thread\n" \
	"  cpl N      only at privilege level N (may be given several times)\n" \
	"  ignore N   the first N hits only count\n"			\
	"  count      never stop, only count\n"				\
	"  record     never stop, print a line with registers for each hit\n" \
	"  if TEXT    only if the text, which is like C, is not 0, as in\n" \
	"             if $rax == 5 && *(u32 *)($rsp + 8) != 0\n"

/**
 * struct filters - the words' meaning for an object of the target
 * @vcpus: those whose hits count; none: all
 * @in_space: only in @space
 * @space: address space
 * @options: for the target, without the condition
 * @condition: what follows "if"
 */
struct filters {
	struct vcpu_set vcpus;
	bool in_space;
	struct address_space space;
	struct vmxdbg_options options;
	struct condition condition;
};

/**
 * filters_parse() - parse the words
 * @s: stub
 * @argc: number of words
 * @argv: words; those of a condition become one text
 * @first: first word that may be a filter
 * @filters: result
 *
 * Return: 0 or a negative errno with its text in s->error.
 */
int filters_parse(struct stub *s, int argc, char **argv, int first, struct filters *filters);

/**
 * filters_finish() - put the filters into the fields of an object
 * @f: filters, to whose options @options points then
 * @flags: flags of the object, to which VMXDBG_BP_CR3 may be added
 * @vcpu_mask: field of the object; 0 if @options has a set of vCPUs
 * @cr3: field of the object
 * @options: field of the object
 *
 * Return: 0 or a negative errno.
 */
int filters_finish(struct filters *f, __u32 *flags, __u64 *vcpu_mask, __u64 *cr3,
		   __u64 *options);

#endif /* VMXGDB_FILTER_WORDS_H */
