/* SPDX-License-Identifier: GPL-2.0-only */
/* Short names of the general registers for tables of instructions. */
#ifndef VMXDBG_TESTS_GPR_H
#define VMXDBG_TESTS_GPR_H

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

#endif
