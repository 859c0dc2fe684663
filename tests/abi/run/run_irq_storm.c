// SPDX-License-Identifier: GPL-2.0-only
/* A storm of interrupts between four vCPUs, and from the VMM: STEPS=n run_irq_storm DEVICE */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "apic.h"
#include "irq_storm.h"
#include "storm.h"

static volatile bool over;

static void on_signal(int sig)
{
	(void)sig;
}

static void *run(void *arg)
{
	struct vcpu *v = arg;
	int r = 0;

	while (!over && (r = vcpu_run(v)) == -EINTR)
		;
	if (!over)
		tap_note("KVM_RUN ended with %d", r);
	return NULL;
}

static void set_number(struct vcpu *v, unsigned int i)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	regs.rdi = i;
	set_regs(v, &regs);
}

static void none_is_lost_or_doubled(void)
{
	u64 wanted = number_from("STEPS", 5000);
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t threads[IRQ_STORM_VCPUS];
	struct vm vm;
	unsigned int i;

	over = false;
	sigaction(SIGUSR1, &action, NULL);
	split_make(&vm, MODE_LONG, irq_storm_prog());
	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		set_number(guest_add_vcpu(&vm, i, MODE_LONG, GUEST_CODE), i);
	irq_storm_prepare(&vm);
	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		pthread_create(&threads[i], NULL, run, &vm.vcpu[i]);
	while (irq_storm_got_all(&vm) < wanted) {
		irq_storm_check(&vm);
		/* The threads leave KVM_RUN at any moment. */
		pthread_kill(threads[i++ % IRQ_STORM_VCPUS], SIGUSR1);
		usleep(2000);
	}
	irq_storm_finish(&vm);
	over = true;
	for (i = 0; i < IRQ_STORM_VCPUS; i++) {
		vm.vcpu[i].run->immediate_exit = 1;
		pthread_kill(threads[i], SIGUSR1);
		pthread_join(threads[i], NULL);
	}
	vm_destroy(&vm);
}

static const struct test tests[] = {
	TEST_SLOW(none_is_lost_or_doubled, 3000),
};

TAP_MAIN(tests)
