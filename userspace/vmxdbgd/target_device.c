// SPDX-License-Identifier: GPL-2.0-only
/* VMs of the vmxdbg module, found by the options, as target. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmxdbg-client.h>

#include "options.h"
#include "session/session_target.h"
#include "target_device.h"

struct device_target {
	struct session_target session;
	struct target_ops ops;
	const struct options *options;
	int device;
	long long id;		/* VM of the last session; -1 if there is none */
};

static struct device_target *to_device(struct target *t)
{
	return (struct device_target *)t;
}

/* Attach to the only VM, because the options name none. */
static int attach_only(struct device_target *d)
{
	struct vmxdbg_vm_info *vms;
	int count = vmxdbg_list(d->device, &vms);
	int fd = -1;

	if (count == 1)
		fd = vmxdbg_attach(d->device, vms[0].id);
	else if (count >= 0)
		errno = count ? ENOTUNIQ : ENOENT;
	if (count > 0)
		free(vms);
	return fd;
}

static int attach_named(struct device_target *d)
{
	if (d->options->vm >= 0)
		return vmxdbg_attach(d->device, d->options->vm);
	if (d->options->pid > 0)
		return vmxdbg_attach_pid(d->device, d->options->pid);
	return attach_only(d);
}

/* Attach to the VM of the last session again, even if there are others now. */
static int device_attach(struct target *t, uint32_t vm)
{
	struct device_target *d = to_device(t);
	struct vmxdbg_info info;
	int fd;

	if (vm != TARGET_ANY_VM)
		fd = vmxdbg_attach(d->device, vm);
	else if (d->id >= 0)
		fd = vmxdbg_attach(d->device, d->id);
	else
		fd = attach_named(d);
	if (fd < 0) {
		if (errno == ENOENT)
			d->id = -1;
		return errno == EEXIST ? -ENOTUNIQ : -errno;
	}
	d->session.session = fd;
	if (vmxdbg_get_info(fd, &info) == 0)
		d->id = info.vm;
	return 0;
}

static void device_detach(struct target *t)
{
	struct device_target *d = to_device(t);

	session_target_close_ring(&d->session);
	if (d->session.session >= 0)
		close(d->session.session);
	d->session.session = -1;
}

static int device_list(struct target *t, struct vmxdbg_vm_info **vms)
{
	int count = vmxdbg_list(to_device(t)->device, vms);

	return count < 0 ? -errno : count;
}

static void device_close(struct target *t)
{
	device_detach(t);
	free(t);
}

int device_open(const struct options *options)
{
	return vmxdbg_open(options->device);
}

struct target *target_new(const struct options *options, int device)
{
	struct device_target *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->ops = session_target_ops;
	d->ops.attach = device_attach;
	d->ops.detach = device_detach;
	d->ops.list = device_list;
	d->ops.close = device_close;
	d->session.target.ops = &d->ops;
	d->session.session = -1;
	d->options = options;
	d->id = -1;
	d->device = device;
	return &d->session.target;
}
