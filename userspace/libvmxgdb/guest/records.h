/* SPDX-License-Identifier: MIT */
/* Records of hits, which the target makes while the guest runs on. */
#ifndef VMXGDB_RECORDS_H
#define VMXGDB_RECORDS_H

#include "guest/stub_types.h"

/*
 * Handle the records that there are. Text is printed for some of them, so the debugger
 * must wait for a stop reply, or the protocol be non-stop, where it is kept.
 * @all: also if much waits to be sent
 */
void records_drain(struct stub *s, bool all);

/* Return: whether records that come should be handled. */
bool records_wanted(const struct stub *s);

/* The session with its records has ended. */
void records_forget(struct stub *s);

#endif /* VMXGDB_RECORDS_H */
