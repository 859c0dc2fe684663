/* SPDX-License-Identifier: GPL-2.0-only */
/* The eventfd by which other threads wake the event loop. */
#ifndef VMXRUN_WAKE_H
#define VMXRUN_WAKE_H

#include "machine_types.h"

bool wake_init(struct machine *m);
void wake_event_loop(struct machine *m);
void wake_drain(struct machine *m);

#endif
