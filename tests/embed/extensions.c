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

void extensions_add(struct vgdb *g)
{
	int result = vgdb_add_command(g, "greet", "NAME", "greet somebody", greet, "hello");

	if (result == 0)
		result = vgdb_add_object(g, "notes", notes, NULL);
	if (result < 0)
		errx(1, "extensions: %s", strerror(-result));
}
