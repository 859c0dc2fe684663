// SPDX-License-Identifier: MIT
/* Functions that the handlers of monitor commands share. */
#include <errno.h>
#include <string.h>

#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "monitor/monitor_command.h"
#include "wire/parse.h"

int monitor_usage(struct stub *s)
{
	s->error[0] = '\0';
	return -EINVAL;
}

bool monitor_number(const char *text, uint64_t *value)
{
	return parse_number(text, value);
}

/* The words are parts of the line, whose blanks behind them monitor_run() has overwritten. */
const char *monitor_rest(int argc, char **argv, int first)
{
	char *end;
	int i;

	for (i = first; i < argc - 1; i++) {
		end = argv[i] + strlen(argv[i]);
		if (end < argv[i + 1])
			*end = ' ';
	}
	return argv[first];
}

static const struct reg *find_register(const struct stub *s, const char *name)
{
	const struct reg *reg;
	unsigned int i;

	for (i = 0; (reg = reg_cache_reg(s, i)); i++)
		if (reg->bits <= 64 && (!strcmp(reg->name, name) ||
					(reg->get == reg_linear_rip && !strcmp(name, "pc"))))
			return reg;
	return NULL;
}

int monitor_address(struct stub *s, const char *text, uint64_t *value)
{
	uint8_t bytes[REG_BYTES_MAX] = { 0 };
	const struct reg *reg;
	int result;

	if (monitor_number(text, value))
		return 0;
	reg = find_register(s, text + (*text == '$'));
	if (!reg)
		return reply_error(s, -EINVAL, "\"%.40s\" is no number and no register", text);
	result = reg_cache_read(s, s->general, reg, bytes);
	if (result < 0)
		return result;
	memcpy(value, bytes, sizeof(*value));
	return 0;
}

int monitor_flag(struct stub *s, int argc, char **argv, bool *flag)
{
	if (argc > 1) {
		if (strcmp(argv[1], "on") && strcmp(argv[1], "off"))
			return monitor_usage(s);
		*flag = !strcmp(argv[1], "on");
	}
	reply_console(s, "%s is %s\n", argv[0], *flag ? "on" : "off");
	return 0;
}

int monitor_end(struct stub *s, const char *name, int result)
{
	/* gdb would show an error reply to this packet as a protocol error. */
	if (result < 0)
		reply_console(s, "%s: %s\n", name, reply_reason(s, result));
	return reply_ok(s);
}
