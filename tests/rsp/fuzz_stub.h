/* SPDX-License-Identifier: GPL-2.0-only */
/* The stub with its fake guest, as the fuzzers drive it. */
#ifndef FUZZ_STUB_H
#define FUZZ_STUB_H

#include <stdbool.h>
#include <stddef.h>

#include "stub.h"

/**
 * struct fuzz_stub - a stub and the debugger that has its guest
 * @stub: stub
 * @guest: file with the guest's code
 * @slice_ns: most CPU time of one call for the stub; 0: any
 * @sent: bytes of output so far
 */
struct fuzz_stub {
	struct stub stub;
	const char *guest;
	long long slice_ns;
	size_t sent;
};

/*
 * Start a new guest and a stub for it. @layout: NULL for that of the guest's mode.
 * FUZZ_SLICE_MS in the environment sets @slice_ns.
 */
void fuzz_open(struct fuzz_stub *f, const char *guest, const struct layout *layout);
void fuzz_close(struct fuzz_stub *f);

/* A debugger comes; that of before goes. After the end of a VM there is a new one. */
void fuzz_connect(struct fuzz_stub *f);

/* The debugger vanishes, and its guest, if it has one, waits for the next one, which comes. */
void fuzz_stay(struct fuzz_stub *f, enum stub_stay how);

/* Bytes of the debugger. Output is taken as it comes. */
void fuzz_input(struct fuzz_stub *f, const void *data, size_t len);

/* The target's events, if the stub wants them now. */
void fuzz_event(struct fuzz_stub *f);

/* Let a packet that takes long go on for up to @slices. */
void fuzz_work(struct fuzz_stub *f, int slices);

/*
 * A good packet must get its reply, whatever came before: the process ends if it gets none.
 * @where: what a message says of the place, @round of it
 */
void fuzz_check_alive(struct fuzz_stub *f, const char *where, int round);

/* End the process, because the stub is wrong. */
void fuzz_die(const char *what, const char *where, int round);

#endif /* FUZZ_STUB_H */
