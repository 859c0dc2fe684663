// SPDX-License-Identifier: GPL-2.0-only
/* PAUSE-loop exits: a vCPU waits for another one, which may need its CPU (SDM vol. 3, 25.1.3). */
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <asm/vmx.h>

#include "run/pause.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vcpu/vmcs_init.h"
#include "vm.h"
#include "vmx/vmcs.h"

/* In TSC ticks. A vCPU gives its CPU away after that many, so this is less than a time slice. */
#define PAUSE_WINDOW_MOST	(16 * PAUSE_WINDOW)

/* A vCPU that waits for long exits less often: the window doubles at the same PAUSE. */
static void set_window(struct vcpu *vcpu)
{
	u64 rip = vmcs_read(GUEST_RIP);
	u32 window = PAUSE_WINDOW;

	if (rip == vcpu->pause.rip)
		window = min_t(u32, 2 * vcpu->pause.window, PAUSE_WINDOW_MOST);
	if (window != vcpu->pause.window)
		vmcs_write(PLE_WINDOW, window);
	vcpu->pause.rip = rip;
	vcpu->pause.window = window;
}

int exit_pause(struct vcpu *vcpu)
{
	set_window(vcpu);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_SLOW;
}

/* Return: whether a CPU for its thread would let it execute guest code. */
static bool wants_cpu(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->in_run) && READ_ONCE(vcpu->guest_cpu) < 0 &&
	       !rcuwait_active((struct rcuwait *)&vcpu->wait);
}

/* Return: whether the CPU was given to the thread of @vcpu. */
static bool give_cpu(struct vcpu *vcpu)
{
	struct task_struct *task;
	bool given = false;
	struct pid *pid;

	spin_lock(&vcpu->vm->dbg_lock);
	pid = get_pid(vcpu->pid);
	spin_unlock(&vcpu->vm->dbg_lock);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (task) {
		given = yield_to(task, true) > 0;
		put_task_struct(task);
	}
	return given;
}

/* The others take turns: the search begins behind this vCPU. */
int exit_pause_slow(struct vcpu *vcpu)
{
	unsigned int i = vcpu->id + 1;
	struct vcpu *other;

	for (; (other = vm_next_vcpu(vcpu->vm, &i)); i++)
		if (wants_cpu(other) && give_cpu(other))
			return RUN_RESUME;
	for (i = 0; (other = vm_next_vcpu(vcpu->vm, &i)) && other != vcpu; i++)
		if (wants_cpu(other) && give_cpu(other))
			break;
	return RUN_RESUME;
}
