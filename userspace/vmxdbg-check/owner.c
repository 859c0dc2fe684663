// SPDX-License-Identifier: GPL-2.0-only
/* Rows about the hypervisor that holds VMX: KVM, which vmxdbg runs beside, or another. */
#include <stdio.h>

#include "owner.h"
#include "report.h"

/* From 6.19 on, the kernel lets no module but KVM's turn VMX on. */
#define KVM_ONLY_MAJOR	6
#define KVM_ONLY_MINOR	19

/* Hypervisors that do not share VMX. */
static const struct {
	const char *module, *product;
} others[] = {
	{ "vboxdrv", "VirtualBox" },
	{ "vmmon", "VMware" },
	{ "jailhouse", "Jailhouse" },
};

static bool is_set(const struct host *host, const char *path)
{
	char line[HOST_LINE];

	return host_line(host, path, line) && (line[0] == 'Y' || line[0] == '1');
}

static bool only_kvm_may(const struct host *host)
{
	return host->major > KVM_ONLY_MAJOR ||
	       (host->major == KVM_ONLY_MAJOR && host->minor >= KVM_ONLY_MINOR);
}

static void check_kvm(const struct host *host)
{
	bool nested = is_set(host, "/sys/module/kvm_intel/parameters/nested");
	bool at_load = is_set(host, "/sys/module/kvm/parameters/enable_virt_at_load");

	if (host_has(host, "/sys/module/kvm_intel")) {
		report(YES, "KVM", "kvm_intel is loaded and holds VMX%s%s",
		       at_load ? " all the time" : " while it has a VM",
		       nested ? ", nested" : "");
	} else if (only_kvm_may(host)) {
		report(NO, "KVM", "kvm_intel is not loaded");
		report_advice("From Linux 6.19 on, only KVM can turn VMX on: modprobe kvm_intel.");
	} else {
		report(YES, "KVM", "kvm_intel is not loaded: vmxdbg turns VMX on itself");
	}
}

static void check_others(const struct host *host)
{
	char path[HOST_LINE];

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", others[i].module);
		if (!host_has(host, path))
			continue;
		report(NOTE, others[i].product, "its module %s is loaded", others[i].module);
		report_advice("%s does not share VMX. Stop its guests before you use vmxdbg.",
			      others[i].product);
	}
}

void check_owner(const struct host *host)
{
	report_section("VMX is held by");
	check_kvm(host);
	check_others(host);
	if (host_has(host, "/sys/module/vmxdbg"))
		report(YES, "vmxdbg", "loaded");
	else
		report(YES, "vmxdbg", "not loaded");
}
