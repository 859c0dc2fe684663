/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of struct vm and struct vcpu: types only. */
#ifndef VMXDBG_IRQ_TYPES_H
#define VMXDBG_IRQ_TYPES_H

#include <linux/bitmap.h>
#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct io_bus;
struct ioapic;
struct irq_routing;
struct pic;
struct pit;
struct vcpu;

/* Emulators of the interrupt controllers of a VM */
enum irq_mode {
	IRQ_USER,		/* the VMM, all of them */
	IRQ_SPLIT,		/* the module the local APICs, the VMM I/O APIC and PIC */
	IRQ_FULL,		/* the module, all of them */
};

#define IRQ_VECTORS	256
#define IRQ_MAX_GSIS	4096	/* and as many routes; as in KVM */

enum io_space { IO_PORTS, IO_MEMORY, IO_SPACES };

/* A pin of a chip is high while one of these holds it so. */
enum irq_source { IRQ_SOURCE_VMM, IRQ_SOURCE_RESAMPLE, IRQ_SOURCE_PIT };

/* Interrupt controllers of a VM, and its buses */
struct vm_irq {
	struct mutex lock;	/* see struct vm */
	struct io_bus __rcu *bus[IO_SPACES];	/* NULL: no device; changed under lock */
	struct list_head ioeventfds;	/* lock */
	spinlock_t irqfds_lock;	/* see struct vm */
	struct list_head irqfds;	/* irqfds_lock; an irqfd comes under lock as well */
	struct list_head resamplers;	/* lock */
	enum irq_mode mode;	/* vm->lock; set before the first vCPU */
	struct pic *pic;	/* the chips of IRQ_FULL, NULL: none; set before the first vCPU */
	struct ioapic *ioapic;
	struct pit *pit;	/* NULL: none; lock, and dbg_lock to change it */
	struct hlist_head acks;	/* struct irq_ack_notifier; changed under lock, RCU */
	DECLARE_BITMAP(acked_gsis, IRQ_MAX_GSIS);	/* with a notifier in @acks */
	u16 pin_gsi[KVM_NR_IRQCHIPS][KVM_IOAPIC_NUM_PINS];	/* of a pin, plus 1; 0: none */
	u16 split_pins;		/* GSIs of the VMM's I/O APIC: their EOIs go to the VMM */
	u32 bsp;		/* id of the vCPU that runs without a SIPI; vm->lock */
	bool wide_ids;		/* KVM_X2APIC_API_USE_32BIT_IDS */
	bool plain_broadcast;	/* KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK */
	bool ids_changed;	/* a guest wrote an APIC ID */
	bool lint0_nmi;		/* a LINT0 was an NMI once: the PIT's ticks go there, too */
	struct irq_routing __rcu *routing;	/* changed under vm->lock */
	DECLARE_BITMAP(eoi_vectors, IRQ_VECTORS);	/* level-triggered: EOIs are reported */
};

/*
 * Source of an interrupt, for catches: VMXDBG_FROM_*, and in the upper bits the number of a
 * vCPU, a pin, or an LVT register. 0: unknown.
 */
#define IRQ_FROM(who, nr)	((who) | (nr) << 20)
#define IRQ_FROM_WHO(from)	((from) & GENMASK(19, 0))
#define IRQ_FROM_NR(from)	((from) >> 20)

/* An interrupt on its way to local APICs: ICR, MSI, or a pin (SDM vol. 3, 11.6, 11.11) */
struct irq_message {
	u32 dest;
	u8 vector;
	u8 mode;		/* APIC_DM_* >> 8 */
	u8 shorthand;		/* APIC_DEST_* >> 18: 0 none, 1 self, 2 all, 3 all but self */
	bool logical;
	bool level;		/* trigger mode */
	bool assert;		/* of a level-triggered INIT */
	bool lowest;		/* one of the destinations takes it */
	u32 from;		/* IRQ_FROM() */
};

/* Bits of struct lapic.events */
enum lapic_event { LAPIC_INIT, LAPIC_SIPI };

struct lapic_timer {
	struct hrtimer timer;
	bool on;		/* running, or will be when the VM's time goes on; dbg_lock */
	ktime_t target;		/* when it expires; while the time is held: how long until then */
	u64 period;		/* ns that TMICT stands for; 0: none */
	u64 deadline;		/* IA32_TSC_DEADLINE */
};

/* The word of KVM_SET_VAPIC_ADDR: vapic.c */
struct vapic {
	u64 gpa;		/* 0: none */
	bool counted;		/* in vapics */
	bool due;		/* TPR is newer than the word */
	bool gone;		/* vapic_sync() found no memory */
};

/*
 * A local APIC. Other threads than the vCPU's set bits in IRR, TMR, @events and @nmis, write
 * @from, and read ID, LDR, DFR and SVR. All else is the vCPU's own state.
 */
struct lapic {
	struct vcpu *vcpu;
	u8 *regs;		/* a page; registers at the offsets of SDM vol. 3, table 11-1 */
	bool irr_any;		/* IRR may have a bit; false: it has none */
	int in_service;		/* highest vector in ISR, -1 none */
	u32 lvtt_modes;		/* writable bits of the timer's mode in LVTT */
	unsigned int turns;	/* interrupts taken by lowest priority */
	unsigned long events;	/* waiting: BIT(LAPIC_*) */
	u8 sipi_vector;
	atomic_t nmis;		/* waiting NMIs */
	int extint;		/* vector of KVM_INTERRUPT, for LINT0; -1 none */
	u8 eoi;			/* vector of the EOI that the VMM has to hear of: REQ_EOI */
	struct vapic vapic;
	struct {		/* KVM_TPR_ACCESS_REPORTING */
		bool on;
		u8 is_write;	/* REQ_TPR: the access to report */
		u64 rip;
	} tpr;
	struct lapic_timer timer;
	u32 from[IRQ_VECTORS];	/* IRQ_FROM() of IRR; LAPIC_FROM_NMI: of @nmis */
};

/* No interrupt of a local APIC has this vector. */
#define LAPIC_FROM_NMI	2

#endif
