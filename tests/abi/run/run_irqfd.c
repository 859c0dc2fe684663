// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IRQFD: interrupts that a signal of an eventfd raises. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apic.h"
#include "event_fd.h"

#define GONE		KVM_IRQFD_FLAG_DEASSIGN
#define RESAMPLE	KVM_IRQFD_FLAG_RESAMPLE
#define GSI		30
#define VECTOR		0x45
#define OTHER		0x46

static struct vm vm;
static struct vcpu *v;

static int irqfd(u32 flags, u32 gsi, int fd)
{
	struct kvm_irqfd arg = { .fd = fd, .gsi = gsi, .flags = flags };

	return ioctl(vm.fd, KVM_IRQFD, &arg);
}

/* One route, to @vector of vCPU 0, or none without a vector */
static void route(u32 gsi, u8 vector)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} arg = {
		.head.nr = !!vector,
		.entry = {
			.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = APIC_BASE, .data = vector },
		},
	};

	CHECK_OK(ioctl(vm.fd, KVM_SET_GSI_ROUTING, &arg));
}

/* A guest that counts the interrupts of both vectors, and goes on for each. */
GUEST64(counts,
	"jmp 1f\n"
	"counts_one: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"counts_other: incl 0xc004; movl $0, 0xb0(%rbx); iretq\n"
	"1: mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"
	"out %al, $0x10\n"
	"sti; 2: hlt; cmpl $0, 0xc008; je 2b; out %al, $0x11; hlt");
LABEL(counts_one); LABEL(counts_other);

static void start(void)
{
	v = split_guest(&vm, MODE_LONG, PROG(counts));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(counts, counts_one));
	vm_gate(&vm, MODE_LONG, OTHER, AT(counts, counts_other));
	vcpu_run_out(v, 0x10);
	route(GSI, VECTOR);
}

/* KVM may raise the interrupt in another thread, so a test waits for it. */
static bool comes(u8 vector)
{
	unsigned int i;

	for (i = 0; i < 2000 && !apic_has(v, APIC_IRR, vector); i++)
		usleep(1000);
	return apic_has(v, APIC_IRR, vector);
}

/* Return: whether it has not come after a while. */
static bool stays_away(u8 vector)
{
	usleep(2000);
	return !apic_has(v, APIC_IRR, vector);
}

static void forget(u8 vector)
{
	u32 reg = APIC_IRR + 0x10 * (vector / 32);

	apic_set(v, reg, apic_get(v, reg) & ~(1U << vector % 32));
}

/* ---- arguments ---- */

static void capabilities(void)
{
	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_IRQFD), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_IRQFD_RESAMPLE), 1);
}

static void without_a_local_apic(void)
{
	int fd = event_fd(0);

	vm_make(&vm, NULL);
	CHECK_ERR(irqfd(0, GSI, fd), EINVAL);
	CHECK_ERR(irqfd(RESAMPLE, GSI, fd), EINVAL);
	CHECK_ERR(irqfd(0, GSI, -1), EINVAL);
	CHECK_OK(irqfd(GONE, GSI, fd));
	CHECK_ERR(irqfd(GONE, GSI, -1), EBADF);
	CHECK_ERR(irqfd(GONE, GSI, vm.fd), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_IRQFD, bad_pointer()), EFAULT);
}

static void arguments(void)
{
	int fd = event_fd(0), same = dup(fd), other = event_fd(0);
	unsigned int bit;

	split_make(&vm, MODE_LONG, PROG(counts));
	for (bit = 2; bit < 32; bit++) {
		CHECK_ERR(irqfd(1U << bit, GSI, fd), EINVAL);
		CHECK_ERR(irqfd(GONE | 1U << bit, GSI, fd), EINVAL);
	}
	CHECK_ERR(irqfd(RESAMPLE, GSI, fd), EINVAL);
	CHECK_ERR(irqfd(0, GSI, -1), EBADF);
	CHECK_ERR(irqfd(0, GSI, vm.fd), EINVAL);
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK_ERR(irqfd(0, GSI, fd), EBUSY);
	CHECK_ERR(irqfd(0, GSI + 1, same), EBUSY);
	CHECK_OK(irqfd(0, GSI, other));
	CHECK_OK(irqfd(GONE, GSI + 1, fd));	/* is not there */
	CHECK_ERR(irqfd(0, GSI + 1, fd), EBUSY);
	CHECK_OK(irqfd(GONE, GSI, same));
	CHECK_OK(irqfd(0, ~0U, fd));		/* no such interrupt */
	signal_it(fd);
	CHECK_OK(irqfd(GONE | RESAMPLE, ~0U, fd));
	CHECK_OK(irqfd(0, GSI, fd));
}

/* ---- interrupts ---- */

static void a_signal_raises_it(void)
{
	int fd = event_fd(0);

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK(stays_away(VECTOR));
	signal_it(fd);
	CHECK(comes(VECTOR));
	CHECK_EQ(count_of(fd), 0);	/* the interrupt took it */
	forget(VECTOR);
	signal_it(fd);
	CHECK(comes(VECTOR));
	DATA32(&vm, 2) = 1;
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA32(&vm, 1), 0);
}

static void a_signal_from_before(void)
{
	int fd = event_fd(3);

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK(comes(VECTOR));
	CHECK_EQ(count_of(fd), 3);	/* stays */
	forget(VECTOR);
	signal_it(fd);
	CHECK(comes(VECTOR));
	CHECK_EQ(count_of(fd), 0);
}

static void another_process_signals(void)
{
	int fd = event_fd(0), status;
	pid_t pid;

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	pid = fork();
	if (!pid) {
		signal_it(fd);
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && !status);
	CHECK(comes(VECTOR));
}

/* Since 6.17, the kernel lets only one irqfd of all VMs wait for an eventfd. */
static void another_vm_wants_it(void)
{
	int fd = event_fd(0);
	struct kvm_irqfd arg = { .fd = fd, .gsi = GSI, .resamplefd = event_fd(0) };
	struct vm other;

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	vm_make(&other, NULL);
	CHECK_OK(ioctl(other.fd, KVM_CREATE_IRQCHIP));
	if (host_since(6, 17)) {
		CHECK_ERR(ioctl(other.fd, KVM_IRQFD, &arg), EBUSY);
		arg.flags = RESAMPLE;
		CHECK_ERR(ioctl(other.fd, KVM_IRQFD, &arg), EBUSY);
		signal_it(fd);
		CHECK(comes(VECTOR));
		CHECK_OK(irqfd(GONE, GSI, fd));
	}
	CHECK_OK(ioctl(other.fd, KVM_IRQFD, &arg));
	arg.flags = GONE;
	CHECK_OK(ioctl(other.fd, KVM_IRQFD, &arg));
}

static void the_route_changes(void)
{
	int fd = event_fd(0);

	start();
	route(GSI, 0);
	CHECK_OK(irqfd(0, GSI, fd));
	signal_it(fd);
	CHECK(stays_away(VECTOR));
	CHECK_EQ(count_of(fd), 0);	/* lost */
	route(GSI, OTHER);
	signal_it(fd);
	CHECK(comes(OTHER));
	CHECK(stays_away(VECTOR));
	forget(OTHER);
	route(GSI, VECTOR);
	signal_it(fd);
	CHECK(comes(VECTOR));
	CHECK(stays_away(OTHER));
	forget(VECTOR);
	route(GSI + 1, VECTOR);
	signal_it(fd);
	CHECK(stays_away(VECTOR));
}

static void it_ends(void)
{
	int fd = event_fd(0), other = event_fd(0);

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK_OK(irqfd(0, GSI, other));
	CHECK_OK(irqfd(GONE, GSI, fd));
	signal_it(fd);
	CHECK(stays_away(VECTOR));
	CHECK_EQ(count_of(fd), 1);
	signal_it(other);
	CHECK(comes(VECTOR));
	forget(VECTOR);
	close(other);			/* ends it, too */
	signal_it(fd);
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK(comes(VECTOR));
}

/* The file of the VM is closed, though its vCPU is still there. */
static void the_vm_is_closed(void)
{
	int fd = event_fd(0), closed = event_fd(0);

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	CHECK_OK(irqfd(0, GSI, closed));
	close(closed);
	close(vm.fd);
	signal_it(fd);
	CHECK(stays_away(VECTOR));
	CHECK_EQ(count_of(fd), 1);
	close(v->fd);
	signal_it(fd);
	CHECK_EQ(count_of(fd), 1);
}

static void *signal_many(void *arg)
{
	u32 i;

	for (i = 1; i <= 500; i++) {
		signal_it(*(int *)arg);
		while (DATA32(&vm, 0) < i)
			usleep(10);
	}
	DATA32(&vm, 2) = 1;
	signal_it(*(int *)arg);
	return NULL;
}

/* A vCPU that waits in HLT wakes up for each. */
static void each_one_wakes_the_guest(void)
{
	int fd = event_fd(0);
	pthread_t thread;

	start();
	CHECK_OK(irqfd(0, GSI, fd));
	REQUIRE(!pthread_create(&thread, NULL, signal_many, &fd));
	vcpu_run_out(v, 0x11);
	pthread_join(thread, NULL);
	CHECK(DATA32(&vm, 0) >= 500 && DATA32(&vm, 0) <= 501);
}

/* ---- at the same time ---- */

static volatile bool over;
static volatile int shared_fd;

/* The number may be free, or another eventfd's, at any moment. */
static void *signal_whatever(void *arg)
{
	u64 one = 1;

	while (!over)
		if (write(shared_fd, &one, sizeof(one)) < 0 && errno != EBADF && errno != EAGAIN)
			tap_fail("write: %d", errno);
	return arg;
}

static void *routes_come_and_go(void *arg)
{
	while (!over) {
		route(GSI, OTHER);
		route(GSI, 0);
		route(GSI, VECTOR);
	}
	return arg;
}

static void *run_until_over(void *arg)
{
	vcpu_run_out(v, 0x11);
	return arg;
}

static void eventfds_close_at_any_moment(void)
{
	pthread_t thread[4];
	unsigned int i, busy = 0;
	int last;

	start();
	shared_fd = event_fd(0);
	REQUIRE(!pthread_create(&thread[0], NULL, signal_whatever, NULL));
	REQUIRE(!pthread_create(&thread[1], NULL, signal_whatever, NULL));
	REQUIRE(!pthread_create(&thread[2], NULL, routes_come_and_go, NULL));
	REQUIRE(!pthread_create(&thread[3], NULL, run_until_over, NULL));
	for (i = 0; i < 600; i++) {
		int fd = event_fd(i % 5 == 0);

		CHECK_OK(irqfd(0, GSI, fd));
		busy += irqfd(0, GSI, fd) < 0 && errno == EBUSY;
		last = shared_fd;
		shared_fd = fd;
		if (i % 3 == 0)
			usleep(50);
		if (i % 2)
			CHECK_OK(irqfd(GONE, GSI, fd));
		close(last);
	}
	CHECK_EQ(busy, 600);
	over = true;
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	/* The last one still raises it. */
	last = event_fd(0);
	CHECK_OK(irqfd(0, GSI, last));
	DATA32(&vm, 2) = 1;
	signal_it(last);
	pthread_join(thread[3], NULL);
	tap_note("%u and %u interrupts", DATA32(&vm, 0), DATA32(&vm, 1));
}

static const struct test tests[] = {
	TEST(capabilities),
	TEST(without_a_local_apic),
	TEST(arguments),
	TEST(a_signal_raises_it),
	TEST(a_signal_from_before),
	TEST(another_process_signals),
	TEST(the_route_changes),
	TEST(another_vm_wants_it),
	TEST(it_ends),
	TEST(the_vm_is_closed),
	TEST_SLOW(each_one_wakes_the_guest, 60),
	TEST_SLOW(eventfds_close_at_any_moment, 60),
};

TAP_MAIN(tests)
