/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between kernel versions that assembly code needs, too. */
#ifndef VMXDBG_LIB_COMPAT_ASM_H
#define VMXDBG_LIB_COMPAT_ASM_H

#include <asm/cpufeatures.h>

/* Flag of a kernel that clears the branch history after VM exits; 6.17 renamed it. */
#ifdef X86_FEATURE_CLEAR_BHB_VMEXIT
#define COMPAT_CLEAR_BHB	X86_FEATURE_CLEAR_BHB_VMEXIT
#elif defined(X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT)
#define COMPAT_CLEAR_BHB	X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT
#endif

#endif
