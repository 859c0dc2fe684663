# SPDX-License-Identifier: GPL-2.0-only
# Features of this kernel for compat.h, where no version tells: stable kernels take changes,
# too. Each Kbuild that compiles the module's sources includes this file.
# $(call has,NAME,FILE,PATTERN)
has = $(if $(shell grep -sE '$3' $2),-DCOMPAT_HAS_$1)
asm := $(srctree)/arch/x86/include/asm
ccflags-y += $(call has,SYSCORE,$(srctree)/include/linux/syscore_ops.h,^struct syscore \{)
ccflags-y += $(call has,EMERGENCY,$(asm)/reboot.h,cpu_emergency_register_virt_callback)
ccflags-y += $(call has,HRTIMER_SETUP,$(srctree)/include/linux/hrtimer.h,hrtimer_setup)
ccflags-y += $(call has,YOUNG_BOOL,$(srctree)/include/linux/mmu_notifier.h,bool \(\*clear_flush_young\))
ccflags-y += $(call has,CPUID_API,$(asm)/cpuid/api.h,cpuid_count)
ccflags-y += $(call has,EXEC_STATE,$(srctree)/include/linux/sched.h,struct task_exec_state)
ccflags-y += $(call has,WAIT_EXCLUSIVE,$(srctree)/include/linux/wait.h,add_wait_queue_priority_exclusive)
ccflags-y += $(call has,SNAPSHOT_ID,$(srctree)/include/linux/timekeeping.h,ktime_get_snapshot_id)
# Exported to KVM alone: the line of Module.symvers ends with the modules that may use it.
ccflags-y += $(call has,KVM_ONLY_CR4,$(objtree)/Module.symvers,\scr4_update_irqsoff\s.*\smodule:)
