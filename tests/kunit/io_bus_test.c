// SPDX-License-Identifier: GPL-2.0-only
/* Devices on a bus, against a plain search of them all. */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/sort.h>

#include "../../kmod/irq/io_bus.c"

#define DEVICES	24
#define STEPS	2000

struct device {
	struct io_device dev;
	bool added;
	unsigned int number;	/* the n-th that was added */
};

static struct device devices[DEVICES];
static struct vm *vm;
static struct rnd_state random;

static u32 rnd(u32 below)
{
	return prandom_u32_state(&random) % below;
}

/* Devices that were asked, in this order; the last one answers if it is @answers. */
static const struct device *asked[DEVICES], *answers;
static unsigned int nr_asked;

static bool device_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	asked[nr_asked++] = container_of(dev, struct device, dev);
	return asked[nr_asked - 1] == answers;
}

static bool device_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	memset(data, 0x5a, len);
	return device_write(dev, addr, data, len);
}

static unsigned int released;

static void device_release(struct io_device *dev)
{
	released++;
}

static const struct io_ops ops = { device_read, device_write, device_release };
static const struct io_ops write_only = { NULL, device_write, device_release };

static u64 last_of(const struct device *d)
{
	u64 len = d->dev.len ? d->dev.len : 8;

	return len - 1 > U64_MAX - d->dev.addr ? U64_MAX : d->dev.addr + len - 1;
}

static bool covers(const struct device *d, u64 addr, u32 len)
{
	if (!d->added)
		return false;
	if (!d->dev.len)
		return addr == d->dev.addr;
	return addr >= d->dev.addr && addr + (len - 1) <= last_of(d);
}

static int by_order(const void *a, const void *b)
{
	const struct device *x = *(const struct device **)a, *y = *(const struct device **)b;

	if (last_of(x) != last_of(y))
		return last_of(x) < last_of(y) ? -1 : 1;
	if (x->dev.addr != y->dev.addr)
		return x->dev.addr > y->dev.addr ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* Compare one access with the search of all. */
static void check_access(struct kunit *test, u64 addr, u32 len, bool write)
{
	const struct device *want[DEVICES];
	unsigned int i, nr = 0, answered;
	u64 data = 0;
	bool done;

	for (i = 0; i < DEVICES; i++)
		if (covers(&devices[i], addr, len) && (write || devices[i].dev.ops->read))
			want[nr++] = &devices[i];
	sort(want, nr, sizeof(want[0]), by_order, NULL);
	answers = nr && rnd(2) ? want[rnd(nr)] : NULL;
	for (answered = 0; answered < nr && want[answered] != answers; answered++)
		;
	nr_asked = 0;
	done = write ? io_bus_write(vm, IO_MEMORY, addr, &data, len) :
		       io_bus_read(vm, IO_MEMORY, addr, &data, len);
	KUNIT_ASSERT_EQ(test, done, !!answers);
	KUNIT_ASSERT_EQ(test, nr_asked, answers ? answered + 1 : nr);
	KUNIT_ASSERT_EQ(test, memcmp(asked, want, nr_asked * sizeof(want[0])), 0);
	if (write)
		KUNIT_ASSERT_EQ(test, io_bus_has(vm, IO_MEMORY, addr, len), nr > 0);
	KUNIT_ASSERT_FALSE(test, io_bus_has(vm, IO_PORTS, addr, len));
}

/* Near the ends of the address space, too. */
static u64 any_address(void)
{
	static const u64 base[] = { 0, 0x1000, U64_MAX - 31 };

	return base[rnd(3)] + rnd(24);
}

static void come_or_go(struct kunit *test, struct device *d, unsigned int number)
{
	static const u32 lens[] = { 0, 1, 2, 4, 8, 20, ~0U };

	mutex_lock(&vm->irq.lock);
	if (d->added) {
		io_bus_remove(vm, IO_MEMORY, &d->dev);
	} else {
		d->dev.addr = any_address();
		d->dev.len = lens[rnd(ARRAY_SIZE(lens))];
		d->dev.uncounted = rnd(2);
		d->dev.ops = rnd(3) ? &ops : &write_only;
		d->number = number;
		KUNIT_ASSERT_EQ(test, io_bus_add(vm, IO_MEMORY, &d->dev), 0);
	}
	d->added = !d->added;
	mutex_unlock(&vm->irq.lock);
}

static void all_go(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < DEVICES; i++)
		if (devices[i].added)
			come_or_go(test, &devices[i], 0);
	KUNIT_ASSERT_FALSE(test, io_bus_used(vm, IO_MEMORY));
}

static void finds_what_a_plain_search_finds(struct kunit *test)
{
	unsigned int step, i;

	for (step = 0; step < STEPS; step++) {
		if (step % 100 == 99)
			all_go(test);
		come_or_go(test, &devices[rnd(DEVICES)], step);
		for (i = 0; i < 20; i++)
			check_access(test, any_address(), 1 << rnd(4), i & 1);
	}
	all_go(test);
}

static void number_of_devices(struct kunit *test)
{
	struct device *d = kvcalloc(IO_BUS_DEVICES, sizeof(*d), GFP_KERNEL);
	struct device more = { .dev = { .ops = &ops, .uncounted = true } };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, d);
	mutex_lock(&vm->irq.lock);
	KUNIT_EXPECT_EQ(test, io_bus_add(vm, IO_PORTS, &more.dev), 0);
	for (i = 0; i < IO_BUS_DEVICES; i++) {
		d[i].dev.ops = &ops;
		d[i].dev.addr = i;
		d[i].dev.len = 1;
		KUNIT_EXPECT_EQ(test, io_bus_add(vm, IO_PORTS, &d[i].dev), 0);
	}
	KUNIT_EXPECT_EQ(test, io_bus_add(vm, IO_PORTS, &devices[0].dev), -ENOSPC);
	io_bus_remove(vm, IO_PORTS, &d[7].dev);
	KUNIT_EXPECT_EQ(test, io_bus_add(vm, IO_PORTS, &d[7].dev), 0);
	mutex_unlock(&vm->irq.lock);
	released = 0;
	io_bus_free(vm);
	RCU_INIT_POINTER(vm->irq.bus[IO_PORTS], NULL);
	KUNIT_EXPECT_EQ(test, released, IO_BUS_DEVICES + 1U);
	kvfree(d);
}

static int bus_begin(struct kunit *test)
{
	vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	if (!vm)
		return -ENOMEM;
	io_bus_init(vm);
	prandom_seed_state(&random, 1);
	memset(devices, 0, sizeof(devices));
	return 0;
}

static void bus_end(struct kunit *test)
{
	if (vm)
		io_bus_free(vm);
	rcu_barrier();
}

static struct kunit_case io_bus_cases[] = {
	KUNIT_CASE(finds_what_a_plain_search_finds),
	KUNIT_CASE(number_of_devices),
	{}
};

static struct kunit_suite io_bus_suite = {
	.name = "vmxdbg-io-bus",
	.init = bus_begin,
	.exit = bus_end,
	.test_cases = io_bus_cases,
};

kunit_test_suite(io_bus_suite);
