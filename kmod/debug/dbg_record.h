/* SPDX-License-Identifier: GPL-2.0-only */
/* A hit is put into the session's ring (struct vmxdbg_record). */
#ifndef VMXDBG_DEBUG_DBG_RECORD_H
#define VMXDBG_DEBUG_DBG_RECORD_H

#include <linux/types.h>

struct dbg_object;
struct vcpu;

/* A hit goes into the ring, if there is one. Return: as above. */
int dbg_record_hit(struct vcpu *vcpu, struct dbg_object *obj);

#endif
