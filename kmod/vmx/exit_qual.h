/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of exit qualifications (SDM vol. 3, 28.2.1) without a name in <asm/vmx.h>. The
 * pending debug exceptions (25.4.2) have the layout of a #DB qualification.
 */
#ifndef VMXDBG_VMX_EXIT_QUAL_H
#define VMXDBG_VMX_EXIT_QUAL_H

#include <linux/bits.h>
#include <asm/vmx.h>

/* #DB, table 28-1: breakpoints that matched; one of them is enabled */
#define DB_QUAL_B		0xfULL
#define DB_QUAL_ENABLED		BIT_ULL(12)

/* MOV CR, CLTS, LMSW: table 28-3 */
#define CR_QUAL_NR(q)		((q) & 0xf)
#define CR_QUAL_ACCESS(q)	((q) >> 4 & 3)	/* enum cr_access */
#define CR_QUAL_GPR(q)		((q) >> 8 & 0xf)
#define CR_QUAL_LMSW(q)		((q) >> 16 & 0xffff)

enum cr_access { CR_WRITE, CR_READ, CR_CLTS, CR_LMSW };

/* MOV DR: table 28-4 */
#define DR_QUAL_NR(q)		((q) & 7)
#define DR_QUAL_READ		BIT_ULL(4)
#define DR_QUAL_GPR(q)		((q) >> 8 & 0xf)

/* IN, OUT, INS, OUTS: table 28-5 */
#define IO_QUAL_SIZE(q)		(((q) & 7) + 1)
#define IO_QUAL_IN		BIT_ULL(3)
#define IO_QUAL_STRING		BIT_ULL(4)
#define IO_QUAL_REP		BIT_ULL(5)
#define IO_QUAL_PORT(q)		((q) >> 16 & 0xffff)

/* EPT violation, table 28-7: the access was to the translation of a linear address */
#define EPT_QUAL_LINEAR		(EPT_VIOLATION_GVA_IS_VALID | EPT_VIOLATION_GVA_TRANSLATED)
#define EPT_QUAL_IRET_NMI	BIT_ULL(12)	/* NMI blocking was ended by IRET */

#endif
