/* SPDX-License-Identifier: MIT */
/* gdb's numbers of signals. */
#ifndef VMXGDB_SIGNALS_H
#define VMXGDB_SIGNALS_H

#define SIGNAL_0	0
#define SIGNAL_INT	2
#define SIGNAL_ILL	4
#define SIGNAL_TRAP	5
#define SIGNAL_ABRT	6
#define SIGNAL_FPE	8
#define SIGNAL_BUS	10
#define SIGNAL_SEGV	11

#endif /* VMXGDB_SIGNALS_H */
