// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows about the processor's VMX features: from the capability MSRs, or from
 * /proc/cpuinfo, which tells less, where the MSRs cannot be read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controls.h"
#include "cpuinfo.h"
#include "msr.h"
#include "processor.h"
#include "report.h"

/* IA32_FEATURE_CONTROL (SDM vol. 3, 24.7) */
#define FEATURE_LOCKED		(1U << 0)
#define FEATURE_VMX		(1U << 2)

#define NO_EXEC_ONLY \
	"Nothing needs to be done. A guest that reads its own code sees software breakpoints."

struct features {
	enum answer ept, exec_only, mtf, unrestricted, vpid;
};

static enum answer needed(bool has)
{
	return has ? YES : NO;
}

static enum answer useful(bool has)
{
	return has ? YES : NOTE;
}

static void feature(enum answer answer, const char *name, const char *advice)
{
	report(answer, name, "%s", "");
	if (answer != YES)
		report_advice("%s", advice);
}

static void print_features(const struct features *f)
{
	feature(f->ept, "EPT", "vmxdbg needs a processor with EPT: Intel's since 2008.");
	feature(f->exec_only, "execute-only EPT", NO_EXEC_ONLY);
	feature(f->mtf, "monitor trap flag",
		"vmxdbg needs a processor with MTF: Intel's since 2008. "
		"In a virtual machine, the outer hypervisor has to offer it.");
	feature(f->unrestricted, "unrestricted guest",
		"vmxdbg needs a processor with it: Intel's since 2010. "
		"For KVM as outer hypervisor, see unrestricted_guest of kvm_intel.");
	feature(f->vpid, "VPID",
		"Nothing needs to be done. Each VM exit then flushes translations.");
}

/* Return: the descriptor of the first CPU's MSRs, or -1 after a sentence about the reason. */
static int open_msrs(const struct host *host, int *cpu, const char **hint)
{
	int fd;

	*cpu = msr_next_cpu(host, -1);
	if (*cpu < 0) {
		*hint = "For a full check: modprobe msr, and run vmxdbg-check as root.";
		return -1;
	}
	fd = msr_open(host, *cpu);
	if (fd >= 0)
		return fd;
	*hint = fd == -EACCES || fd == -EPERM ?
		"For a full check, run vmxdbg-check as root." :
		"/dev/cpu/*/msr cannot be read: the full check is not possible.";
	return -1;
}

static void report_no_vmx(const struct cpuinfo *info)
{
	report(NO, "VMX", "%s", info->model);
	if (cpuinfo_has(info->flags, "svm"))
		report_advice("This is a processor of AMD's kind. vmxdbg needs one with Intel VMX.");
	else if (cpuinfo_has(info->flags, "hypervisor"))
		report_advice("This is a virtual machine without VMX. Have the outer hypervisor offer it "
			      "(KVM: kvm_intel nested=1, and QEMU's -cpu host).");
	else
		report_advice("Turn on VT-x (\"Intel Virtualization Technology\") in the firmware's setup; "
			      "if it has no such item, the processor has no VMX.");
}

/* Check IA32_FEATURE_CONTROL of one CPU. Return: whether the module accepts it */
static bool firmware_allows(int cpu, uint64_t control)
{
	if ((control & FEATURE_LOCKED) && (control & FEATURE_VMX))
		return true;
	report(NO, "firmware", "IA32_FEATURE_CONTROL of CPU %d is %#llx: %s", cpu,
	       (unsigned long long)control,
	       control & FEATURE_LOCKED ? "VMX is locked off" : "it is not locked");
	report_advice("%s", control & FEATURE_LOCKED ?
		      "Turn on VT-x (\"Intel Virtualization Technology\") in the firmware's setup, "
		      "then turn the machine off and on." :
		      "Linux locks this MSR when it boots: is this kernel built without Intel support?");
	return false;
}

/* Return: whether CPU @cpu allows VMX and has the same features as @first */
static bool check_cpu(const struct host *host, int cpu, const struct vmx_caps *first)
{
	uint64_t control = 0;
	struct vmx_caps caps;
	int fd = msr_open(host, cpu);
	bool ok;

	if (fd < 0) {
		report(UNKNOWN, "every CPU", "the MSRs of CPU %d cannot be read: %s", cpu,
		       strerror(-fd));
		report_advice("Run vmxdbg-check again; CPUs may have come or gone.");
		return false;
	}
	ok = !msr_read(fd, MSR_FEATURE_CONTROL, &control) || firmware_allows(cpu, control);
	controls_read(&caps, fd);
	close(fd);
	if (!ok || !memcmp(&caps, first, sizeof(caps)))
		return ok;
	report(NO, "every CPU", "CPU %d has other VMX features than the first", cpu);
	report_advice("vmxdbg needs equal VMX features on every CPU: turn CPU %d off "
		      "(echo 0 > /sys/devices/system/cpu/cpu%d/online), or update the microcode.",
		      cpu, cpu);
	return false;
}

static void check_all_cpus(const struct host *host, const struct vmx_caps *first)
{
	int cpu, count = 0;

	for (cpu = msr_next_cpu(host, -1); cpu >= 0; cpu = msr_next_cpu(host, cpu)) {
		if (!check_cpu(host, cpu, first))
			return;
		count++;
	}
	report(YES, "every CPU", "%d, with VMX turned on by the firmware", count);
}

/* Controls without a row of their own. */
static void check_other_controls(const struct vmx_caps *caps, bool xsave)
{
	const char *basic = controls_lacking_basic(caps);
	const struct control *c;
	char missing[400] = "";
	size_t i = 0, length = 0;

	for (; (c = controls_lacking(caps, &i)); i++)
		length += snprintf(missing + length, sizeof(missing) - length, "%s%s",
				   length ? ", " : "", c->name);
	if (basic && length < sizeof(missing))
		length += snprintf(missing + length, sizeof(missing) - length, "%s%s",
				   length ? ", " : "", basic);
	if (!xsave && length < sizeof(missing))
		length += snprintf(missing + length, sizeof(missing) - length, "%sXSAVE",
				   length ? ", " : "");
	if (!length) {
		report(YES, "all controls", "that the module uses");
		return;
	}
	report(NO, "all controls", "missing: %s", missing);
	report_advice("The module refuses this processor. In a virtual machine, the outer "
		      "hypervisor has to offer these features.");
}

static void check_by_msrs(const struct host *host, const struct cpuinfo *info, int msrs)
{
	uint64_t control;
	struct vmx_caps caps;
	struct features f;

	/* A processor without VMX and SMX has no such MSR. */
	if (!cpuinfo_has(info->flags, "vmx") && !msr_read(msrs, MSR_FEATURE_CONTROL, &control)) {
		report_no_vmx(info);
		return;
	}
	controls_read(&caps, msrs);
	if (!caps.basic) {
		report_no_vmx(info);
		return;
	}
	report(YES, "VMX", "%s", info->model);
	check_all_cpus(host, &caps);
	f = (struct features){
		.ept = needed(controls_has_ept(&caps)),
		.exec_only = useful(controls_has_exec_only(&caps)),
		.mtf = needed(controls_has_mtf(&caps)),
		.unrestricted = needed(controls_has_unrestricted(&caps)),
		.vpid = useful(controls_has_vpid(&caps)),
	};
	print_features(&f);
	check_other_controls(&caps, cpuinfo_has(info->flags, "xsave"));
}

static void check_by_cpuinfo(const struct cpuinfo *info, const char *hint)
{
	const char *vmx = info->vmx_flags;
	struct features f;

	/* The kernel drops the flag where the firmware has turned VMX off. */
	if (!cpuinfo_has(info->flags, "vmx")) {
		report_no_vmx(info);
		report_advice("%s", hint);
		return;
	}
	report(YES, "VMX", "%s", info->model);
	if (!vmx) {
		report(UNKNOWN, "EPT, MTF and others", "/proc/cpuinfo has no \"vmx flags\"");
		report_advice("%s", hint);
		return;
	}
	f = (struct features){
		.ept = needed(cpuinfo_has(vmx, "ept")),
		.exec_only = useful(cpuinfo_has(vmx, "ept_x_only")),
		.mtf = needed(cpuinfo_has(vmx, "mtf")),
		.unrestricted = needed(cpuinfo_has(vmx, "unrestricted_guest")),
		.vpid = useful(cpuinfo_has(vmx, "vpid")),
	};
	print_features(&f);
	report(NOTE, "all controls", "not checked: this is from /proc/cpuinfo");
	report_advice("%s", hint);
}

void check_processor(const struct host *host)
{
	struct cpuinfo info;
	const char *hint;
	int cpu, msrs;

	report_section("Processor");
	if (!cpuinfo_read(&info, host)) {
		report(UNKNOWN, "VMX", "/proc/cpuinfo cannot be read");
		report_advice("Mount /proc, or look at --root.");
		return;
	}
	msrs = open_msrs(host, &cpu, &hint);
	if (msrs >= 0) {
		check_by_msrs(host, &info, msrs);
		close(msrs);
	} else {
		check_by_cpuinfo(&info, hint);
	}
	cpuinfo_free(&info);
}

int print_msrs(const struct host *host)
{
	int cpu = msr_next_cpu(host, -1), fd = cpu < 0 ? -ENOENT : msr_open(host, cpu);
	uint64_t value;

	if (fd < 0) {
		fprintf(stderr, "vmxdbg-check: /dev/cpu/*/msr: %s; modprobe msr, and be root.\n",
			strerror(-fd));
		return 1;
	}
	if (msr_read(fd, MSR_FEATURE_CONTROL, &value))
		printf("%#05x %#018llx\n", MSR_FEATURE_CONTROL, (unsigned long long)value);
	for (uint32_t msr = MSR_VMX_BASIC; msr <= MSR_VMX_LAST; msr++)
		if (msr_read(fd, msr, &value))
			printf("%#05x %#018llx\n", msr, (unsigned long long)value);
	close(fd);
	return 0;
}
