// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rights of the daemon's process.
 *
 * The module asks at each attach for the right to trace the VMM, as ptrace does: either
 * user and group are those of the VMM, or the process has CAP_SYS_PTRACE. So a daemon that
 * root has started for the VMs of all users keeps this capability, and cannot use it for
 * anything else.
 */
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_status.h"
#include "log.h"
#include "rights.h"

#define NOBODY		65534	/* also without /etc/passwd, in an initramfs */
#define CAPS_MAX	64
#define X32_CALLS	0x40000000

struct ids {
	uid_t uid;
	gid_t gid;
};

/* ---- names: without NSS, which a static program does not have ---- */

static bool parse_id(const char *text, unsigned int *id)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value >= ~0U)
		return false;
	*id = value;
	return true;
}

static bool find_group(const char *name, gid_t *gid)
{
	FILE *file = parse_id(name, gid) ? NULL : fopen("/etc/group", "re");
	struct group *group;
	bool found = false;

	if (!file)
		return parse_id(name, gid);
	while (!found && (group = fgetgrent(file)))
		found = !strcmp(group->gr_name, name);
	if (found)
		*gid = group->gr_gid;
	fclose(file);
	return found;
}

/* A number without an entry has the group with the same number. */
static bool find_user(const char *name, struct ids *ids)
{
	FILE *file = fopen("/etc/passwd", "re");
	bool number = parse_id(name, &ids->uid);
	struct passwd *user;
	bool found = false;

	while (file && !found && (user = fgetpwent(file))) {
		found = number ? user->pw_uid == ids->uid : !strcmp(user->pw_name, name);
		if (found)
			*ids = (struct ids){ user->pw_uid, user->pw_gid };
	}
	if (file)
		fclose(file);
	if (number && !found)
		ids->gid = ids->uid;
	return number || found;
}

/* USER or USER:GROUP */
static int parse_user(const char *text, struct ids *ids)
{
	const char *colon = strchr(text, ':');
	char name[64];

	snprintf(name, sizeof(name), "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	if (!find_user(name, ids)) {
		log_say(LOG_ERROR, "--user: there is no user \"%s\"", name);
		return EXIT_FAILED;
	}
	if (colon && !find_group(colon + 1, &ids->gid)) {
		log_say(LOG_ERROR, "--user: there is no group \"%s\"", colon + 1);
		return EXIT_FAILED;
	}
	return 0;
}

/* ---- capabilities ---- */

static void limit_caps(bool ptrace)
{
	unsigned int cap;

	/* Nothing is executed, so this matters little, and may fail in a container. */
	for (cap = 0; cap < CAPS_MAX; cap++)
		if (!ptrace || cap != CAP_SYS_PTRACE)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static int set_caps(bool ptrace)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (ptrace)
		data[0].effective = data[0].permitted = 1U << CAP_SYS_PTRACE;
	return syscall(SYS_capset, &header, data);
}

/* With CAP_SYS_PTRACE other processes could be traced: only the module shall be asked. */
static void forbid_tracing(void)
{
#define FORBID(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* x32 has other numbers for the same calls */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		FORBID(SYS_ptrace),
		FORBID(SYS_process_vm_readv),
		FORBID(SYS_process_vm_writev),
		FORBID(SYS_process_madvise),
		FORBID(SYS_pidfd_getfd),
		FORBID(SYS_kcmp),
		FORBID(SYS_perf_event_open),
		FORBID(SYS_execve),
		FORBID(SYS_execveat),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
		log_say(LOG_DEBUG, "this kernel has no seccomp filters");
}

/* ---- the change ---- */

/* Return: 0, or -1 with errno set. */
static int become(const struct ids *ids, bool ptrace)
{
	limit_caps(ptrace);
	if (prctl(PR_SET_KEEPCAPS, ptrace, 0, 0, 0) < 0 ||
	    setgroups(1, &ids->gid) < 0 ||
	    setresgid(ids->gid, ids->gid, ids->gid) < 0 ||
	    setresuid(ids->uid, ids->uid, ids->uid) < 0 ||
	    set_caps(ptrace) < 0)
		return -1;
	if (ptrace)
		forbid_tracing();
	log_say(LOG_DEBUG, "user %u, group %u, %s", ids->uid, ids->gid,
		ptrace ? "CAP_SYS_PTRACE" : "no capability");
	return 0;
}

static int cannot_become(const char *who)
{
	log_say(LOG_ERROR, "cannot become %s: %s; --user root lets vmxdbgd stay root", who,
		strerror(errno));
	return EXIT_FAILED;
}

int rights_drop(const char *user)
{
	struct ids ids = { NOBODY, NOBODY };
	int status;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid()) {
		if (!user)
			return 0;
		log_say(LOG_ERROR, "--user is for a vmxdbgd that root starts");
		return EXIT_FAILED;
	}
	if (!user) {
		find_user("nobody", &ids);
		find_group("vmxdbg", &ids.gid);
		return become(&ids, true) < 0 ? cannot_become("nobody") : 0;
	}
	status = parse_user(user, &ids);
	if (status || !ids.uid)
		return status;
	return become(&ids, false) < 0 ? cannot_become(user) : 0;
}
