/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the pieces that packets are made of.
 *
 * Each function takes what it recognizes off the front of *@text, and leaves
 * it alone and returns false when that is not what stands there.
 */
#ifndef VMXDBGD_PARSE_H
#define VMXDBGD_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 to 15, or -1 when @c is no hex digit. */
int parse_digit(char c);

/* A hex number of at least one digit that fits in 64 bits. */
bool parse_hex(const char **text, uint64_t *value);

/* The one character @c. */
bool parse_char(const char **text, char c);

/* "ADDR,LEN" */
bool parse_span(const char **text, uint64_t *addr, uint64_t *len);

/* Exactly @len bytes, two hex digits each. */
bool parse_bytes(const char **text, void *data, size_t len);

/*
 * A thread-id: "-1" for all gives @vcpu THREAD_ALL, "0" for any gives
 * THREAD_ANY, and others their vCPU: thread ids start at 1, vCPUs at 0.
 */
#define THREAD_ALL	-1
#define THREAD_ANY	-2
bool parse_thread(const char **text, int *vcpu);

/*
 * Takes the escapes out of the @len bytes of binary data at @data, in place.
 * Returns how many bytes there are then, or -1 when an escape is cut off.
 */
long parse_unescape(char *data, size_t len);

#endif /* VMXDBGD_PARSE_H */
