// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQFD with all interrupt controllers in the kernel, and interrupts that stay high until
 * the guest has ended them.
 */
#include <pthread.h>
#include <unistd.h>

#include "chips.h"
#include "event_fd.h"

#define GONE		KVM_IRQFD_FLAG_DEASSIGN
#define RESAMPLE	KVM_IRQFD_FLAG_RESAMPLE

#define LEVEL		0x08000U
#define REMOTE_IRR	0x04000U
#define MASKED		0x10000U
#define TABLE(pin)	(0x10 + 2 * (pin))

#define GSI		20
#define VECTOR		0x55
#define PIC_GSI		11
#define PIC_BIT		0x08	/* of the slave, in its IRR and in ELCR */
#define PIC_VECTOR	0x73
#define PIC_EOI		0x20

static struct chips c;

static int irqfd(u32 flags, u32 gsi, int fd, int resamplefd)
{
	struct kvm_irqfd arg = {
		.fd = fd, .gsi = gsi, .flags = flags, .resamplefd = resamplefd,
	};

	return ioctl(c.vm.fd, KVM_IRQFD, &arg);
}

/* The I/O APIC, with @low in the entry of the GSI, and no interrupts of the PICs */
static void start(u32 low)
{
	chips_make(&c);
	DO(&c, WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, MASKED),
	   IOAPIC_WRITE(TABLE(GSI), low));
}

static void start_pic(void)
{
	chips_make(&c);
	chips_init_pic(&c, 0x01);
}

static void eoi(void)
{
	DO(&c, WRITE(LAPIC_EOI, 0));
}

static void pic_eoi(void)
{
	DO(&c, OUT(0xa0, PIC_EOI), OUT(0x20, PIC_EOI));
}

static u32 entry(void)
{
	return chips_ioapic(&c, TABLE(GSI));
}

static bool is_high(void)
{
	return chips_ioapic_state(&c.vm).irr >> GSI & 1;
}

static bool pic_is_high(void)
{
	return chips_pic(&c.vm, KVM_IRQCHIP_PIC_SLAVE).irr & PIC_BIT;
}

/* KVM raises and ends irqfds in other threads, so tests wait for that. */
static int take_soon(void)
{
	int vector = chips_take(&c);
	unsigned int i;

	for (i = 0; i < 2000 && vector < 0; i++) {
		usleep(1000);
		vector = chips_take(&c);
	}
	return vector;
}

static bool falls(bool (*high)(void))
{
	unsigned int i;

	for (i = 0; i < 2000 && high(); i++)
		usleep(1000);
	return !high();
}

/* ---- arguments ---- */

static void arguments(void)
{
	int fd = event_fd(0), other = event_fd(0), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_ERR(irqfd(RESAMPLE, GSI, -1, resamplefd), EBADF);
	CHECK_ERR(irqfd(RESAMPLE, GSI, c.vm.fd, resamplefd), EINVAL);
	CHECK_ERR(irqfd(RESAMPLE, GSI, fd, -1), EBADF);
	CHECK_ERR(irqfd(RESAMPLE, GSI, fd, c.vm.fd), EINVAL);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	CHECK_ERR(irqfd(RESAMPLE, GSI, fd, resamplefd), EBUSY);
	CHECK_ERR(irqfd(RESAMPLE, GSI + 1, fd, resamplefd), EBUSY);
	CHECK_ERR(irqfd(0, GSI, fd, 0), EBUSY);
	CHECK_OK(irqfd(RESAMPLE, GSI, other, resamplefd));
	CHECK_OK(irqfd(GONE, GSI, fd, -1));
	CHECK_OK(irqfd(GONE | RESAMPLE, GSI, other, -1));
	CHECK_OK(irqfd(0, GSI, fd, -1));	/* nobody looks at resamplefd */
	CHECK_OK(irqfd(RESAMPLE, ~0U, other, resamplefd));	/* no such interrupt */
	signal_it(other);
	CHECK_EQ(chips_take(&c), -1);
	CHECK_OK(irqfd(GONE, ~0U, other, -1));
}

/* ---- edges ---- */

static void pulse_of_the_io_apic(void)
{
	int fd = event_fd(0);

	start(VECTOR);
	CHECK_OK(irqfd(0, GSI, fd, 0));
	CHECK_EQ(chips_take(&c), -1);
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	CHECK_EQ(count_of(fd), 0);
	eoi();
	CHECK_EQ(chips_take(&c), -1);
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	/* A level is gone before the guest ends its interrupt. */
	eoi();
	DO(&c, IOAPIC_WRITE(TABLE(GSI), LEVEL | VECTOR));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	CHECK(falls(is_high));
	eoi();
	CHECK_EQ(entry(), LEVEL | VECTOR);
	CHECK_EQ(chips_take(&c), -1);
}

static void pulse_of_the_pic(void)
{
	int fd = event_fd(0);

	start_pic();
	CHECK_OK(irqfd(0, PIC_GSI, fd, 0));
	signal_it(fd);
	CHECK_EQ(take_soon(), PIC_VECTOR);
	pic_eoi();
	CHECK_EQ(chips_take(&c), -1);
	signal_it(fd);
	CHECK_EQ(take_soon(), PIC_VECTOR);
}

/* A pin that the VMM holds is low after a pulse: both are the VMM's. */
static void a_pulse_ends_the_line(void)
{
	int fd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(0, GSI, fd, 0));
	chips_line(&c, GSI, 1);
	CHECK(is_high());
	signal_it(fd);
	CHECK(falls(is_high));
	CHECK_EQ(chips_take(&c), VECTOR);
}

/* ---- levels ---- */

static void the_end_lowers_the_pin(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);
	unsigned int i;

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	CHECK_EQ(chips_take(&c), -1);
	for (i = 0; i < 20; i++) {
		signal_it(fd);
		CHECK_EQ(take_soon(), VECTOR);
		CHECK_EQ(count_of(fd), 0);
		CHECK(is_high());
		CHECK_EQ(entry(), LEVEL | REMOTE_IRR | VECTOR);
		CHECK_EQ(count_of(resamplefd), 0);
		eoi();
		CHECK_EQ(count_of(resamplefd), 1);
		CHECK(!is_high());
		CHECK_EQ(entry(), LEVEL | VECTOR);
		CHECK_EQ(chips_take(&c), -1);
	}
}

static void the_end_lowers_the_input_of_the_pic(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);
	unsigned int i;

	start_pic();
	DO(&c, OUT(0x4d1, PIC_BIT));
	CHECK_OK(irqfd(RESAMPLE, PIC_GSI, fd, resamplefd));
	for (i = 0; i < 3; i++) {
		signal_it(fd);
		CHECK_EQ(take_soon(), PIC_VECTOR);
		CHECK(pic_is_high());
		CHECK_EQ(count_of(resamplefd), 0);
		pic_eoi();
		CHECK_EQ(count_of(resamplefd), 1);
		CHECK(!pic_is_high());
		CHECK_EQ(chips_take(&c), -1);
	}
}

static void a_signal_from_before(void)
{
	int fd = event_fd(1), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	CHECK_EQ(take_soon(), VECTOR);
	CHECK(is_high());
	eoi();
	CHECK_EQ(count_of(resamplefd), 1);
	CHECK_EQ(chips_take(&c), -1);
}

/* The device still needs it. */
static void raised_again_at_the_end(void)
{
	int fd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, fd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	eoi();
	CHECK_EQ(take_soon(), VECTOR);
	CHECK(is_high());
	CHECK_OK(irqfd(GONE, GSI, fd, 0));
	CHECK(!is_high());
	eoi();
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(count_of(fd), 0);
}

/* An edge has an end as well. */
static void the_end_of_an_edge(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);

	start(VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	signal_it(fd);			/* no edge: the pin is high */
	CHECK_EQ(count_of(resamplefd), 0);
	eoi();
	CHECK_EQ(count_of(resamplefd), 1);
	CHECK_EQ(chips_take(&c), -1);
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
}

static void the_line_of_the_vmm_stays(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	chips_line(&c, GSI, 1);
	eoi();
	CHECK_EQ(count_of(resamplefd), 1);
	CHECK(is_high());
	CHECK_EQ(chips_take(&c), VECTOR);
	chips_line(&c, GSI, 0);
	CHECK(!is_high());
	eoi();
	CHECK_EQ(count_of(resamplefd), 1);	/* of the VMM's interrupts, too */
	CHECK_EQ(chips_take(&c), -1);
}

static void two_devices_with_one_pin(void)
{
	int fd[2] = { event_fd(0), event_fd(0) }, resamplefd[2] = { event_fd(0), event_fd(0) };

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd[0], resamplefd[0]));
	CHECK_OK(irqfd(RESAMPLE, GSI, fd[1], resamplefd[1]));
	signal_it(fd[0]);
	CHECK_EQ(take_soon(), VECTOR);
	eoi();
	CHECK_EQ(count_of(resamplefd[0]), 1);
	CHECK_EQ(count_of(resamplefd[1]), 1);
	signal_it(fd[1]);
	CHECK_EQ(take_soon(), VECTOR);
	CHECK_OK(irqfd(GONE, GSI, fd[1], 0));
	CHECK(is_high());		/* until the guest ends it */
	eoi();
	CHECK(!is_high());
	CHECK_EQ(count_of(resamplefd[0]), 1);
	CHECK_EQ(count_of(resamplefd[1]), 0);
	CHECK_EQ(chips_take(&c), -1);
}

static void interrupts_of_other_pins(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	DO(&c, IOAPIC_WRITE(TABLE(GSI + 1), VECTOR + 0x10));
	chips_pulse(&c, GSI + 1);
	CHECK_EQ(chips_take(&c), VECTOR + 0x10);
	eoi();
	CHECK_EQ(count_of(resamplefd), 0);
}

/* ---- ends ---- */

static void the_last_one_lowers_the_pin(void)
{
	int fd = event_fd(0), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	CHECK_OK(irqfd(GONE, GSI, fd, 0));
	CHECK(!is_high());
	eoi();
	CHECK_EQ(count_of(resamplefd), 0);
	signal_it(fd);
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(count_of(fd), 1);
	/* So does one whose eventfd is closed. */
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	CHECK(is_high());
	close(fd);
	CHECK(falls(is_high));
	eoi();
	CHECK_EQ(count_of(resamplefd), 0);
	CHECK_EQ(chips_take(&c), -1);
}

/* The file of the VM is closed, though its vCPU is still there. */
static void the_vm_is_closed(void)
{
	int fd = event_fd(0), closed = event_fd(0), resamplefd = event_fd(0);

	start(LEVEL | VECTOR);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	CHECK_OK(irqfd(RESAMPLE, GSI, closed, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	close(closed);
	close(c.vm.fd);
	eoi();
	CHECK_EQ(count_of(resamplefd), 0);
	CHECK_EQ(chips_take(&c), -1);
	signal_it(fd);
	CHECK_EQ(count_of(fd), 1);
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

static void *come_and_go(void *arg)
{
	int *resamplefd = arg;
	unsigned int i;
	int fd, last;

	for (i = 0; i < 200; i++) {
		fd = event_fd(i % 5 == 0);
		CHECK_OK(irqfd(i % 4 ? RESAMPLE : 0, GSI, fd, *resamplefd));
		last = shared_fd;
		shared_fd = fd;
		if (i % 3 == 0)
			usleep(500);
		if (i % 2)
			CHECK_OK(irqfd(GONE, GSI, fd, 0));
		close(last);
	}
	over = true;
	return NULL;
}

static void eventfds_close_at_any_moment(void)
{
	int resamplefd = event_fd(0), fd = event_fd(0);
	pthread_t thread[2];
	unsigned int i;

	start(LEVEL | VECTOR);
	shared_fd = event_fd(0);
	REQUIRE(!pthread_create(&thread[0], NULL, signal_whatever, NULL));
	REQUIRE(!pthread_create(&thread[1], NULL, come_and_go, &resamplefd));
	while (!over)
		DO(&c, TAKE, WRITE(LAPIC_EOI, 0));
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	close(shared_fd);
	tap_note("%u interrupts, %llu ends", chips_taken(&c),
		 (unsigned long long)count_of(resamplefd));
	/* The pin still works. */
	CHECK(falls(is_high));
	DO(&c, TAKE, WRITE(LAPIC_EOI, 0));
	CHECK_EQ(chips_take(&c), -1);
	count_of(resamplefd);
	CHECK_OK(irqfd(RESAMPLE, GSI, fd, resamplefd));
	signal_it(fd);
	CHECK_EQ(take_soon(), VECTOR);
	eoi();
	CHECK_EQ(count_of(resamplefd), 1);
	CHECK_EQ(entry(), LEVEL | VECTOR);
}

static const struct test tests[] = {
	TEST(arguments),
	TEST(pulse_of_the_io_apic),
	TEST(pulse_of_the_pic),
	TEST(a_pulse_ends_the_line),
	TEST(the_end_lowers_the_pin),
	TEST(the_end_lowers_the_input_of_the_pic),
	TEST(a_signal_from_before),
	TEST(raised_again_at_the_end),
	TEST(the_end_of_an_edge),
	TEST(the_line_of_the_vmm_stays),
	TEST(two_devices_with_one_pin),
	TEST(interrupts_of_other_pins),
	TEST(the_last_one_lowers_the_pin),
	TEST(the_vm_is_closed),
	TEST_SLOW(eventfds_close_at_any_moment, 60),
};

TAP_MAIN(tests)
