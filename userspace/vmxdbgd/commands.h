/* SPDX-License-Identifier: GPL-2.0-only */
/* The handlers of the packets, each in the file that commands.c names. */
#ifndef VMXDBGD_COMMANDS_H
#define VMXDBGD_COMMANDS_H

#include "stub.h"

int cmd_supported(struct stub *s, char *args, size_t len);
int cmd_no_ack(struct stub *s, char *args, size_t len);
int cmd_attached(struct stub *s, char *args, size_t len);
int cmd_symbol(struct stub *s, char *args, size_t len);
int cmd_read_features(struct stub *s, char *args, size_t len);
int cmd_read_threads(struct stub *s, char *args, size_t len);
int cmd_detach(struct stub *s, char *args, size_t len);
int cmd_kill(struct stub *s, char *args, size_t len);
int cmd_monitor(struct stub *s, char *args, size_t len);

int cmd_select_thread(struct stub *s, char *args, size_t len);
int cmd_thread_alive(struct stub *s, char *args, size_t len);
int cmd_current_thread(struct stub *s, char *args, size_t len);
int cmd_first_threads(struct stub *s, char *args, size_t len);
int cmd_more_threads(struct stub *s, char *args, size_t len);
int cmd_thread_extra(struct stub *s, char *args, size_t len);

int cmd_read_registers(struct stub *s, char *args, size_t len);
int cmd_write_registers(struct stub *s, char *args, size_t len);
int cmd_read_register(struct stub *s, char *args, size_t len);
int cmd_write_register(struct stub *s, char *args, size_t len);

int cmd_read_memory(struct stub *s, char *args, size_t len);
int cmd_read_binary(struct stub *s, char *args, size_t len);
int cmd_write_memory(struct stub *s, char *args, size_t len);
int cmd_write_binary(struct stub *s, char *args, size_t len);
int cmd_search_memory(struct stub *s, char *args, size_t len);
int cmd_crc(struct stub *s, char *args, size_t len);
int cmd_get_physical(struct stub *s, char *args, size_t len);
int cmd_set_physical(struct stub *s, char *args, size_t len);

int cmd_insert_bp(struct stub *s, char *args, size_t len);
int cmd_remove_bp(struct stub *s, char *args, size_t len);

int cmd_why_stopped(struct stub *s, char *args, size_t len);
int cmd_vcont_actions(struct stub *s, char *args, size_t len);
int cmd_vcont(struct stub *s, char *args, size_t len);
int cmd_continue(struct stub *s, char *args, size_t len);
int cmd_continue_signal(struct stub *s, char *args, size_t len);
int cmd_step(struct stub *s, char *args, size_t len);
int cmd_step_signal(struct stub *s, char *args, size_t len);
int cmd_step_bits(struct stub *s, char *args, size_t len);
int cmd_get_step(struct stub *s, char *args, size_t len);
int cmd_set_step(struct stub *s, char *args, size_t len);
int cmd_qemu_supported(struct stub *s, char *args, size_t len);

#endif /* VMXDBGD_COMMANDS_H */
