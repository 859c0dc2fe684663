/* SPDX-License-Identifier: GPL-2.0-only */
/* The 8254 interval timer and the PC's port 0x61, as KVM has them. */
#ifndef VMXDBG_IRQ_PIT_H
#define VMXDBG_IRQ_PIT_H

#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "irq/ack.h"
#include "irq/io_bus.h"
#include "lib/held_clock.h"
#include "vm.h"

#define PIT_CHANNELS	3

struct pit {
	raw_spinlock_t lock;	/* all of it, but for what irq.lock is for */
	struct vm *vm;
	struct kvm_pit_channel_state channel[PIT_CHANNELS];
	u32 flags;		/* KVM_PIT_FLAGS_* */
	struct held_clock clock;	/* ns; from the host's monotonic clock to the VM's time */
	struct hrtimer timer;	/* of channel 0: runs up to @next */
	bool armed, periodic;
	s64 period;		/* of channel 0 in ns; 0: never loaded */
	u64 next;		/* end of its period, in the VM's time */
	bool reinject;		/* no tick is lost, changed under irq.lock too */
	bool ended;		/* the guest has ended the last tick */
	u32 pending;		/* ticks that it has not */
	struct work_struct work;	/* raises a tick */
	struct irq_ack_notifier ack;
	struct io_device device, speaker;
};

/**
 * pit_create() - KVM_CREATE_PIT2
 * @flags: KVM_PIT_SPEAKER_DUMMY: port 0x61, too
 * Context: may sleep; irq.lock held. The VM has no PIT, but the other chips.
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int pit_create(struct vm *vm, u32 flags);
/* The VM ends, and its buses are gone; the other chips are still there. Also without a PIT. */
void pit_free(struct vm *vm);

/* The VM's time stops, or goes on. Nothing happens without a PIT. dbg_lock held. */
void pit_hold(struct vm *vm);
void pit_go_on(struct vm *vm);

/* KVM_GET_PIT2, KVM_SET_PIT2. The VM has a PIT. */
void pit_get_state(struct vm *vm, struct kvm_pit_state2 *state);
void pit_set_state(struct vm *vm, const struct kvm_pit_state2 *state);
/* KVM_SET_PIT: the flags stay. */
void pit_set_channels(struct vm *vm, const struct kvm_pit_state *state);

/* KVM_REINJECT_CONTROL. irq.lock held; may sleep. The VM has a PIT. */
void pit_set_reinject(struct vm *vm, bool reinject);

#endif
