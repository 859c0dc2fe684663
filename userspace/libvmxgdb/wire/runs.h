/* SPDX-License-Identifier: MIT */
/* Run lengths and checksums of packets, which are long when memory is read. */
#ifndef VMXGDB_RUNS_H
#define VMXGDB_RUNS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copy @len characters of a packet to @to, with runs of equal ones as the protocol writes
 * them: never of an escaped character, since debuggers differ in what such a run repeats.
 * Return: the length at @to, @len at most.
 */
size_t runs_encode(char *to, const char *data, size_t len);

/* Return: the sum of the bytes, of which the protocol sends the lowest eight bits. */
uint8_t runs_sum(const char *data, size_t len);

#endif /* VMXGDB_RUNS_H */
