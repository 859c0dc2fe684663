/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wrappers of the VMX instructions, without any policy. The VMCS accessors use the
 * current VMCS of this CPU: the caller has disabled preemption and loaded the right VMCS
 * (vmcs_get() in vmcs_slot.h).
 *
 * Each instruction has an exception table entry. After reboot or kexec has turned VMX
 * off on this CPU, the instruction faults and is skipped, and the vCPU notices it before
 * the next VM entry.
 */
#ifndef VMXDBG_VMX_VMCS_H
#define VMXDBG_VMX_VMCS_H

#include <linux/compiler.h>
#include <linux/kconfig.h>
#include <linux/types.h>
#include <asm/asm.h>
#include <asm/vmx.h>

/* Warn once about an instruction that failed, which is a fault of the module. */
__cold void vmcs_read_failed(unsigned long field);
__cold void vmcs_write_failed(unsigned long field, u64 value);
__cold void vmx_insn_failed(const char *insn, u64 operand);

/* Return: the field, or 0 if VMX is off. Kernels with CONFIG_DEBUG_VM hear of a failure. */
static __always_inline u64 vmcs_read(unsigned long field)
{
	u64 value = 0;
	bool failed;

	/* The fault clears the register. */
	if (!IS_ENABLED(CONFIG_DEBUG_VM)) {
		asm volatile("1: vmread %1, %0\n"
			     "2:\n"
			     _ASM_EXTABLE_TYPE_REG(1b, 2b, EX_TYPE_ZERO_REG, %0)
			     : "=r" (value) : "r" (field) : "cc");
		return value;
	}
	/* A fault leaves the flags as they were: not a failure. */
	asm volatile("test %%rsp, %%rsp\n"
		     "1: vmread %2, %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+r" (value), "=@ccbe" (failed) : "r" (field));
	if (unlikely(failed))
		vmcs_read_failed(field);
	return value;
}

static __always_inline u32 vmcs_read32(unsigned long field)
{
	return vmcs_read(field);
}

static __always_inline void vmcs_write(unsigned long field, u64 value)
{
	asm goto("1: vmwrite %1, %0\n"
		 "jna %l[failed]\n"
		 "2:\n"
		 _ASM_EXTABLE(1b, 2b)
		 : : "r" (field), "rm" (value) : "cc" : failed);
	return;
failed:
	vmcs_write_failed(field, value);
}

/* @pa: host-physical address of the VMXON region. Return: 0, -EIO. */
static inline int vmx_vmxon(u64 pa)
{
	bool failed = true;	/* kept if VMXON faults */

	asm volatile("1: vmxon %1\n"
		     "setna %0\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+qm" (failed) : "m" (pa) : "cc", "memory");
	return failed ? -EIO : 0;
}

static inline void vmx_vmxoff(void)
{
	asm volatile("1: vmxoff\n2:\n" _ASM_EXTABLE(1b, 2b) : : : "cc", "memory");
}

static inline void vmx_vmclear(u64 pa)
{
	asm goto("1: vmclear %0\n"
		 "jna %l[failed]\n"
		 "2:\n" _ASM_EXTABLE(1b, 2b)
		 : : "m" (pa) : "cc", "memory" : failed);
	return;
failed:
	vmx_insn_failed("vmclear", pa);
}

static inline void vmx_vmptrld(u64 pa)
{
	asm goto("1: vmptrld %0\n"
		 "jna %l[failed]\n"
		 "2:\n" _ASM_EXTABLE(1b, 2b)
		 : : "m" (pa) : "cc", "memory" : failed);
	return;
failed:
	vmx_insn_failed("vmptrld", pa);
}

/* VMPTRST stores this if no VMCS is current (SDM vol. 3, 31.3). */
#define VMPTR_NONE	(~0ULL)

/* Return: host-physical address of the current VMCS, or VMPTR_NONE. */
static inline u64 vmx_vmptrst(void)
{
	u64 pa = VMPTR_NONE;

	asm volatile("1: vmptrst %0\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+m" (pa) : : "cc", "memory");
	return pa;
}

/* INVEPT (SDM vol. 3, 31.3). @type: 1 for one context, 2 for all contexts. */
static inline void vmx_invept(unsigned long type, u64 eptp)
{
	struct {
		u64 eptp, zero;
	} operand = { eptp, 0 };

	asm goto("1: invept %0, %1\n"
		 "jna %l[failed]\n"
		 "2:\n" _ASM_EXTABLE(1b, 2b)
		 : : "m" (operand), "r" (type) : "cc", "memory" : failed);
	return;
failed:
	vmx_insn_failed("invept", eptp);
}

/* INVVPID (SDM vol. 3, 31.3). @type: 1 for one context, 2 for all contexts. */
static inline void vmx_invvpid(unsigned long type, u16 vpid)
{
	struct {
		u64 vpid, gva;
	} operand = { vpid, 0 };

	asm goto("1: invvpid %0, %1\n"
		 "jna %l[failed]\n"
		 "2:\n" _ASM_EXTABLE(1b, 2b)
		 : : "m" (operand), "r" (type) : "cc", "memory" : failed);
	return;
failed:
	vmx_insn_failed("invvpid", vpid);
}

#endif
