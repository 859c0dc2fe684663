// SPDX-License-Identifier: MIT
/* Extensions of the stub: a monitor command, a qXfer object. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "extensions.h"

/* monitor greet NAME */
static int greet(void *context, struct vgdb *g, int argc, char **argv)
{
	char text[80];

	if (argc != 2)
		return -EINVAL;
	if (!strcmp(argv[1], "nobody"))
		return -ENOENT;
	snprintf(text, sizeof(text), "%s %s\n", (const char *)context, argv[1]);
	vgdb_print(g, text);
	return 0;
}

/* Lines of text that gdb reads in pieces: "maint packet qXfer:notes:read::0,fff" */
static int notes(void *context, struct vgdb *g, const char *annex)
{
	if (strcmp(annex, "") && strcmp(annex, "long"))
		return -ENOENT;
	vgdb_document(g, "a note\n", 7);
	if (*annex)
		vgdb_document(g, "and more\n", 9);
	return 0;
}

/* Registers of the VMM's: one of each vCPU, one that is there for vCPU 0 alone */
static uint32_t doorbells[VGDB_VCPUS_MAX];

static int get_doorbell(void *context, uint32_t vcpu, void *value)
{
	memcpy(value, &doorbells[vcpu], sizeof(*doorbells));
	return 0;
}

static int set_doorbell(void *context, uint32_t vcpu, const void *value)
{
	uint32_t number;

	memcpy(&number, value, sizeof(number));
	if (number == 13)
		return -EPERM;
	doorbells[vcpu] = number;
	return 0;
}

static int get_serial(void *context, uint32_t vcpu, void *value)
{
	if (vcpu)
		return -ENXIO;
	memcpy(value, context, 8);
	return 0;
}

static int add_registers(struct vgdb *g)
{
	static const struct vgdb_register doorbell = {
		.size = sizeof(doorbell), .bits = 32, .name = "doorbell", .get = get_doorbell,
		.set = set_doorbell,
	};
	static const struct vgdb_register serial = {
		.size = sizeof(serial), .bits = 64, .name = "serial_1", .type = "int64",
		.get = get_serial,
	};
	int result = vgdb_add_register(g, &doorbell, NULL);

	return result ? result : vgdb_add_register(g, &serial, "\xfe\xff\xff\xff\xff\xff\xff\xff");
}

void extensions_add(struct vgdb *g)
{
	int result = vgdb_add_command(g, "greet", "NAME", "greet somebody", greet, "hello");

	if (result == 0)
		result = vgdb_add_object(g, "notes", notes, NULL);
	if (result == 0)
		result = add_registers(g);
	if (result < 0)
		errx(1, "extensions: %s", strerror(-result));
}
