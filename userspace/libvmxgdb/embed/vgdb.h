/* SPDX-License-Identifier: MIT */
/* The handle of the library. */
#ifndef VMXGDB_VGDB_H
#define VMXGDB_VGDB_H

#include <pthread.h>

#include "embed/machine.h"
#include "embed/socket.h"
#include "monitor/monitor_command.h"
#include "packet/document.h"
#include "session/session_target.h"
#include "stub.h"
#include "vmxgdb.h"

/* Functions of the public header: nothing else is visible outside the library. */
#define PUBLIC	__attribute__((visibility("default")))

/* A user's command or object, beside the stub's row for it */
struct vgdb_command {
	vgdb_command_fn function;
	void *context;
};

struct vgdb_object {
	vgdb_object_fn function;
	void *context;
};

struct vgdb_own_register {
	int (*get)(void *context, uint32_t vcpu, void *value);
	int (*set)(void *context, uint32_t vcpu, const void *value);
	void *context;
};

/**
 * struct vgdb - a guest, and the conversation with its debugger
 * @stub: conversation; must be first
 * @lock: of all that follows
 * @changed: a vCPU's state has changed
 * @machine: guest that is run by this process, unless there is a session
 * @session: guest by a session of /dev/vmxdbg
 * @session_ops: its operations
 * @has_session: the guest is @session
 * @connected: there is a debugger
 * @socket: where debuggers come from, and the connection with one
 * @threaded: the stub is served by another thread than those of the vCPUs
 * @has_thread: that is @thread
 * @thread: thread of vgdb_start_thread()
 * @quit: @thread must end
 * @wake_fd: eventfd that wakes it
 * @commands: rows of the user's commands, ended by one without a name
 * @command_functions: their functions
 * @nr_commands: their number
 * @objects: rows of the user's objects
 * @object_functions: their functions
 * @nr_objects: their number
 * @registers: the user's registers
 * @register_functions: their functions
 * @nr_registers: their number
 * @own_feature: they, as the stub has them
 * @document: text that vgdb_document() adds to
 */
struct vgdb {
	struct stub stub;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct machine machine;
	struct session_target session;
	struct target_ops session_ops;
	bool has_session;
	bool connected;
	struct socket socket;
	bool threaded;
	bool has_thread;
	pthread_t thread;
	bool quit;
	int wake_fd;

	struct monitor_command *commands;
	struct vgdb_command *command_functions;
	size_t nr_commands;
	struct document *objects;
	struct vgdb_object *object_functions;
	size_t nr_objects;
	struct reg *registers;
	struct vgdb_own_register *register_functions;
	size_t nr_registers;
	struct feature own_feature;
	struct buf *document;
};

/* A debugger comes, and goes: then the guest runs. With the lock held, as all below. */
void vgdb_begin(struct vgdb *g);
void vgdb_release(struct vgdb *g);

/* Wait up to @timeout_ms for something to do, and do it. Return: 0 or a negative errno. */
int vgdb_serve_once(struct vgdb *g, int timeout_ms);

/* Handle events of the guest. */
void vgdb_events(struct vgdb *g);

/* End the library's thread. Without the lock. */
void vgdb_end_thread(struct vgdb *g);

/* Free the user's commands and objects. */
void vgdb_free_hooks(struct vgdb *g);

/* Free the user's registers. */
void vgdb_free_registers(struct vgdb *g);

#endif /* VMXGDB_VGDB_H */
