/* SPDX-License-Identifier: GPL-2.0-only */
/* Stopping and resetting the machine. */
#ifndef VMXRUN_POWER_H
#define VMXRUN_POWER_H

#include "machine_types.h"

void power_stop(struct machine *m, int status);
void power_reset(struct machine *m, int status);
bool power_is_stopping(const struct machine *m);
void power_check_dead(struct machine *m);

#endif
