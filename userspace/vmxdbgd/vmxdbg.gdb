# SPDX-License-Identifier: GPL-2.0-only
#
# gdb commands for guests of vmxdbgd, without Python:
#
#   gdb -x /usr/share/vmxdbg/vmxdbg.gdb -ex "target remote ..." vmlinux
#
# Each command sends the monitor command of the same name. Unlike monitor, it takes an
# expression of gdb where an address is wanted; spaces are not allowed in it. "help vmx-pt"
# tells more, and vmx- with the tab key lists all.

# In displaced stepping, gdb copies an instruction elsewhere into the guest's memory and runs
# it there. The module steps over breakpoints without that, and the guest would see the copy.
set displaced-stepping off

# A stop of the guest may last: the daemon answers, but searches of much memory take a while.
set remotetimeout 30

define hook-kill
  echo The VM belongs to its VMM: it is not killed, but goes on without the debugger.\n
end
document hook-kill
Tell that "kill" acts like "detach".
end

define vmx-help
  monitor help
end
document vmx-help
List the monitor commands of vmxdbgd.
Usage: vmx-help
end

define vmx-info
  if $argc == 0
    monitor info
  else
    monitor info $arg0
  end
end
document vmx-info
Show the VM and the limits of the debugger, or what QEMU's monitor prints.
Usage: vmx-info [registers|mem|tlb|status|cpus|mtree]
end

define vmx-vms
  monitor vms
end
document vmx-vms
List the VMs.
Usage: vmx-vms
end

define vmx-regs
  monitor regs
end
document vmx-regs
Show segments, control and debug registers of the vCPU.
Usage: vmx-regs
end

define vmx-arch
  if $argc == 0
    monitor arch
  else
    exec-file
    monitor arch $arg0
    unset tdesc filename
  end
end
document vmx-arch
Show or choose the registers that gdb sees, and the code that it disassembles.
Usage: vmx-arch [x86-64|i386|i8086|auto]
auto is by the mode in which the vCPU is. Symbols stay, but gdb forgets the executable file,
which decides about the architecture otherwise. Delete displays and conditions with $pc or
$sp before, and type them again: gdb ends when it evaluates them for another architecture.
end

define vmx-msr
  if $argc == 0
    monitor msr
  end
  if $argc == 1
    monitor msr $arg0
  end
  if $argc == 2
    eval "monitor msr $arg0 0x%llx", (unsigned long long)($arg1)
    maintenance flush register-cache
  end
end
document vmx-msr
Show model-specific registers of the vCPU, or write one.
Usage: vmx-msr [NAME|NUMBER [VALUE]]
Without NAME it shows all that the guest has. Some are registers as well, as $lstar.
end

define vmx-translate
  if $argc == 0
    eval "monitor translate 0x%llx", (unsigned long long)($pc)
  else
    eval "monitor translate 0x%llx", (unsigned long long)($arg0)
  end
end
document vmx-translate
Translate a linear address to a physical one.
Usage: vmx-translate [ADDR]
Without ADDR it is the next instruction.
end

define vmx-pt
  if $argc == 0
    eval "monitor pt 0x%llx", (unsigned long long)($pc)
  else
    eval "monitor pt 0x%llx", (unsigned long long)($arg0)
  end
end
document vmx-pt
Show the page table entries and EPT entries of a linear address.
Usage: vmx-pt [ADDR]
Without ADDR it is the next instruction.
end

define vmx-maps
  if $argc == 0
    monitor maps
  end
  if $argc == 1
    eval "monitor maps 0x%llx", (unsigned long long)($arg0)
  end
  if $argc > 1
    eval "monitor maps 0x%llx 0x%llx", (unsigned long long)($arg0), (unsigned long long)($arg1)
  end
end
document vmx-maps
Show the linear addresses that are mapped, and their rights.
Usage: vmx-maps [FROM [TO]]
end

define vmx-gva2gpa
  if $argc == 0
    eval "monitor gva2gpa 0x%llx", (unsigned long long)($pc)
  else
    eval "monitor gva2gpa 0x%llx", (unsigned long long)($arg0)
  end
end
document vmx-gva2gpa
Translate a linear address to a physical one.
Usage: vmx-gva2gpa [ADDR]
Without ADDR it is the next instruction.
end

define vmx-gva2hva
  if $argc == 0
    eval "monitor gva2hva 0x%llx", (unsigned long long)($pc)
  else
    eval "monitor gva2hva 0x%llx", (unsigned long long)($arg0)
  end
end
document vmx-gva2hva
Translate a linear address to one of the VMM.
Usage: vmx-gva2hva [ADDR]
Without ADDR it is the next instruction.
end

define vmx-gpa2hva
  eval "monitor gpa2hva 0x%llx", (unsigned long long)($arg0)
end
document vmx-gpa2hva
Translate a physical address to one of the VMM.
Usage: vmx-gpa2hva ADDR
end

define vmx-gpa2gva
  eval "monitor gpa2gva 0x%llx", (unsigned long long)($arg0)
end
document vmx-gpa2gva
Search the page tables for a physical address.
Usage: vmx-gpa2gva ADDR
end

define vmx-phys
  if $argc == 1
    eval "monitor phys 0x%llx", (unsigned long long)($arg0)
  else
    eval "monitor phys 0x%llx %llu", (unsigned long long)($arg0), (unsigned long long)($arg1)
  end
end
document vmx-phys
Show physical memory in hexadecimal and as text.
Usage: vmx-phys ADDR [LEN]
end

define vmx-xp
  if $argc == 1
    eval "monitor xp 0x%llx", (unsigned long long)($arg0)
  else
    eval "monitor xp$arg0 0x%llx", (unsigned long long)($arg1)
  end
end
document vmx-xp
Show physical memory in a format, like "x".
Usage: vmx-xp/NFU ADDR
end

define vmx-physical
  if $argc == 0
    monitor physical
  else
    monitor physical $arg0
  end
end
document vmx-physical
Let gdb read and write physical addresses.
Usage: vmx-physical [on|off]
end

define vmx-disas
  if $argc == 0
    monitor disas
  end
  if $argc == 1
    monitor disas $arg0
  end
  if $argc == 2
    eval "monitor disas $arg0 0x%llx", (unsigned long long)($arg1)
  end
  if $argc > 2
    eval "monitor disas $arg0 0x%llx %llu", (unsigned long long)($arg1), (unsigned long long)($arg2)
  end
end
document vmx-disas
Disassemble in a mode, which gdb's own command cannot choose.
Usage: vmx-disas [16|32|64 [ADDR [N]]]
Without a mode it is that of the vCPU.
end

define vmx-gdt
  if $argc == 0
    monitor gdt
  else
    monitor gdt $arg0
  end
end
document vmx-gdt
Show the descriptors of the global table.
Usage: vmx-gdt [SELECTOR]
end

define vmx-idt
  if $argc == 0
    monitor idt
  else
    monitor idt $arg0
  end
end
document vmx-idt
Show where interrupts and exceptions go.
Usage: vmx-idt [VECTOR]
end

define vmx-tss
  monitor tss
end
document vmx-tss
Show the task state segment.
Usage: vmx-tss
end

define vmx-slots
  monitor slots
end
document vmx-slots
List the memory slots.
Usage: vmx-slots
end

define vmx-objects
  monitor objects
end
document vmx-objects
List breakpoints, watchpoints and catches as the target has them, with hits.
Usage: vmx-objects
end

define vmx-prints
  monitor prints
end
document vmx-prints
Show what agent dprintf and recorded events have printed in non-stop mode.
Usage: vmx-prints
end

define vmx-stats
  if $argc == 0
    monitor stats
  else
    monitor stats $arg0
  end
end
document vmx-stats
Show how often the guest left the processor, and why.
Usage: vmx-stats [VCPU]
end

define vmx-hits
  monitor hits
end
document vmx-hits
Show how often each breakpoint was hit.
Usage: vmx-hits
end

define vmx-lapic
  monitor lapic
end
document vmx-lapic
Tell where the local APIC is.
Usage: vmx-lapic
end

define vmx-time
  if $argc == 0
    monitor time
  else
    monitor time $arg0
  end
end
document vmx-time
Hold the guest's time while all vCPUs are stopped, or let it run.
Usage: vmx-time [stop|run]
end

define vmx-irqs
  if $argc == 0
    monitor irqs
  else
    monitor irqs $arg0
  end
end
document vmx-irqs
Let interrupts into steps.
Usage: vmx-irqs [on|off]
end

define vmx-step
  if $argc == 0
    monitor step
  end
  if $argc == 1
    monitor step $arg0
  end
  if $argc > 1
    monitor step $arg0 $arg1
  end
end
document vmx-step
Choose what "stepi" does: one instruction, that and what it calls, to the next branch that is
taken, to the return of the function, or also into handlers of interrupts.
Usage: vmx-step [insn|over|branch|return|handler]
Return to insn before "continue".
end

define vmx-until
  monitor until $arg0
end
document vmx-until
Choose what the next "stepi" does.
Usage: vmx-until over|branch|return|handler
end

define vmx-nexti
  monitor until over
  stepi
end
document vmx-nexti
Step one instruction, and over what it calls: a function, the handler of INT n, INT3, INTO or an
exception, a system call.
Usage: vmx-nexti
gdb's nexti stops in a handler if the code has no frame pointer.
end

define vmx-space
  if $argc == 0
    monitor space
  else
    monitor space $arg0
  end
end
document vmx-space
Let new breakpoints stop only in the vCPU's address space, or in any.
Usage: vmx-space [this|any]
end

define vmx-why
  monitor why
end
document vmx-why
Show all about the last stop of the vCPU.
Usage: vmx-why
end

define vmx-reset
  monitor reset
  maintenance flush register-cache
end
document vmx-reset
Let the VMM reset the VM. All vCPUs are stopped at their beginning; breakpoints stay.
Usage: vmx-reset
end

define vmx-system_reset
  vmx-reset
end
document vmx-system_reset
The same as vmx-reset: QEMU's word.
Usage: vmx-system_reset
end

define vmx-nmi
  monitor nmi
end
document vmx-nmi
Make an NMI happen to the vCPU when it runs: QEMU's word.
Usage: vmx-nmi
end

define vmx-uncatch
  monitor uncatch $arg0
end
document vmx-uncatch
Delete what monitor catch, break or watch has added.
Usage: vmx-uncatch N|all
end

# These take any number of words, and addresses as monitor does; see "monitor help catch".
alias vmx-inject = monitor inject
alias vmx-catch = monitor catch
alias vmx-break = monitor break
alias vmx-watch = monitor watch
