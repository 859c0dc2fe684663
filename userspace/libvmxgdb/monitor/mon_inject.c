// SPDX-License-Identifier: MIT
/* Monitor command that makes an interrupt, NMI, INIT or exception happen to the guest. */
#include <errno.h>
#include <string.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vectors.h"
#include "monitor/monitor_command.h"

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_PF	14
#define VECTOR_AC	17

static bool has_error_code(uint32_t vector)
{
	return vector == VECTOR_DF || (vector >= VECTOR_TS && vector <= VECTOR_PF) ||
	       vector == VECTOR_AC;
}

/* "irq VECTOR" */
static int parse_irq(struct stub *s, int argc, char **argv, struct vmxdbg_inject *event)
{
	uint64_t vector;

	if (argc != 3 || !monitor_number(argv[2], &vector))
		return monitor_usage(s);
	if (vector > 255)
		return reply_error(s, -EINVAL, "interrupts have vectors from 0 to 255");
	event->type = VMXDBG_INJECT_INTERRUPT;
	event->vector = vector;
	return 0;
}

static int parse_vector(struct stub *s, const char *text, struct vmxdbg_inject *event)
{
	uint64_t vector;

	if (!monitor_number(text, &vector) && !vector_find(text, &vector))
		return reply_error(s, -EINVAL, "%.40s is neither a vector nor the name of an exception",
				   text);
	if (vector == VECTOR_NMI)
		return reply_error(s, -EINVAL, "vector 2 is the NMI: inject nmi");
	if (!vector_get(vector))
		return reply_error(s, -EINVAL, "the processor has no exception %llu", ull(vector));
	event->vector = vector;
	return 0;
}

/* The number after the vector, and for #PF the address after it */
static int parse_details(struct stub *s, int argc, char **argv, struct vmxdbg_inject *event)
{
	uint64_t value = 0;

	if (argc > 0 && !monitor_number(argv[0], &value))
		return monitor_usage(s);
	if (argc > 0 && event->vector == VECTOR_DB) {
		event->addr = value;
		return argc == 1 ? 0 : monitor_usage(s);
	}
	if (argc > 0 && !has_error_code(event->vector))
		return reply_error(s, -EINVAL, "this exception has no error code");
	if (value > 0x7fff)
		return reply_error(s, -EINVAL, "an error code has at most 15 bits");
	event->error = value;
	if (argc > 1 && event->vector == VECTOR_PF)
		return argc == 2 ? monitor_address(s, argv[1], (uint64_t *)&event->addr) :
				   monitor_usage(s);
	return argc < 2 ? 0 : monitor_usage(s);
}

/* "exception VECTOR [ERROR [ADDR]]" */
static int parse_exception(struct stub *s, int argc, char **argv, struct vmxdbg_inject *event)
{
	int result;

	if (argc < 3)
		return monitor_usage(s);
	event->type = VMXDBG_INJECT_EXCEPTION;
	result = parse_vector(s, argv[2], event);
	return result < 0 ? result : parse_details(s, argc - 3, argv + 3, event);
}

static int parse_event(struct stub *s, int argc, char **argv, struct vmxdbg_inject *event)
{
	if (argc < 2)
		return monitor_usage(s);
	if (!strcmp(argv[1], "irq"))
		return parse_irq(s, argc, argv, event);
	if (!strcmp(argv[1], "exception"))
		return parse_exception(s, argc, argv, event);
	if (argc != 2)
		return monitor_usage(s);
	if (!strcmp(argv[1], "nmi"))
		event->type = VMXDBG_INJECT_NMI;
	else if (!strcmp(argv[1], "init"))
		event->type = VMXDBG_INJECT_INIT;
	else
		return monitor_usage(s);
	return 0;
}

static int refused(struct stub *s, int error)
{
	switch (-error) {
	case EOPNOTSUPP:
		return reply_error(s, error, "this VM takes no events from its debugger");
	case EBUSY:
		return reply_error(s, error, "another event of this kind waits for its delivery");
	case ENXIO:
		return reply_error(s, error, "the VMM emulates the local APIC");
	case EINVAL:
		return reply_error(s, error, "the processor has no such event");
	default:
		return error;
	}
}

static void say_injected(struct stub *s, const struct vmxdbg_inject *event)
{
	const struct vector *v = vector_get(event->vector);

	switch (event->type) {
	case VMXDBG_INJECT_INTERRUPT:
		reply_console(s, "vCPU %u gets interrupt %u (0x%x) when it runs and takes interrupts\n",
			      event->vcpu, event->vector, event->vector);
		break;
	case VMXDBG_INJECT_NMI:
		reply_console(s, "vCPU %u gets an NMI when it runs\n", event->vcpu);
		break;
	case VMXDBG_INJECT_INIT:
		reply_console(s, "vCPU %u gets an INIT when it runs\n", event->vcpu);
		break;
	default:
		reply_console(s, "vCPU %u gets exception %u %s when it runs or steps\n",
			      event->vcpu, event->vector, v->name);
	}
}

static int mon_inject(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_inject event = { .vcpu = s->general };
	int result = parse_event(s, argc, argv, &event);

	if (result < 0)
		return result;
	if (s->vcpus[s->general]->runs)
		return reply_error(s, -EBUSY, "vCPU %d is running", s->general);
	result = target_call(s->target, inject, &event);
	if (result < 0)
		return refused(s, result);
	say_injected(s, &event);
	return 0;
}

static int mon_nmi(struct stub *s, int argc, char **argv)
{
	char *words[] = { argv[0], (char *)"nmi" };

	return argc == 1 ? mon_inject(s, 2, words) : monitor_usage(s);
}

static const char inject_help[] =
	"Each is delivered when the selected vCPU runs:\n"
	"  irq VECTOR                      when the guest takes interrupts; by no controller, so\n"
	"                                  that an EOI of its handler ends another one\n"
	"  nmi                             at once, or after the handler of another NMI\n"
	"  init                            at once: a reset, after which it waits for a SIPI\n"
	"  exception VECTOR [ERROR [ADDR]] before the next instruction, to which it returns;\n"
	"                                  VECTOR is a number or a name, as #PF or gp\n"
	"ERROR is the error code, ADDR the address of a page fault; for #DB, ERROR is what is set\n"
	"in DR6. Steps hold interrupts and NMIs: \"monitor step irqs on\" lets them in.\n";

const struct monitor_command monitor_inject[] = {
	{ "inject", "irq VECTOR|nmi|init|exception VECTOR [ERROR [ADDR]]",
	  "make an interrupt, an NMI, an INIT or an exception happen to the vCPU",
	  .more = inject_help, .handler = mon_inject },
	{ "nmi", "", "the same as \"inject nmi\": QEMU's word", .handler = mon_nmi },
	{ 0 },
};
