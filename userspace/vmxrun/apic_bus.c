// SPDX-License-Identifier: GPL-2.0-only
/* The bus between the local APICs and the I/O APIC. */
#include <stddef.h>

#include "apic_bus.h"
#include "lapic.h"

/* SDM vol. 3, "Lowest Priority Delivery Mode". The first wins a tie. */
static struct lapic *least_busy(const struct apic_bus *bus,
				const struct apic_message *msg,
				const struct lapic *except)
{
	struct lapic *best = NULL;

	for (unsigned int i = 0; i < bus->nr; i++) {
		struct lapic *lapic = bus->lapics[i];

		if (lapic == except || !lapic_is_on(lapic) ||
		    !lapic_matches(lapic, msg))
			continue;
		if (!best || lapic_priority(lapic) < lapic_priority(best))
			best = lapic;
	}
	return best;
}

/**
 * apic_bus_send - deliver @msg to its destinations
 * @except: local APIC that does not get it; may be NULL
 */
void apic_bus_send(const struct apic_bus *bus, const struct apic_message *msg,
		   const struct lapic *except)
{
	struct lapic *lapic;

	if (bus->send) {
		bus->send(bus->opaque, msg);
		return;
	}
	if (msg->mode == APIC_LOWEST_PRIORITY) {
		lapic = least_busy(bus, msg, except);
		if (lapic)
			lapic_deliver(lapic, msg);
		return;
	}
	for (unsigned int i = 0; i < bus->nr; i++) {
		lapic = bus->lapics[i];
		if (lapic != except && lapic_matches(lapic, msg))
			lapic_deliver(lapic, msg);
	}
}
