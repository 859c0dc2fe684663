/* SPDX-License-Identifier: MIT */
/*
 * Parsers for the parts of packets.
 *
 * Each parser of **text with a bool result moves *@text behind the part that it has
 * recognized. Otherwise it returns false and leaves *@text unchanged.
 */
#ifndef VMXGDB_PARSE_H
#define VMXGDB_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Return: 0 to 15, or -1 if @c is no hex digit. */
int parse_digit(char c);

/* A hex number of at least one digit that fits in 64 bits. */
bool parse_hex(const char **text, uint64_t *value);

/* A user's number that is all of @text: decimal, 0x or 0, without sign. */
bool parse_number(const char *text, uint64_t *value);

/* The one character @c. */
bool parse_char(const char **text, char c);

/* "ADDR,LEN" */
bool parse_span(const char **text, uint64_t *addr, uint64_t *len);

/* Exactly @len bytes, two hex digits each. */
bool parse_bytes(const char **text, void *data, size_t len);

/*
 * A thread id: "-1" (all) gives THREAD_ALL, "0" (any) gives THREAD_ANY, and n
 * gives vCPU n - 1.
 */
#define THREAD_ALL	-1
#define THREAD_ANY	-2
bool parse_thread(const char **text, int *vcpu);

/*
 * Remove the escapes from @len bytes of binary data, in place.
 * Return: the new length, or -1 if the last escape is cut off.
 */
long parse_unescape(char *data, size_t len);

#endif /* VMXGDB_PARSE_H */
