/* SPDX-License-Identifier: MIT */
/* Packets that resume and stop the guest, and say why it stopped. */
#ifndef VMXGDB_CMD_RESUME_H
#define VMXGDB_CMD_RESUME_H

#include <stddef.h>

struct stub;

/* See struct command. */
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

#endif /* VMXGDB_CMD_RESUME_H */
