/* SPDX-License-Identifier: MIT */
/* The guest's time while all its vCPUs are stopped. */
#ifndef VMXGDB_GUEST_TIME_H
#define VMXGDB_GUEST_TIME_H

#include "guest/stub_types.h"

/*
 * Choose whether the guest's time goes on while all vCPUs are stopped (@runs), or stands
 * still. Return: 0 or a negative errno of the target.
 */
int guest_time_set(struct stub *s, bool runs);

/* A session has begun: choose what the owner of the stub has chosen. */
void guest_time_begin(struct stub *s);

#endif /* VMXGDB_GUEST_TIME_H */
