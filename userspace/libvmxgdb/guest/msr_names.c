// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <strings.h>

#include "guest/msr_names.h"

static const struct {
	uint32_t number;
	const char *name;
} msrs[] = {
	{ 0x10, "tsc" },
	{ 0x17, "platform_id" },
	{ 0x1b, "apic_base" },
	{ 0x3a, "feature_control" },
	{ 0x3b, "tsc_adjust" },
	{ 0x48, "spec_ctrl" },
	{ 0x49, "pred_cmd" },
	{ 0x79, "bios_updt_trig" },
	{ 0x8b, "bios_sign_id" },
	{ 0xce, "platform_info" },
	{ 0xe7, "mperf" },
	{ 0xe8, "aperf" },
	{ 0xfe, "mtrrcap" },
	{ 0x10a, "arch_capabilities" },
	{ 0x10b, "flush_cmd" },
	{ 0x122, "tsx_ctrl" },
	{ 0x140, "misc_features_enables" },
	{ 0x174, "sysenter_cs" },
	{ 0x175, "sysenter_esp" },
	{ 0x176, "sysenter_eip" },
	{ 0x179, "mcg_cap" },
	{ 0x17a, "mcg_status" },
	{ 0x17b, "mcg_ctl" },
	{ 0x198, "perf_status" },
	{ 0x199, "perf_ctl" },
	{ 0x19a, "clock_modulation" },
	{ 0x19c, "therm_status" },
	{ 0x1a0, "misc_enable" },
	{ 0x1b0, "energy_perf_bias" },
	{ 0x1c4, "xfd" },
	{ 0x1c5, "xfd_err" },
	{ 0x1d9, "debugctl" },
	{ 0x1db, "lastbranchfromip" },
	{ 0x1dc, "lastbranchtoip" },
	{ 0x1dd, "lastintfromip" },
	{ 0x1de, "lastinttoip" },
	{ 0x277, "pat" },
	{ 0x2ff, "mtrr_def_type" },
	{ 0x345, "perf_capabilities" },
	{ 0x38d, "fixed_ctr_ctrl" },
	{ 0x38e, "perf_global_status" },
	{ 0x38f, "perf_global_ctrl" },
	{ 0x390, "perf_global_ovf_ctrl" },
	{ 0x480, "vmx_basic" },
	{ 0x600, "ds_area" },
	{ 0x6e0, "tsc_deadline" },
	{ 0x802, "x2apic_apicid" },
	{ 0x808, "x2apic_tpr" },
	{ 0x80b, "x2apic_eoi" },
	{ 0x80f, "x2apic_sivr" },
	{ 0x830, "x2apic_icr" },
	{ 0x832, "x2apic_lvt_timer" },
	{ 0x838, "x2apic_init_count" },
	{ 0x83f, "x2apic_self_ipi" },
	{ 0xda0, "xss" },
	{ 0x40000000, "hv_guest_os_id" },
	{ 0x40000001, "hv_hypercall" },
	{ 0x4b564d00, "kvm_wall_clock_new" },
	{ 0x4b564d01, "kvm_system_time_new" },
	{ 0xc0000080, "efer" },
	{ 0xc0000081, "star" },
	{ 0xc0000082, "lstar" },
	{ 0xc0000083, "cstar" },
	{ 0xc0000084, "fmask" },
	{ 0xc0000084, "sfmask" },
	{ 0xc0000084, "syscall_mask" },
	{ 0xc0000100, "fs_base" },
	{ 0xc0000101, "gs_base" },
	{ 0xc0000102, "kernel_gs_base" },
	{ 0xc0000102, "k_gs_base" },
	{ 0xc0000103, "tsc_aux" },
};

#define NR_MSRS	(sizeof(msrs) / sizeof(*msrs))

const char *msr_name(uint32_t number)
{
	size_t i;

	for (i = 0; i < NR_MSRS; i++)
		if (msrs[i].number == number)
			return msrs[i].name;
	return NULL;
}

int64_t msr_named(unsigned int i)
{
	return i < NR_MSRS ? (int64_t)msrs[i].number : -1;
}

bool msr_find(const char *name, uint64_t *number)
{
	size_t i;

	if (!strncasecmp(name, "msr_", 4))
		name += 4;
	if (!strncasecmp(name, "ia32_", 5))
		name += 5;
	for (i = 0; i < NR_MSRS; i++) {
		if (!strcasecmp(msrs[i].name, name)) {
			*number = msrs[i].number;
			return true;
		}
	}
	return false;
}
