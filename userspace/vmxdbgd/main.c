// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmxdbgd: lets gdb debug guests of the vmxdbg module over its remote protocol.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "guest/target.h"
#include "list.h"
#include "log.h"
#include "options.h"
#include "server.h"
#include "target_device.h"

static int run(const struct options *options, int device)
{
	struct target *target = target_new(options, device);
	int status;

	if (!target) {
		log_say(LOG_ERROR, "there is no memory");
		return EXIT_FAILED;
	}
	if (options->list)
		status = list_vms(target, options->json);
	else
		status = server_run(options, device, target);
	target->ops->close(target);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int device, status;

	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	if (log_open(options.log_level, options.log_file) < 0) {
		log_say(LOG_ERROR, "%s: %s", options.log_file, strerror(errno));
		return EXIT_FAILED;
	}
	device = device_open(&options);
	if (device < 0) {
		log_say(LOG_ERROR, "%s: %s%s", options.device, strerror(errno),
			errno == ENOENT ? "; is the module loaded?" : "");
		return EXIT_FAILED;
	}
	status = run(&options, device);
	close(device);
	return status;
}
