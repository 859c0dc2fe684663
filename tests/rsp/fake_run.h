/* SPDX-License-Identifier: GPL-2.0-only */
/* How the fake target's vCPUs execute and hit breakpoints. */
#ifndef TESTS_RSP_FAKE_RUN_H
#define TESTS_RSP_FAKE_RUN_H

/* Run until an event, or for a limited number of instructions. */
void fake_run_vcpus(void);

#endif
