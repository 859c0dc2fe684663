// SPDX-License-Identifier: GPL-2.0-only
/* Rows about the kernel: its version, its headers, and whether it takes our module. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "report.h"

#define FLOOR_MAJOR	6
#define FLOOR_MINOR	1

#define MODULE_FILE	"/vmxdbg.ko"

#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ENROLLED_KEYS \
	"/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"

/* Attributes precede the value of a firmware variable. */
#define EFI_ATTRIBUTES	4

/* Certificates that DKMS signs modules with: Debian's path and Ubuntu's. */
static const char * const dkms_keys[] = {
	"/var/lib/dkms/mok.pub",
	"/var/lib/shim-signed/mok/MOK.der",
};

enum boot { BOOT_BIOS, BOOT_INSECURE, BOOT_SECURE };

static enum boot boot_mode(const struct host *host)
{
	char value[EFI_ATTRIBUTES + 2];

	if (!host_has(host, "/sys/firmware/efi"))
		return BOOT_BIOS;
	if (host_read(host, SECURE_BOOT, value, sizeof(value)) > EFI_ATTRIBUTES &&
	    value[EFI_ATTRIBUTES] == 1)
		return BOOT_SECURE;
	return BOOT_INSECURE;
}

/* Return: whether the firmware's list of keys has the certificate at @path */
static bool is_enrolled(const struct host *host, const char *path)
{
	size_t key_length = 0, list_length = 0;
	char *key = host_read_all(host, path, &key_length);
	char *list = host_read_all(host, ENROLLED_KEYS, &list_length);
	bool found = key && list && key_length && memmem(list, list_length, key, key_length);

	free(key);
	free(list);
	return found;
}

static const char *dkms_key(const struct host *host)
{
	for (size_t i = 0; i < sizeof(dkms_keys) / sizeof(dkms_keys[0]); i++)
		if (host_has(host, dkms_keys[i]))
			return dkms_keys[i];
	return NULL;
}

/* The word in brackets is the mode that is on: "none [integrity] confidentiality". */
static bool read_lockdown(const struct host *host, char mode[HOST_LINE])
{
	char line[HOST_LINE], *begin, *end;

	if (!host_line(host, "/sys/kernel/security/lockdown", line))
		return false;
	begin = strchr(line, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end)
		return false;
	*end = '\0';
	strcpy(mode, begin + 1);
	return true;
}

static bool enforces_signatures(const struct host *host)
{
	char line[HOST_LINE];

	return host_line(host, "/sys/module/module/parameters/sig_enforce", line) && line[0] == 'Y';
}

static void check_version(const struct host *host)
{
	if (!host->release[0]) {
		report(UNKNOWN, "Linux", "/proc/sys/kernel/osrelease cannot be read");
		report_advice("Mount /proc, or look at --root.");
	} else if (host->major < FLOOR_MAJOR ||
		   (host->major == FLOOR_MAJOR && host->minor < FLOOR_MINOR)) {
		report(NO, "Linux", "%s", host->release);
		report_advice("vmxdbg needs Linux %d.%d or newer.", FLOOR_MAJOR, FLOOR_MINOR);
	} else {
		report(YES, "Linux", "%s", host->release);
	}
}

/* Return: whether depmod has found the module for this kernel */
static bool is_installed(const struct host *host)
{
	char path[HOST_LINE + 64], *list, *found;
	size_t length;
	bool installed = false;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", host->release);
	list = host_read_all(host, path, &length);
	for (found = list; found && !installed; ) {
		found = strstr(found, MODULE_FILE);
		if (!found)
			break;
		found += strlen(MODULE_FILE);
		/* ".ko:", or compressed, ".ko.xz:" */
		installed = *found == ':' || *found == '.';
	}
	free(list);
	return installed;
}

static bool has_headers(const struct host *host)
{
	char path[HOST_LINE + 64];

	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", host->release);
	return host->release[0] && host_has(host, path);
}

static void check_headers(const struct host *host, bool have_module)
{
	if (has_headers(host)) {
		report(YES, "kernel headers", "/lib/modules/%s/build", host->release);
		return;
	}
	report(have_module ? NOTE : NO, "kernel headers", "none for %s",
	       host->release[0] ? host->release : "this kernel");
	report_advice("To build the module: apt install linux-headers-%s",
		      host->release[0] ? host->release : "amd64");
}

static void check_module(const struct host *host, bool loaded, bool installed)
{
	if (loaded || installed) {
		report(YES, "module", loaded ? "loaded" : "installed for this kernel");
		return;
	}
	report(NOTE, "module", "not installed for this kernel");
	report_advice("apt install vmxdbg-dkms builds it for each kernel, or see README.md.");
}

static void check_boot(enum boot boot)
{
	static const char * const names[] = {
		[BOOT_BIOS] = "no UEFI", [BOOT_INSECURE] = "off", [BOOT_SECURE] = "on",
	};

	report(YES, "Secure Boot", "%s", names[boot]);
}

/* An unsigned module gets EPERM from lockdown, EKEYREJECTED where only signatures count. */
static void check_signature(const struct host *host, bool loaded, enum boot boot)
{
	const char *key = dkms_key(host);
	char mode[HOST_LINE];
	bool known = read_lockdown(host, mode);
	bool locked = known && strcmp(mode, "none");
	bool enforced = enforces_signatures(host);

	if (known)
		report(YES, "lockdown", "%s", mode);
	else if (boot == BOOT_SECURE && !enforced)
		report(NOTE, "lockdown", "/sys/kernel/security/lockdown cannot be read");
	else
		report(YES, "lockdown", "this kernel has none");

	if (!known && boot == BOOT_SECURE)
		locked = true;
	if (!locked && !enforced) {
		report(YES, "unsigned modules", "the kernel takes them");
		return;
	}
	if (loaded) {
		report(YES, "signed modules only", "vmxdbg is loaded: its key is known");
		return;
	}
	if (key && is_enrolled(host, key)) {
		report(YES, "signed modules only", "the key of DKMS is enrolled: %s", key);
		return;
	}
	report(NO, "signed modules only", "%s",
	       locked ? "the kernel is locked down: an unsigned vmxdbg.ko gets EPERM" :
	       "an unsigned vmxdbg.ko gets EKEYREJECTED");
	report_advice("Install vmxdbg-dkms, as DKMS signs what it builds, and enroll its key: "
		      "mokutil --import %s, reboot, and confirm at the blue screen (\"Enroll MOK\").",
		      key ? key : dkms_keys[0]);
}

void check_module_loads(const struct host *host)
{
	bool loaded = host_has(host, "/sys/module/vmxdbg");
	bool installed = is_installed(host);
	enum boot boot = boot_mode(host);

	report_section("Kernel");
	check_version(host);
	check_headers(host, loaded || installed);
	check_module(host, loaded, installed);
	check_boot(boot);
	check_signature(host, loaded, boot);
}
