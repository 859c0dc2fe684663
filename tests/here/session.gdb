# SPDX-License-Identifier: GPL-2.0-only
# gdb's part of check-here. Each line of session.want has to be printed.
set pagination off
set confirm off
set architecture i386
break *&again
continue
printf "software breakpoint at %d\n", (long)$pc == (long)&again
delete
stepi
printf "stepped to %d\n", (long)$pc - (long)&again
set $before = *(int *)&count
hbreak *&again
continue
printf "counted %d\n", *(int *)&count - $before
delete
watch *(int *)&count
continue
printf "watchpoint, %d new\n", *(int *)&count - $before
delete
detach
