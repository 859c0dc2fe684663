/* SPDX-License-Identifier: MIT */
/* The kinds of events that can be caught, and the names of their values. */
#ifndef VMXGDB_CATCH_TYPES_H
#define VMXGDB_CATCH_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct catch_type - one kind of event: VMXDBG_CATCH_*
 * @name: word of the user
 * @last: largest value
 * @directions: reads and writes can be told apart
 */
struct catch_type {
	const char *name;
	uint64_t last;
	bool directions;
};

/* Return: the kind of event, or NULL if there is none of this number. */
const struct catch_type *catch_type_get(unsigned int type);

/* Return: the number (VMXDBG_CATCH_*) of the kind with this name, or -1. */
int catch_type_find(const char *name);

/*
 * Parse a value of the kind @type, by name or number. A name may have several, @first to
 * @last. Return: false if it is none.
 */
bool catch_value_find(unsigned int type, const char *text, uint64_t *first, uint64_t *last);

/* Return: the source of that name (VMXDBG_FROM_*), 0 if there is none or @type has none. */
uint32_t catch_source_find(unsigned int type, const char *text);

/* Return: the name of a source, or NULL. */
const char *catch_source_name(uint32_t flag);

/* Return: the name of a value of the kind @type, or NULL. */
const char *catch_value_name(unsigned int type, uint64_t value);

#endif /* VMXGDB_CATCH_TYPES_H */
