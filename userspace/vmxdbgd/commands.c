// SPDX-License-Identifier: GPL-2.0-only
/* The table of packets. */
#include <string.h>

#include "cmd_breakpoints.h"
#include "cmd_documents.h"
#include "cmd_memory.h"
#include "cmd_registers.h"
#include "cmd_resume.h"
#include "cmd_session.h"
#include "cmd_threads.h"
#include "commands.h"

/* The first match counts, so longer names stand before their prefixes. */
static const struct command commands[] = {
	/* cmd_session.c */
	{ "qSupported", .exact = true, .running = true, .handler = cmd_supported },
	{ "qSupported:", .running = true, .handler = cmd_supported },
	{ "QStartNoAckMode", .exact = true, .handler = cmd_no_ack },
	{ "qAttached", .handler = cmd_attached },
	{ "qSymbol:", .handler = cmd_symbol },
	{ "D", .running = true, .handler = cmd_detach },
	{ "k", .exact = true, .running = true, .handler = cmd_kill },
	{ "vKill;", .running = true, .handler = cmd_detach },
	{ "qRcmd,", .handler = cmd_monitor },

	/* cmd_documents.c */
	{ "qXfer:features:read:", .handler = cmd_read_features },
	{ "qXfer:threads:read:", .handler = cmd_read_threads },

	/* cmd_threads.c */
	{ "H", .handler = cmd_select_thread },
	{ "T", .handler = cmd_thread_alive },
	{ "qC", .exact = true, .handler = cmd_current_thread },
	{ "qfThreadInfo", .exact = true, .handler = cmd_first_threads },
	{ "qsThreadInfo", .exact = true, .handler = cmd_more_threads },
	{ "qThreadExtraInfo,", .handler = cmd_thread_extra },

	/* cmd_registers.c */
	{ "g", .exact = true, .handler = cmd_read_registers },
	{ "G", .text_error = true, .handler = cmd_write_registers },
	{ "p", .handler = cmd_read_register },
	{ "P", .text_error = true, .handler = cmd_write_register },

	/* cmd_memory.c */
	{ "m", .handler = cmd_read_memory },
	{ "x", .text_error = true, .handler = cmd_read_binary },
	{ "M", .text_error = true, .handler = cmd_write_memory },
	{ "X", .text_error = true, .handler = cmd_write_binary },
	{ "qSearch:memory:", .handler = cmd_search_memory },
	{ "qCRC:", .handler = cmd_crc },
	{ "qqemu.PhyMemMode", .exact = true, .handler = cmd_get_physical },
	{ "Qqemu.PhyMemMode:", .handler = cmd_set_physical },

	/* cmd_breakpoints.c */
	{ "Z", .text_error = true, .handler = cmd_insert_bp },
	{ "z", .text_error = true, .handler = cmd_remove_bp },

	/* cmd_resume.c */
	{ "?", .exact = true, .handler = cmd_why_stopped },
	{ "vCont?", .exact = true, .handler = cmd_vcont_actions },
	{ "vCont;", .running = true, .handler = cmd_vcont },
	{ "c", .handler = cmd_continue },
	{ "C", .handler = cmd_continue_signal },
	{ "s", .handler = cmd_step },
	{ "S", .handler = cmd_step_signal },
	{ "qqemu.sstepbits", .exact = true, .handler = cmd_step_bits },
	{ "qqemu.sstep", .exact = true, .handler = cmd_get_step },
	{ "Qqemu.sstep=", .handler = cmd_set_step },
	{ "qqemu.Supported", .exact = true, .handler = cmd_qemu_supported },
};

const struct command *command_find(const char *packet, size_t *name_len)
{
	const struct command *c;

	for (c = commands; c < commands + sizeof(commands) / sizeof(*c); c++) {
		*name_len = strlen(c->name);
		if (strncmp(packet, c->name, *name_len))
			continue;
		if (!c->exact || !packet[*name_len])
			return c;
	}
	return NULL;
}
