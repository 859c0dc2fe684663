// SPDX-License-Identifier: MIT
/* Registers of the VMM's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "embed/vgdb.h"
#include "guest/reply.h"

/* Types that gdb has without a description, and their bits */
static const struct {
	const char *name;
	uint32_t bits;
} types[] = {
	{ "uint8", 8 }, { "uint16", 16 }, { "uint32", 32 }, { "uint64", 64 },
	{ "uint128", 128 }, { "int8", 8 }, { "int16", 16 }, { "int32", 32 }, { "int64", 64 },
	{ "int128", 128 }, { "ieee_single", 32 }, { "ieee_double", 64 },
};

/* Return: the type @name of @bits bits; NULL: the first one of that size. NULL if none is. */
static const char *find_type(const char *name, uint32_t bits)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].bits == bits && (!name || !strcmp(types[i].name, name)))
			return types[i].name;
	return NULL;
}

static bool is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t first = strspn(text, letters);

	return first && !text[first + strspn(text + first,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")];
}

static const struct vgdb_own_register *function_of(const struct vgdb *g, const struct reg *reg)
{
	return &g->register_functions[reg - g->registers];
}

static int read_own(struct stub *s, int vcpu, const struct reg *reg, void *value)
{
	const struct vgdb_own_register *own = function_of((struct vgdb *)s, reg);

	memset(value, 0, reg->bits / 8);
	return own->get(own->context, vcpu, value);
}

static int write_own(struct stub *s, int vcpu, const struct reg *reg, const void *value)
{
	const struct vgdb_own_register *own = function_of((struct vgdb *)s, reg);

	return own->set(own->context, vcpu, value);
}

static bool is_known(const struct vgdb *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->nr_registers; i++)
		if (!strcmp(g->registers[i].name, name))
			return true;
	return layouts_have(name);
}

/* Make room for one more. */
static bool grow(struct vgdb *g)
{
	struct reg *regs = realloc(g->registers, (g->nr_registers + 1) * sizeof(*regs));
	struct vgdb_own_register *functions;

	if (!regs)
		return false;
	g->registers = regs;
	g->own_feature.regs = regs;
	functions = realloc(g->register_functions,
			    (g->nr_registers + 1) * sizeof(*functions));
	if (functions)
		g->register_functions = functions;
	return functions;
}

static int add_register(struct vgdb *g, const struct vgdb_register *new, void *context)
{
	const char *type = find_type(new->type, new->bits);
	char *name;

	if (is_known(g, new->name))
		return -EEXIST;
	name = strdup(new->name);
	if (!name || !grow(g)) {
		free(name);
		return -ENOMEM;
	}
	g->registers[g->nr_registers] = (struct reg){
		.name = name, .type = type, .group = "system", .bits = new->bits,
		.transient = true, .read_only = new->set ? NULL : "the VMM says so",
		.read = read_own, .write = write_own,
	};
	g->register_functions[g->nr_registers++] = (struct vgdb_own_register){
		.get = new->get, .set = new->set, .context = context,
	};
	g->own_feature.name = "org.vmxdbg.vmm";
	g->own_feature.single = true;
	g->own_feature.count = g->nr_registers;
	g->stub.own_registers = &g->own_feature;
	return 0;
}

PUBLIC int vgdb_add_register(struct vgdb *g, const struct vgdb_register *reg, void *context)
{
	int result;

	if (!reg || reg->size < sizeof(*reg) || !reg->name || !reg->get || !is_name(reg->name) ||
	    !find_type(reg->type, reg->bits))
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	result = g->connected ? -EBUSY : add_register(g, reg, context);
	pthread_mutex_unlock(&g->lock);
	return result;
}

void vgdb_free_registers(struct vgdb *g)
{
	size_t i;

	for (i = 0; i < g->nr_registers; i++)
		free((char *)g->registers[i].name);
	free(g->registers);
	free(g->register_functions);
}
