// SPDX-License-Identifier: MIT
/* The table of packets. */
#include <string.h>

#include "packet/cmd_breakpoints.h"
#include "packet/cmd_documents.h"
#include "packet/cmd_lldb.h"
#include "packet/cmd_memory.h"
#include "packet/cmd_nonstop.h"
#include "packet/cmd_registers.h"
#include "packet/cmd_resume.h"
#include "packet/cmd_search.h"
#include "packet/cmd_session.h"
#include "packet/cmd_signals.h"
#include "packet/cmd_syscalls.h"
#include "packet/cmd_threads.h"
#include "packet/cmd_trace_control.h"
#include "packet/cmd_trace_define.h"
#include "packet/cmd_trace_frames.h"
#include "packet/cmd_vm.h"
#include "packet/commands.h"

#define NONE	""	/* nothing may follow the name */

/* The first match counts, so longer names stand before their prefixes. */
static const struct command commands[] = {
	/* cmd_session.c */
	{ "qSupported", ":", .running = true, .no_vm = true, .handler = cmd_supported },
	{ "QStartNoAckMode", NONE, .running = true, .no_vm = true, .handler = cmd_no_ack },
	{ "qSymbol:", NULL, .no_vm = true, .handler = cmd_symbol },
	{ "qRcmd,", NULL, .no_vm = true, .handler = cmd_monitor },

	/* cmd_vm.c */
	{ "!", NONE, .no_vm = true, .handler = cmd_extended },
	{ "qAttached", ":", .no_vm = true, .handler = cmd_attached },
	{ "vAttach;", NULL, .no_vm = true, .text_error = true, .handler = cmd_attach },
	{ "D", ";", .running = true, .no_vm = true, .handler = cmd_detach },
	{ "k", NONE, .running = true, .no_vm = true, .handler = cmd_kill },
	{ "vKill;", NULL, .running = true, .no_vm = true, .handler = cmd_kill_vm },
	{ "vRun;", NULL, .no_vm = true, .text_error = true, .handler = cmd_run },
	{ "R", NULL, .no_vm = true, .handler = cmd_restart },

	/* cmd_documents.c */
	{ "qXfer:", NULL, .no_vm = true, .handler = cmd_read_document },

	/* cmd_lldb.c */
	{ "QThreadSuffixSupported", NONE, .no_vm = true, .handler = cmd_thread_suffix },
	{ "QListThreadsInStopReply", NONE, .no_vm = true, .handler = cmd_list_threads_in_stops },
	{ "QEnableErrorStrings", NONE, .no_vm = true, .handler = cmd_error_strings },
	{ "qVAttachOrWaitSupported", NONE, .no_vm = true, .handler = cmd_attach_or_wait },
	{ "qEcho:", NULL, .no_vm = true, .handler = cmd_echo },
	{ "qHostInfo", NONE, .no_vm = true, .handler = cmd_host_info },
	{ "qProcessInfo", NONE, .handler = cmd_process_info },
	{ "qWatchpointSupportInfo", ":", .no_vm = true, .handler = cmd_watchpoint_info },
	{ "qMemoryRegionInfo:", NULL, .handler = cmd_region_info },
	{ "qThreadStopInfo", NULL, .handler = cmd_thread_stop_info },
	{ "jThreadsInfo", NONE, .handler = cmd_threads_info },

	/* cmd_threads.c */
	{ "H", NULL, .handler = cmd_select_thread },
	{ "T", NULL, .handler = cmd_thread_alive },
	{ "qC", NONE, .handler = cmd_current_thread },
	{ "qfThreadInfo", NONE, .no_vm = true, .handler = cmd_first_threads },
	{ "qsThreadInfo", NONE, .no_vm = true, .handler = cmd_more_threads },
	{ "qThreadExtraInfo,", NULL, .handler = cmd_thread_extra },

	/* cmd_registers.c */
	{ "g", ";", .thread_suffix = true, .handler = cmd_read_registers },
	{ "G", NULL, .text_error = true, .thread_suffix = true, .live = true,
	  .handler = cmd_write_registers },
	{ "p", NULL, .thread_suffix = true, .handler = cmd_read_register },
	{ "P", NULL, .text_error = true, .thread_suffix = true, .live = true,
	  .handler = cmd_write_register },

	/* cmd_memory.c */
	{ "m", NULL, .handler = cmd_read_memory },
	{ "x", NULL, .text_error = true, .handler = cmd_read_binary },
	{ "M", NULL, .text_error = true, .live = true, .handler = cmd_write_memory },
	{ "X", NULL, .text_error = true, .live = true, .handler = cmd_write_binary },
	{ "qqemu.PhyMemMode", NONE, .handler = cmd_get_physical },
	{ "Qqemu.PhyMemMode:", NULL, .handler = cmd_set_physical },

	/* cmd_search.c */
	{ "qSearch:memory:", NULL, .live = true, .handler = cmd_search_memory },
	{ "qCRC:", NULL, .live = true, .handler = cmd_crc },

	/* cmd_breakpoints.c */
	{ "Z", NULL, .text_error = true, .handler = cmd_insert_bp },
	{ "z", NULL, .text_error = true, .handler = cmd_remove_bp },

	/* cmd_nonstop.c */
	{ "QNonStop:", NULL, .no_vm = true, .handler = cmd_non_stop },
	{ "QThreadEvents:", NULL, .no_vm = true, .handler = cmd_thread_events },
	{ "vStopped", NONE, .no_vm = true, .handler = cmd_stopped },
	{ "vCtrlC", NONE, .running = true, .handler = cmd_interrupt },

	/* cmd_signals.c */
	{ "QPassSignals:", NULL, .no_vm = true, .handler = cmd_pass_signals },

	/* cmd_syscalls.c */
	{ "QCatchSyscalls:", NULL, .text_error = true, .handler = cmd_catch_syscalls },

	/* cmd_trace_define.c */
	{ "QTinit", NONE, .text_error = true, .handler = cmd_trace_init },
	{ "QTDPsrc:", NULL, .text_error = true, .handler = cmd_trace_source },
	{ "QTDP:", NULL, .text_error = true, .handler = cmd_trace_define },
	{ "QTDV:", NULL, .text_error = true, .handler = cmd_trace_variable },
	{ "QTEnable:", NULL, .text_error = true, .handler = cmd_trace_enable },
	{ "QTDisable:", NULL, .text_error = true, .handler = cmd_trace_disable },
	{ "QTro", ":", .handler = cmd_trace_readonly },
	{ "qTfP", NONE, .no_vm = true, .handler = cmd_first_point },
	{ "qTsP", NONE, .no_vm = true, .handler = cmd_next_point },
	{ "qTfV", NONE, .no_vm = true, .handler = cmd_first_variable },
	{ "qTsV", NONE, .no_vm = true, .handler = cmd_next_variable },

	/* cmd_trace_control.c */
	{ "QTStart", NONE, .text_error = true, .handler = cmd_trace_start },
	{ "QTStop", NONE, .text_error = true, .handler = cmd_trace_stop },
	{ "QTBuffer:circular:", NULL, .text_error = true, .handler = cmd_trace_circular },
	{ "QTBuffer:size:", NULL, .text_error = true, .handler = cmd_trace_size },
	{ "QTDisconnected:", NULL, .text_error = true, .handler = cmd_trace_disconnected },
	{ "QTNotes:", NULL, .text_error = true, .handler = cmd_trace_notes },
	{ "QTSave:", NULL, .text_error = true, .handler = cmd_trace_save },
	{ "qTStatus", NONE, .no_vm = true, .handler = cmd_trace_status },
	{ "qTP:", NULL, .handler = cmd_point_status },
	{ "qTV:", NULL, .handler = cmd_variable_value },

	/* cmd_trace_frames.c */
	{ "QTFrame:", NULL, .text_error = true, .handler = cmd_select_frame },
	{ "qTBuffer:", NULL, .text_error = true, .handler = cmd_trace_buffer },

	/* cmd_resume.c */
	{ "?", NONE, .no_vm = true, .handler = cmd_why_stopped },
	{ "vCont?", NONE, .no_vm = true, .handler = cmd_vcont_actions },
	{ "vCont;", NULL, .running = true, .live = true, .handler = cmd_vcont },
	{ "c", NULL, .live = true, .handler = cmd_continue },
	{ "C", NULL, .live = true, .handler = cmd_continue_signal },
	{ "s", NULL, .live = true, .handler = cmd_step },
	{ "S", NULL, .live = true, .handler = cmd_step_signal },
	{ "qqemu.sstepbits", NONE, .no_vm = true, .handler = cmd_step_bits },
	{ "qqemu.sstep", NONE, .handler = cmd_get_step },
	{ "Qqemu.sstep=", NULL, .handler = cmd_set_step },
	{ "qqemu.Supported", NONE, .no_vm = true, .handler = cmd_qemu_supported },
};

static bool may_follow(const struct command *c, char next)
{
	return !next || !c->after || strchr(c->after, next);
}

const struct command *command_find(const char *packet, size_t *name_len)
{
	const struct command *c;

	for (c = commands; c < commands + sizeof(commands) / sizeof(*c); c++) {
		*name_len = strlen(c->name);
		if (!strncmp(packet, c->name, *name_len) &&
		    may_follow(c, packet[*name_len]))
			return c;
	}
	return NULL;
}
