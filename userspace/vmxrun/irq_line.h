/* SPDX-License-Identifier: GPL-2.0-only */
/* One wire from a device to an interrupt controller's input. */
#ifndef VMXRUN_IRQ_LINE_H
#define VMXRUN_IRQ_LINE_H

#include <stdbool.h>

/**
 * struct irq_line - a wire
 * @set: drives the input; NULL if the wire is not connected
 * @controller: first argument of @set
 * @input: second argument of @set
 */
struct irq_line {
	void (*set)(void *controller, unsigned int input, bool level);
	void *controller;
	unsigned int input;
};

static inline void irq_line_set(const struct irq_line *line, bool level)
{
	if (line->set)
		line->set(line->controller, line->input, level);
}

#endif
