# The session of `make demo`. Each part starts with a line with its name; demo.want
# has the patterns that must follow.
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
python
frame = gdb.selected_frame()
third = frame.architecture().disassemble(frame.pc(), count=3)[2]["addr"]
gdb.execute("break *%#x" % third)
end
info breakpoints
continue
x/2i $pc

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
python
import os, signal, threading
threading.Timer(8, os.kill, (os.getpid(), signal.SIGINT)).start()
end
continue
info registers rip
backtrace 4

echo \n== detach\n
detach
