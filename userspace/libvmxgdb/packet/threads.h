/* SPDX-License-Identifier: MIT */
/* vCPUs in words and XML. */
#ifndef VMXGDB_THREADS_H
#define VMXGDB_THREADS_H

struct buf;
struct stub;

/* Add the state of a vCPU in words ("halted, host thread 123"). */
void thread_describe(struct stub *s, int vcpu, struct buf *out);

/* Add the document of qXfer:threads. */
void threads_xml(struct stub *s, struct buf *out);

#endif /* VMXGDB_THREADS_H */
