// SPDX-License-Identifier: MIT
/* Model-specific registers that gdb shows as registers. */
#include "guest/reg_features.h"

#define MSR(n, t, which)	MSR_OF(n, 64, t, which)

#define MSR_OF(n, b, t, which)	{ MSR_FIELDS(n, b, t, which) }
#define MSR_FIELDS(n, b, t, which)					\
	.name = n, .bits = b, .type = t, .group = "system", .transient = true, \
	.sets = SET_MSRS, .written = REGS_MSRS, PLACE(msrs.value[REG_MSR_##which])

/* Pointers have 32 bits in gdb's i386. */
#define MSRS(code, data)						\
	MSR("star", "vmxdbg_star", STAR),				\
	MSR("lstar", code, LSTAR),					\
	MSR("cstar", code, CSTAR),					\
	MSR_OF("fmask", 32, "vmxdbg_fmask", FMASK),			\
	MSR("k_gs_base", data, KERNEL_GS_BASE),				\
	MSR("sysenter_cs", "uint64", SYSENTER_CS),			\
	MSR("sysenter_esp", data, SYSENTER_ESP),			\
	MSR("sysenter_eip", code, SYSENTER_EIP),			\
	MSR("pat", "vmxdbg_pat", PAT),					\
	MSR("misc_enable", "vmxdbg_misc_enable", MISC_ENABLE),		\
	MSR_OF("debugctl", 32, "vmxdbg_debugctl", DEBUGCTL),		\
	MSR_OF("spec_ctrl", 32, "vmxdbg_spec_ctrl", SPEC_CTRL),		\
	{ MSR_FIELDS("tsc", 64, "uint64", TSC), .counts = true },	\
	MSR("tsc_adjust", "int64", TSC_ADJUST),				\
	MSR("tsc_aux", "uint64", TSC_AUX)

static const struct reg msrs64[] = { MSRS("code_ptr", "data_ptr") };
static const struct reg msrs32[] = { MSRS("uint64", "uint64") };

static const char msrs_types[] =
	FLAGS("vmxdbg_star", 8)
	FIELD("EIP", 0, 31) FIELD("SYSCALL_CS", 32, 47) FIELD("SYSRET_CS", 48, 63)
	END_FLAGS
	FLAGS("vmxdbg_fmask", 4) RFLAGS_FIELDS FIELD("IOPL", 12, 13) END_FLAGS
	FLAGS("vmxdbg_pat", 8)
	FIELD("PA0", 0, 2) FIELD("PA1", 8, 10) FIELD("PA2", 16, 18) FIELD("PA3", 24, 26)
	FIELD("PA4", 32, 34) FIELD("PA5", 40, 42) FIELD("PA6", 48, 50) FIELD("PA7", 56, 58)
	END_FLAGS
	FLAGS("vmxdbg_misc_enable", 8)
	BIT_FIELD("FAST_STRING", 0) BIT_FIELD("TCC", 3) BIT_FIELD("EMON", 7)
	BIT_FIELD("BTS_UNAVAIL", 11) BIT_FIELD("PEBS_UNAVAIL", 12) BIT_FIELD("EIST", 16)
	BIT_FIELD("MWAIT", 18) BIT_FIELD("LIMIT_CPUID", 22) BIT_FIELD("XTPR_DISABLE", 23)
	BIT_FIELD("XD_DISABLE", 34)
	END_FLAGS
	FLAGS("vmxdbg_debugctl", 4)
	BIT_FIELD("LBR", 0) BIT_FIELD("BTF", 1) BIT_FIELD("BLD", 2) BIT_FIELD("TR", 6)
	BIT_FIELD("BTS", 7) BIT_FIELD("BTINT", 8) BIT_FIELD("BTS_OFF_OS", 9)
	BIT_FIELD("BTS_OFF_USR", 10) BIT_FIELD("FREEZE_LBRS", 11)
	BIT_FIELD("FREEZE_PERFMON", 12) BIT_FIELD("FREEZE_SMM", 14) BIT_FIELD("RTM", 15)
	END_FLAGS
	FLAGS("vmxdbg_spec_ctrl", 4)
	BIT_FIELD("IBRS", 0) BIT_FIELD("STIBP", 1) BIT_FIELD("SSBD", 2)
	END_FLAGS;

const struct feature reg_msrs64 = {
	.name = "org.vmxdbg.msrs", .types = msrs_types, .single = true, REGS(msrs64),
};

const struct feature reg_msrs32 = {
	.name = "org.vmxdbg.msrs", .types = msrs_types, .single = true, REGS(msrs32),
};
