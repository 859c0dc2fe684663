// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop the guest of a VMM for some seconds, and let it run on:
 *	hold_time PID SECONDS stop|run
 * The last word is what the guest's time does meanwhile.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmxdbg-client.h>

int main(int argc, char **argv)
{
	int device = vmxdbg_open(NULL), session;

	if (argc != 4 || device < 0)
		err(1, "hold_time PID SECONDS stop|run");
	session = vmxdbg_attach_pid(device, atoi(argv[1]));
	if (session < 0)
		err(1, "cannot attach");
	if (!strcmp(argv[3], "run") && vmxdbg_set_time(session, VMXDBG_TIME_RUN))
		err(1, "cannot let the time run");
	if (vmxdbg_stop(session, VMXDBG_ALL_VCPUS))
		err(1, "cannot stop");
	sleep(atoi(argv[2]));
	if (vmxdbg_resume(session, VMXDBG_ALL_VCPUS))
		err(1, "cannot resume");
	return 0;
}
