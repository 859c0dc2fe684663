// SPDX-License-Identifier: MIT
/* The reasons for which the module refuses a register's value, in words. */
#include <stdio.h>

#include "vmxdbg-client.h"

static const char *const rules[] = {
	[VMXDBG_REFUSED_VALUE] = "reserved bits, or a value out of its range",
	[VMXDBG_REFUSED_CR0] = "CR0 has reserved bits, NW without CD, or PG without PE",
	[VMXDBG_REFUSED_CR3] = "CR3 has bits beyond the physical-address width",
	[VMXDBG_REFUSED_CR4] = "CR4 has bits that the guest's CPUID does not have",
	[VMXDBG_REFUSED_CR8] = "CR8 is above 15",
	[VMXDBG_REFUSED_EFER] = "EFER has reserved bits, or LMA is not LME and CR0.PG",
	[VMXDBG_REFUSED_PAGING] =
		"EFER.LMA needs CR4.PAE, and CR4.PCIDE needs EFER.LMA",
	[VMXDBG_REFUSED_PDPTR] =
		"CR3 does not point to valid page-directory-pointer-table entries",
	[VMXDBG_REFUSED_APIC_BASE] = "the APIC base has reserved bits",
	[VMXDBG_REFUSED_TABLE] = "the base of GDTR or IDTR is not canonical",
	[VMXDBG_REFUSED_RFLAGS] = "RFLAGS has reserved bits",
	[VMXDBG_REFUSED_VM86] = "RFLAGS.VM is for protected mode without EFER.LMA",
	[VMXDBG_REFUSED_RIP] = "RIP has more bits than the code segment allows",
	[VMXDBG_REFUSED_SHADOW] =
		"there is no shadow of STI while RFLAGS.IF is clear, or beside MOV SS's",
	[VMXDBG_REFUSED_EXCEPTION] =
		"the exception has an error code that it cannot have, or lacks one",
	[VMXDBG_REFUSED_INTERRUPT] = "only one interrupt can wait",
	[VMXDBG_REFUSED_SHUTDOWN] = "a triple fault would end the guest",
	[VMXDBG_REFUSED_MSR] = "there is no such MSR",
	[VMXDBG_REFUSED_SEG_SELECTOR] = "the selector is not one of the GDT",
	[VMXDBG_REFUSED_SEG_BASE] = "the base is not canonical, or above 4 GiB",
	[VMXDBG_REFUSED_SEG_VM86] =
		"virtual-8086 mode needs base 16 * selector, limit 0xffff, attributes 0xf3",
	[VMXDBG_REFUSED_SEG_TYPE] = "the register cannot hold a segment of this type",
	[VMXDBG_REFUSED_SEG_DPL] = "the DPL does not match CPL, which is the DPL of SS",
	[VMXDBG_REFUSED_SEG_ABSENT] = "the segment must be present",
	[VMXDBG_REFUSED_SEG_SIZE] = "L excludes D, and needs EFER.LMA",
	[VMXDBG_REFUSED_SEG_LIMIT] = "the limit does not match G",
	[VMXDBG_REFUSED_SEG_VALUE] = "a field is out of its range",
};

static const char *const segments[] = {
	[VMXDBG_SEG_ES] = "ES", [VMXDBG_SEG_CS] = "CS", [VMXDBG_SEG_SS] = "SS",
	[VMXDBG_SEG_DS] = "DS", [VMXDBG_SEG_FS] = "FS", [VMXDBG_SEG_GS] = "GS",
	[VMXDBG_SEG_LDTR] = "LDTR", [VMXDBG_SEG_TR] = "TR",
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

void vmxdbg_refused_text(uint32_t refused, char *text, size_t size)
{
	uint32_t rule = VMXDBG_REFUSED_RULE(refused);
	uint32_t seg = VMXDBG_REFUSED_SEGMENT(refused);

	if (rule >= COUNT(rules) || !rules[rule] || seg >= COUNT(segments))
		snprintf(text, size, "rule %#x", refused);
	else if (rule >= VMXDBG_REFUSED_SEG_SELECTOR)
		snprintf(text, size, "%s: %s", segments[seg], rules[rule]);
	else
		snprintf(text, size, "%s", rules[rule]);
}
