// SPDX-License-Identifier: MIT
/* The Z and z packets. */
#include <errno.h>

#include "guest/bp_code.h"
#include "guest/bp_insert.h"
#include "guest/bp_table.h"
#include "guest/reply.h"
#include "packet/cmd_breakpoints.h"
#include "wire/parse.h"

/*
 * TYPE,ADDR,KIND. KIND is 1 for breakpoints, the length for watchpoints. Conditions and
 * commands may follow: *@code.
 */
static int parse_key(struct stub *s, const char *p, struct bp_key *key, const char **code)
{
	uint64_t type;

	if (!parse_hex(&p, &type) || !parse_char(&p, ',') ||
	    !parse_span(&p, &key->addr, &key->len))
		return reply_malformed(s);
	*code = p;
	if (*p && (type > BP_HARD || !bp_code_valid(p)))
		return reply_malformed(s);
	if (type > BP_ACCESS)
		return -EOPNOTSUPP;
	key->type = type;
	if (!key->len || key->addr + key->len - 1 < key->addr)
		return reply_error(s, -EINVAL, "bad length");
	if (type <= BP_HARD && key->len != 1)
		return reply_error(s, -EINVAL, "a breakpoint's kind is 1");
	return 0;
}

/*
 * The empty reply says that there is no such type. For a read watchpoint gdb then uses
 * an access watchpoint, and hides the stops at which the value has changed.
 */
static int unsupported(int error)
{
	return error == -EOPNOTSUPP ? 0 : error;
}

/* The protocol wants both packets to be idempotent: each may come twice. */
int cmd_insert_bp(struct stub *s, char *args, size_t len)
{
	struct bp_key key;
	const char *code;
	int result = parse_key(s, args, &key, &code);

	if (result < 0)
		return unsupported(result);
	result = bp_insert(s, &key, code);
	return result < 0 ? unsupported(result) : reply_ok(s);
}

int cmd_remove_bp(struct stub *s, char *args, size_t len)
{
	struct bp_key key;
	const char *code;
	int result = parse_key(s, args, &key, &code);

	if (result < 0)
		return unsupported(result);
	bp_table_remove(s, &key);
	/* No resume of all vCPUs comes that would flush it. */
	if (s->non_stop)
		bp_table_flush(s);
	return reply_ok(s);
}
