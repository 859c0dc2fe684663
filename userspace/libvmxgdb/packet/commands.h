/* SPDX-License-Identifier: MIT */
/* The table of packets. */
#ifndef VMXGDB_COMMANDS_H
#define VMXGDB_COMMANDS_H

#include <stddef.h>

#include "packet/command.h"

/**
 * command_find() - look up a packet
 * @packet: packet, NUL terminated
 * @name_len: set to the length of the packet's name
 *
 * Return: NULL if the packet is unknown.
 */
const struct command *command_find(const char *packet, size_t *name_len);

#endif /* VMXGDB_COMMANDS_H */
