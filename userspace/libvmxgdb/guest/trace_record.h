/* SPDX-License-Identifier: MIT */
/* Making frames of records that the target has made at tracepoints. */
#ifndef VMXGDB_TRACE_RECORD_H
#define VMXGDB_TRACE_RECORD_H

#include "guest/stub_types.h"

/* Make a frame of a record, if it is one of a tracepoint. */
void trace_record(struct stub *s, const struct vmxdbg_record *record);

#endif /* VMXGDB_TRACE_RECORD_H */
