/* SPDX-License-Identifier: GPL-2.0-only */
/* The main thread: waits for timers, console input and signals. */
#ifndef VMXRUN_EVENT_LOOP_H
#define VMXRUN_EVENT_LOOP_H

#include "machine_types.h"

bool event_loop_init(struct machine *m);
void event_loop_run(struct machine *m);

#endif
