/* SPDX-License-Identifier: MIT */
/* Packets that attach to a VM, and leave it. gdb sees a VM as a process. */
#ifndef VMXGDB_CMD_VM_H
#define VMXGDB_CMD_VM_H

#include <stddef.h>

struct stub;

/* Handlers of packets, see struct command. */
int cmd_extended(struct stub *s, char *args, size_t len);
int cmd_attached(struct stub *s, char *args, size_t len);
int cmd_attach(struct stub *s, char *args, size_t len);
int cmd_detach(struct stub *s, char *args, size_t len);
int cmd_kill(struct stub *s, char *args, size_t len);
int cmd_kill_vm(struct stub *s, char *args, size_t len);
int cmd_run(struct stub *s, char *args, size_t len);
int cmd_restart(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_VM_H */
