// SPDX-License-Identifier: MIT
/* Commands and objects of the VMM's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "embed/vgdb.h"
#include "guest/reply.h"

/* ---- commands ---- */

/* Return: the index of the command that the stub has found by @name or its beginning. */
static size_t find_command(const struct vgdb *g, const char *name)
{
	size_t i, found = 0;

	for (i = 0; i < g->nr_commands; i++) {
		if (!strcmp(g->commands[i].name, name))
			return i;
		if (!strncmp(g->commands[i].name, name, strlen(name)))
			found = i;
	}
	return found;
}

static int call_command(struct stub *s, int argc, char **argv)
{
	struct vgdb *g = (struct vgdb *)s;
	size_t i = find_command(g, argv[0]);

	argv[0] = (char *)g->commands[i].name;
	return g->command_functions[i].function(g->command_functions[i].context, g, argc, argv);
}

/*
 * Return: @old with room for one more entry and an empty one behind it, or NULL without
 * memory.
 */
static void *grow(void *old, size_t count, size_t size)
{
	char *bigger = realloc(old, (count + 2) * size);

	if (bigger)
		memset(bigger + count * size, 0, 2 * size);
	return bigger;
}

static bool grow_commands(struct vgdb *g)
{
	struct monitor_command *rows = grow(g->commands, g->nr_commands, sizeof(*rows));
	struct vgdb_command *functions;

	if (!rows)
		return false;
	g->stub.own_commands = g->commands = rows;
	functions = grow(g->command_functions, g->nr_commands, sizeof(*functions));
	if (functions)
		g->command_functions = functions;
	return functions;
}

static bool grow_objects(struct vgdb *g)
{
	struct document *rows = grow(g->objects, g->nr_objects, sizeof(*rows));
	struct vgdb_object *functions;

	if (!rows)
		return false;
	g->stub.own_documents = g->objects = rows;
	functions = grow(g->object_functions, g->nr_objects, sizeof(*functions));
	if (functions)
		g->object_functions = functions;
	return functions;
}

static void forget_command(struct monitor_command *c)
{
	free((char *)c->name);
	free((char *)c->args);
	free((char *)c->help);
	*c = (struct monitor_command){ 0 };
}

static int add_command(struct vgdb *g, const struct monitor_command *new,
		       const struct vgdb_command *function)
{
	struct monitor_command *c;

	if (!grow_commands(g))
		return -ENOMEM;
	c = &g->commands[g->nr_commands];
	*c = (struct monitor_command){
		.name = strdup(new->name),
		.args = strdup(new->args),
		.help = strdup(new->help),
		.no_vm = true,
		.handler = call_command,
	};
	if (!c->name || !c->args || !c->help) {
		forget_command(c);
		return -ENOMEM;
	}
	g->command_functions[g->nr_commands++] = *function;
	return 0;
}

PUBLIC int vgdb_add_command(struct vgdb *g, const char *name, const char *args,
			    const char *help, vgdb_command_fn command, void *context)
{
	const struct monitor_command new = {
		.name = name, .args = args ? args : "", .help = help ? help : "",
	};
	const struct vgdb_command function = { command, context };
	int result;

	if (!name || !*name || strpbrk(name, " \t\n") || !command)
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	result = g->connected ? -EBUSY : add_command(g, &new, &function);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC void vgdb_print(struct vgdb *g, const char *text)
{
	const size_t max = 500;
	size_t len = strlen(text);

	for (; len > max; text += max, len -= max)
		reply_console(&g->stub, "%.*s", (int)max, text);
	reply_console(&g->stub, "%s", text);
}

/* ---- objects ---- */

static int make_object(struct stub *s, const char *annex, struct buf *out)
{
	struct vgdb *g = (struct vgdb *)s;
	struct vgdb_object *o = &g->object_functions[s->document - g->objects];
	int result;

	g->document = out;
	result = o->function(o->context, g, annex);
	g->document = NULL;
	return result;
}

static int add_object(struct vgdb *g, const char *name, vgdb_object_fn object,
		      void *context)
{
	char *copy = strdup(name);

	if (!copy || !grow_objects(g)) {
		free(copy);
		return -ENOMEM;
	}
	g->objects[g->nr_objects] = (struct document){
		.object = copy, .no_vm = true, .make = make_object,
	};
	g->object_functions[g->nr_objects++] = (struct vgdb_object){ object, context };
	return 0;
}

PUBLIC int vgdb_add_object(struct vgdb *g, const char *name, vgdb_object_fn object,
			   void *context)
{
	int result;

	if (!name || !*name || strpbrk(name, ":;#$") || !object)
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	result = g->connected ? -EBUSY : add_object(g, name, object, context);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC void vgdb_document(struct vgdb *g, const void *data, size_t len)
{
	if (g->document)
		buf_add(g->document, data, len);
}

void vgdb_free_hooks(struct vgdb *g)
{
	size_t i;

	for (i = 0; i < g->nr_commands; i++)
		forget_command(&g->commands[i]);
	for (i = 0; i < g->nr_objects; i++)
		free((char *)g->objects[i].object);
	free(g->commands);
	free(g->command_functions);
	free(g->objects);
	free(g->object_functions);
}
