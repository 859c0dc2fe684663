// SPDX-License-Identifier: GPL-2.0-only
/* Rows about /dev/vmxdbg and the right to use it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "group.h"
#include "report.h"

#define DEVICE	"/dev/vmxdbg"
#define GROUP	"vmxdbg"

static void advise_denied(const struct host *host, const struct stat *status)
{
	bool for_group = (status->st_mode & 060) == 060;
	struct group_info group;

	if (!group_find(&group, host, GROUP))
		report_advice("Run as root. The package vmxdbg-dkms has a udev rule that gives the "
			      "device to a group " GROUP ".");
	else if (status->st_gid != group.gid || !for_group)
		report_advice("The group " GROUP " has not been given the device. As root: "
			      "udevadm control --reload, then udevadm trigger " DEVICE ".");
	else if (group.listed && !group.active)
		report_advice("%s is in the group " GROUP ", but this session is older: log in again.",
			      group.user);
	else
		report_advice("As root: adduser %s " GROUP "; then log in again.", group.user);
}

static void check_open(const struct host *host)
{
	struct stat status = { 0 };
	int fd = host_file(host, DEVICE, O_RDWR), path;

	if (fd >= 0) {
		close(fd);
		report(YES, DEVICE, "this user may open it");
		return;
	}
	report(NO, DEVICE, "this user cannot open it: %s", strerror(-fd));
	path = host_file(host, DEVICE, O_PATH);
	if (path >= 0) {
		fstat(path, &status);
		close(path);
	}
	if (fd == -EACCES || fd == -EPERM)
		advise_denied(host, &status);
	else
		report_advice("Unload the module and load it again: rmmod vmxdbg; modprobe vmxdbg.");
}

void check_device(const struct host *host)
{
	report_section("Permission");
	if (host_has(host, DEVICE)) {
		check_open(host);
	} else if (host_has(host, "/sys/module/vmxdbg")) {
		report(NO, DEVICE, "the module is loaded, but the device is not there");
		report_advice("Mount devtmpfs at /dev; in a container, have the device passed in.");
	} else {
		report(NOTE, DEVICE, "not there, as the module is not loaded");
		report_advice("As root: modprobe vmxdbg. At each boot: uncomment the line in "
			      "/etc/modules-load.d/vmxdbg.conf.");
	}
}
