/* SPDX-License-Identifier: GPL-2.0-only */
/* Times are in nanoseconds of the VM's time (vm_clock.h). */
#ifndef VMXRUN_NSEC_H
#define VMXRUN_NSEC_H

#define NSEC_PER_SEC	1000000000ULL

#endif
