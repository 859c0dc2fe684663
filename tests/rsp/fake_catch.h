/* SPDX-License-Identifier: GPL-2.0-only */
/* Catches of the fake target: of what the instructions of fake_cpu.c do. */
#ifndef FAKE_CATCH_H
#define FAKE_CATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "fake_object.h"

/**
 * struct fake_event - an event that an instruction is about to cause
 * @type: VMXDBG_CATCH_*
 * @direction: VMXDBG_CATCH_READ or _WRITE, 0 if there is none
 * @data: as in struct vmxdbg_event; @data[0] is the value that selects catches
 */
struct fake_event {
	uint32_t type;
	uint32_t direction;
	uint64_t data[4];
};

/* Return: whether the instruction at @code causes an event. */
bool fake_catch_decode(const struct kvm_regs *regs, const uint8_t *code,
		       struct fake_event *event);

/* Add a catch with the id that it has. Return: 0 or a negative errno. */
int fake_catch_add(const struct vmxdbg_catch *catch_it);

/* Return: false if there is no catch with this id. */
bool fake_catch_del(uint32_t id);
bool fake_catch_hits(uint32_t id, uint64_t *hits);
void fake_catch_clear(void);

/*
 * Hit each catch of the event. Return: whether the vCPU stops; then @stop has the ids, the
 * data, an error, and the reasons.
 */
bool fake_catch_ask(const struct fake_event *event, struct fake_view *view,
		    struct vmxdbg_event *stop);

#endif /* FAKE_CATCH_H */
