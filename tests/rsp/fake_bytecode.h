/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's own interpreter of agent expressions. Its file has the kernel's types,
 * so only plain types are here.
 */
#ifndef FAKE_BYTECODE_H
#define FAKE_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>

/* Access to the vCPU: see struct bytecode_ops of kmod/lib/bytecode.h. */
struct fake_sight {
	int (*reg)(void *context, unsigned int number, unsigned long long *value);
	int (*mem)(void *context, unsigned long long addr, void *data, unsigned int len,
		   bool physical);
	int (*var)(void *context, unsigned int number, unsigned long long *value);
	int (*trace)(void *context, unsigned long long addr, unsigned long long len,
		     bool string, bool variable);
	void *context;
};

/* Return: the program, or NULL if the module refuses it. */
void *fake_compile(const void *code, size_t len, bool trace);

void fake_program_free(void *program);

/* Return: 0 with the result, or a negative errno. */
int fake_run(void *program, const struct fake_sight *sight, unsigned long long *result);

#endif /* FAKE_BYTECODE_H */
