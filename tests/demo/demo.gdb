# What `make demo` shows. Each part starts with a line of its own; tests/demo/demo
# looks for what must follow it.
set pagination off
set confirm off
set width 0
set print frame-arguments none
set style enabled off

echo \n== connect\n
source connect.gdb
info registers rip
info threads

echo \n== hardware breakpoint\n
hbreak *start_kernel
continue
delete

echo \n== software breakpoint\n
break start_kernel
info breakpoints
continue
x/i $pc

echo \n== backtrace\n
backtrace
delete

echo \n== step a source line\n
next
next

echo \n== read a variable\n
print linux_banner

echo \n== watch a variable change\n
watch system_state
continue
backtrace 3
delete

echo \n== virtual memory\n
x/s linux_banner

echo \n== physical memory\n
maintenance packet Qqemu.PhyMemMode:1
python gdb.execute("x/s %#x" % (int(gdb.parse_and_eval("(unsigned long)linux_banner")) - 0xffffffff80000000))
maintenance packet Qqemu.PhyMemMode:0

echo \n== continue and interrupt\n
shell (sleep 15; kill -INT $PPID) &
continue
info registers rip
backtrace 4

echo \n== detach\n
detach
