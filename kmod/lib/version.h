/* SPDX-License-Identifier: GPL-2.0-only */
/* Version of the module, the programs and the packages, which read it from this file. */
#ifndef VMXDBG_LIB_VERSION_H
#define VMXDBG_LIB_VERSION_H

#define VMXDBG_VERSION	"1.0"

#endif
