/* SPDX-License-Identifier: MIT */
/*
 * libvmxgdb: a gdb stub for any virtual machine monitor.
 *
 * gdb connects to a VMM that is linked with this library, and debugs the guest by
 * "target remote". The VMM says how its guest is reached (a backend) and lets the
 * library work now and then (pull, push, or a thread). libvmxgdb(3) tells it in order.
 *
 * All names begin with vgdb_ or VGDB_. Only integers, pointers and callbacks pass this
 * interface. Functions that return int fail with a negative errno. Structures begin with
 * their size, which the caller sets, so that a later version can append members.
 *
 * Callbacks are called with the library's lock held: of this interface they may call
 * only vgdb_print(), vgdb_document() and vgdb_version().
 */
#ifndef VMXGDB_H
#define VMXGDB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Major version << 16 | minor version. A program needs the same major version, and at
 * least the minor version that it was compiled with.
 */
#define VGDB_VERSION	0x00010000U

/* Return: the version of the library itself. */
uint32_t vgdb_version(void);

/* A guest, and the conversation with its debugger. */
struct vgdb;

#define VGDB_VCPUS_MAX	64U

/* ---- why a vCPU has left the guest: bits ---- */

#define VGDB_NOTHING	0U		/* no stop: look whether the debugger wants one */
#define VGDB_STEPPED	(1U << 0)	/* the one instruction of VGDB_STEP is done */
#define VGDB_BREAKPOINT	(1U << 1)	/* in front of an instruction, or its int3 */
#define VGDB_WATCHPOINT	(1U << 2)	/* behind an access; see vgdb_detail_addr() */
#define VGDB_SHUTDOWN	(1U << 3)	/* triple fault */
#define VGDB_ERROR	(1U << 4)	/* the VMM cannot go on with the guest */
#define VGDB_OWN	(1U << 5)	/* the VMM's reason; see vgdb_detail_text() */

/* ---- what to do with a vCPU ---- */

#define VGDB_WAIT	0	/* do not run this vCPU, another one may run */
#define VGDB_RUN	1
#define VGDB_STEP	2	/* run one instruction, even if a breakpoint is on it */

/* ---- backend: the VMM's own operations ---- */

/* Order of vgdb_regs.gpr */
#define VGDB_RAX	0
#define VGDB_RBX	1
#define VGDB_RCX	2
#define VGDB_RDX	3
#define VGDB_RSI	4
#define VGDB_RDI	5
#define VGDB_RBP	6
#define VGDB_RSP	7
#define VGDB_R8		8	/* and so on, up to 15 for R15 */

/* Order of vgdb_regs.segment */
#define VGDB_CS		0
#define VGDB_SS		1
#define VGDB_DS		2
#define VGDB_ES		3
#define VGDB_FS		4
#define VGDB_GS		5
#define VGDB_TR		6
#define VGDB_LDTR	7

/* struct vgdb_segment.attributes, as in a descriptor */
#define VGDB_SEGMENT_TYPE	0x000fU
#define VGDB_SEGMENT_S		0x0010U
#define VGDB_SEGMENT_DPL	0x0060U
#define VGDB_SEGMENT_P		0x0080U
#define VGDB_SEGMENT_AVL	0x1000U
#define VGDB_SEGMENT_L		0x2000U
#define VGDB_SEGMENT_DB		0x4000U
#define VGDB_SEGMENT_G		0x8000U

struct vgdb_segment {
	uint64_t base;
	uint32_t limit;		/* in bytes */
	uint16_t selector;
	uint16_t attributes;	/* VGDB_SEGMENT_* */
};

/**
 * struct vgdb_regs - registers of a vCPU
 * @size: sizeof(struct vgdb_regs)
 * @system: 0: the VMM has only @gpr, @rip and @rflags. Then the guest is in 64-bit mode,
 *	and linear addresses are physical ones. 1: all members are valid
 *
 * All members are 0 when the library asks for them.
 */
struct vgdb_regs {
	uint32_t size;
	uint32_t system;
	uint64_t gpr[16];
	uint64_t rip;
	uint64_t rflags;
	struct vgdb_segment segment[8];
	uint64_t gdt_base;
	uint64_t idt_base;
	uint32_t gdt_limit;
	uint32_t idt_limit;
	uint64_t cr0;
	uint64_t cr2;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t cr8;
	uint64_t efer;
	uint64_t apic_base;
	uint64_t dr[4];
	uint64_t dr6;
	uint64_t dr7;
};

/* Types of breakpoints */
#define VGDB_BP_SOFT	0U	/* execution */
#define VGDB_BP_HARD	1U	/* execution, without a change of guest memory */
#define VGDB_BP_WRITE	2U	/* data write */
#define VGDB_BP_ACCESS	3U	/* data read or write */
#define VGDB_BP_READ	4U	/* data read */

/* Size of the FXSAVE image of get_fpu and set_fpu */
#define VGDB_FPU_SIZE	512U

/**
 * struct vgdb_ops - the guest, as its VMM gives it
 * @size: sizeof(struct vgdb_ops)
 * @get_regs: read registers
 * @set_regs: write registers
 * @read_memory: read physical memory. Returns how many bytes of @len were read, which is
 *	less where memory ends, or a negative errno
 * @write_memory: write physical memory, likewise. Memory that cannot be written has ended
 * @run: a vCPU is about to run, by VGDB_RUN or VGDB_STEP; called when this changes. NULL if
 *	the VMM needs no more than the same value from vgdb_serve_until_resumed()
 *
 * The rest may be NULL:
 * @kick: make a vCPU, which another thread runs, leave the guest soon. Needed if vCPUs run
 *	in threads of their own
 * @translate: linear address to physical one, -ENXIO if it is not mapped. NULL: the library
 *	walks the guest's page tables
 * @get_fpu: read the FXSAVE image, VGDB_FPU_SIZE bytes
 * @set_fpu: write it
 * @add_breakpoint: the VMM's own breakpoint, at a linear address. It reports
 *	VGDB_BREAKPOINT or VGDB_WATCHPOINT. -EOPNOTSUPP: not this type. Without it the
 *	library writes int3 into guest memory for breakpoints, and there are no watchpoints
 * @del_breakpoint: delete it
 * @kill: gdb's "kill". NULL: it means detach
 * @reset: gdb's "run", and "monitor reset": start the guest from its beginning, stopped
 *
 * All return 0 or a negative errno where nothing else is said.
 */
struct vgdb_ops {
	size_t size;
	int (*get_regs)(void *context, uint32_t vcpu, struct vgdb_regs *regs);
	int (*set_regs)(void *context, uint32_t vcpu, const struct vgdb_regs *regs);
	int64_t (*read_memory)(void *context, uint64_t gpa, void *data, uint64_t len);
	int64_t (*write_memory)(void *context, uint64_t gpa, const void *data, uint64_t len);
	int (*run)(void *context, uint32_t vcpu, int action);

	int (*kick)(void *context, uint32_t vcpu);
	int (*translate)(void *context, uint32_t vcpu, uint64_t addr, uint64_t *gpa);
	int (*get_fpu)(void *context, uint32_t vcpu, void *fxsave);
	int (*set_fpu)(void *context, uint32_t vcpu, const void *fxsave);
	int (*add_breakpoint)(void *context, uint32_t type, uint64_t addr, uint64_t len);
	int (*del_breakpoint)(void *context, uint32_t type, uint64_t addr, uint64_t len);
	int (*kill)(void *context);
	int (*reset)(void *context);
};

/**
 * vgdb_new() - a guest by the VMM's own operations
 * @ops: operations, which are copied
 * @context: first argument of each
 * @vcpus: number of vCPUs, at least 1; see vgdb_add_vcpu()
 *
 * Return: the handle; NULL with errno set.
 */
struct vgdb *vgdb_new(const struct vgdb_ops *ops, void *context, uint32_t vcpus);

/* ---- backend: file descriptors of KVM, or of /dev/vmxdbg, which has the same calls ---- */

/**
 * vgdb_new_kvm() - a guest of KVM, without vCPUs and memory yet
 * @vm_fd: from KVM_CREATE_VM
 *
 * The library uses KVM_SET_GUEST_DEBUG, so the VMM must not.
 *
 * Return: the handle; NULL with errno set.
 */
struct vgdb *vgdb_new_kvm(int vm_fd);

/**
 * vgdb_kvm_add_vcpu() - add the next vCPU
 * @g: handle
 * @vcpu_fd: from KVM_CREATE_VCPU
 * @run: its mapped struct kvm_run
 *
 * Return: its number, from 0.
 */
int vgdb_kvm_add_vcpu(struct vgdb *g, int vcpu_fd, void *run);

/* Add memory that the VMM has at @host and the guest at @gpa. Return: 0. */
int vgdb_kvm_add_memory(struct vgdb *g, uint64_t gpa, uint64_t size, void *host);

/* Remove the memory at @gpa. Return: 0, or -ENOENT. */
int vgdb_kvm_del_memory(struct vgdb *g, uint64_t gpa);

/**
 * vgdb_kvm_exit() - handle KVM_EXIT_DEBUG
 * @g: handle
 * @vcpu: number
 *
 * To be called by the thread of the vCPU when KVM_RUN has returned that exit reason. An
 * int3 of the guest's own is given to the guest.
 *
 * Return: see vgdb_serve_until_resumed().
 */
int vgdb_kvm_exit(struct vgdb *g, uint32_t vcpu);

/*
 * Set the operations that KVM has not: @kick, @kill and @reset of @ops are copied, with
 * @context. Return: 0.
 */
int vgdb_kvm_ops(struct vgdb *g, const struct vgdb_ops *ops, void *context);

/* ---- backend: a session of /dev/vmxdbg ---- */

/**
 * vgdb_new_session() - a guest by a session
 * @session_fd: from VMXDBG_ATTACH; it stays the caller's
 *
 * The module stops vCPUs inside KVM_RUN, so nothing is reported to the library, and it
 * must work in a thread that runs no vCPU: vgdb_start_thread(), or push.
 *
 * Return: the handle; NULL with errno set.
 */
struct vgdb *vgdb_new_session(int session_fd);

/* ---- life ---- */

/* End the conversation, let the guest run, and free the handle. NULL is allowed. */
void vgdb_free(struct vgdb *g);

/* There is one more vCPU (own operations). Return: its number. */
int vgdb_add_vcpu(struct vgdb *g);

/*
 * Registers that gdb sees: "x86-64", "i386", "i8086", or "auto", the default: by the mode
 * of the guest when gdb connects. Return: 0, or -EINVAL.
 */
int vgdb_set_arch(struct vgdb *g, const char *name);

/* Hold all vCPUs until a debugger has come and lets them run. Return: 0. */
int vgdb_hold(struct vgdb *g);

/* The guest has ended: tell the debugger. Return: 0. */
int vgdb_ended(struct vgdb *g);

/* ---- connection ---- */

/**
 * vgdb_listen() - wait for debuggers at an address
 * @g: handle
 * @address: "tcp:PORT", "tcp:HOST:PORT" with a numeric HOST, "unix:PATH". PORT 0: any
 *
 * There is one debugger at a time; the next one is told so. The default HOST is 127.0.0.1.
 * Whoever can connect can do anything with the guest.
 *
 * Return: 0.
 */
int vgdb_listen(struct vgdb *g, const char *address);

/*
 * Copy the address of vgdb_listen() to @text, as gdb's "target remote" takes it: the port
 * is the one that the kernel chose. Return: 0, or -ENOBUFS.
 */
int vgdb_address(struct vgdb *g, char *text, size_t size);

/*
 * The debugger is at the other side of @fd: a socket, a serial line, which the caller has
 * set up. The descriptor stays the caller's. Return: 0, or -EBUSY.
 */
int vgdb_serve_fd(struct vgdb *g, int fd);

/* Send signal @signo to this process when a debugger sends something. Return: 0. */
int vgdb_signal(struct vgdb *g, int signo);

/* ---- pull: the thread that runs the vCPUs serves the debugger ---- */

/**
 * vgdb_serve_until_resumed() - report a stop, and serve until the debugger lets the guest run
 * @g: handle
 * @vcpu: number of the vCPU, whose registers can be read now
 * @reason: VGDB_STEPPED and so on, VGDB_NOTHING to report none
 *
 * Returns at once if nothing is to be done, in particular if there is no debugger.
 * If another thread serves, the function only waits.
 *
 * Return: VGDB_RUN, VGDB_STEP or VGDB_WAIT; a negative errno.
 */
int vgdb_serve_until_resumed(struct vgdb *g, uint32_t vcpu, uint32_t reason);

/*
 * Look whether a debugger has come or interrupts (by ^C): one system call, or none if
 * another thread serves. Return: 1 if vgdb_serve_until_resumed() must be called before the
 * vCPU runs on, else 0.
 */
int vgdb_interrupted(struct vgdb *g, uint32_t vcpu);

/* Address of the data that the next VGDB_WATCHPOINT of the vCPU is about. Return: 0. */
int vgdb_detail_addr(struct vgdb *g, uint32_t vcpu, uint64_t addr);

/*
 * Signal that gdb shows for the next VGDB_OWN or VGDB_ERROR of the vCPU (by gdb's numbers; 0:
 * SIGTRAP), and a line of text for its user, or NULL. Return: 0.
 */
int vgdb_detail_text(struct vgdb *g, uint32_t vcpu, int signal, const char *text);

/* Return: 1 if the debugger has a breakpoint at the linear address @addr, else 0. */
int vgdb_has_breakpoint(struct vgdb *g, uint64_t addr);

/* ---- a thread of the library's ---- */

/*
 * Serve in a thread. Threads of vCPUs go on to call vgdb_serve_until_resumed() and
 * vgdb_interrupted(), the first time before they run. Return: 0.
 */
int vgdb_start_thread(struct vgdb *g);

/* ---- push: the VMM's event loop moves the bytes ---- */

/*
 * Another thread than those of the vCPUs makes the calls below, or vgdb_serve(). Without
 * it, vgdb_serve_until_resumed() serves the descriptors of vgdb_listen(). Return: 0.
 */
int vgdb_set_threaded(struct vgdb *g, int threaded);

/* Wait up to @timeout_ms (-1: no limit) for something to do, and do it. Return: 0. */
int vgdb_serve(struct vgdb *g, int timeout_ms);

/* A debugger has connected, without vgdb_listen(). Return: 0, or -EBUSY. */
int vgdb_connect(struct vgdb *g);

/* The debugger has gone: the guest runs on without breakpoints. Return: 0. */
int vgdb_disconnect(struct vgdb *g);

/* @len bytes came from the debugger. Return: 0. */
int vgdb_input(struct vgdb *g, const void *data, size_t len);

/*
 * Handle events of the guest: to be called when vgdb_event_fd() is readable. A stop that
 * vgdb_report() reported is such an event. Return: 0.
 */
int vgdb_event(struct vgdb *g);

/* Do a part of a packet that takes long, some milliseconds. Return: 0. */
int vgdb_work(struct vgdb *g);

/* Bytes to send, *@len of them, valid until the next call for the handle. */
const void *vgdb_output(struct vgdb *g, size_t *len);

/* The first @len bytes of vgdb_output() have been sent. Return: 0. */
int vgdb_sent(struct vgdb *g, size_t len);

/* Return: 1 if more input may come now, else 0. */
int vgdb_wants_input(struct vgdb *g);

/* Return: 1 if vgdb_event() is to be called, once the descriptor is readable, else 0. */
int vgdb_wants_event(struct vgdb *g);

/* Return: 1 if vgdb_work() has something to do, else 0. */
int vgdb_wants_work(struct vgdb *g);

/* Return: 1 if the debugger has been told all: send the output and disconnect, else 0. */
int vgdb_finished(struct vgdb *g);

/* Return: a descriptor that is readable when there are events. */
int vgdb_event_fd(struct vgdb *g);

/* Report a stop without serving, see vgdb_serve_until_resumed(). Return: 0. */
int vgdb_report(struct vgdb *g, uint32_t vcpu, uint32_t reason);

/* Return: VGDB_RUN, VGDB_STEP or VGDB_WAIT. */
int vgdb_action(struct vgdb *g, uint32_t vcpu);

/* ---- extensions, before a debugger connects ---- */

/*
 * A user's command "monitor NAME ...": @argv[0] is NAME. It prints by vgdb_print(). Returns 0, or
 * a negative errno, of which the user is told; -EINVAL shows the usage.
 */
typedef int (*vgdb_command_fn)(void *context, struct vgdb *g, int argc, char **argv);

/* Add a command. @args and @help are for "monitor help". Strings are copied. Return: 0. */
int vgdb_add_command(struct vgdb *g, const char *name, const char *args, const char *help,
		     vgdb_command_fn command, void *context);

/* Print text on the debugger's terminal, from a command. */
void vgdb_print(struct vgdb *g, const char *text);

/*
 * An object of qXfer packets: adds its text by vgdb_document(). Returns 0, or -ENOENT if there is no
 * such annex.
 */
typedef int (*vgdb_object_fn)(void *context, struct vgdb *g, const char *annex);

/* Add an object, by its name in qXfer packets. Return: 0. */
int vgdb_add_object(struct vgdb *g, const char *name, vgdb_object_fn object, void *context);

/* Add to the text of the object, from its function. */
void vgdb_document(struct vgdb *g, const void *data, size_t len);

/**
 * struct vgdb_register - a register of the VMM's
 * @size: sizeof(struct vgdb_register)
 * @bits: 8, 16, 32, 64 or 128
 * @name: name in gdb, of letters, digits and '_', which no other register has
 * @type: "uint8" to "uint128", "int8" to "int128", "ieee_single" or "ieee_double", as @bits
 *	needs; NULL: unsigned
 * @get: read it of a stopped vCPU: @bits / 8 bytes, little endian, zero before. Returns 0 or
 *	a negative errno: gdb shows <unavailable>
 * @set: write it, likewise; gdb shows the error. NULL: it is read-only
 */
struct vgdb_register {
	size_t size;
	uint32_t bits;
	const char *name;
	const char *type;
	int (*get)(void *context, uint32_t vcpu, void *value);
	int (*set)(void *context, uint32_t vcpu, const void *value);
};

/* Add a register. @reg is copied, with its strings. Return: 0. */
int vgdb_add_register(struct vgdb *g, const struct vgdb_register *reg, void *context);

#ifdef __cplusplus
}
#endif

#endif /* VMXGDB_H */
