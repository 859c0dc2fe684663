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

echo \n== page tables\n
monitor pt $rip
monitor slots
monitor idt 14
python
import re
def monitor(command):
    return gdb.execute("monitor " + command, to_string=True)
def physical(text):
    found = re.search(r"physical (0x[0-9a-f]+), (.*)", text)
    return found and (found[1], re.search("r[w-][x-] \\w+", found[2])[0])
maps = monitor("maps 0xffffffff80000000").splitlines()
places = [0, 0x800000000000, 0xffffffffffffffff]
places += [int(line[:16], 16) for line in maps[:3] + maps[-2:]]
differ = [hex(a) for a in places
          if physical(monitor("pt %#x" % a)) != physical(monitor("translate %#x" % a))]
print("%d ranges are mapped, at %d addresses pt and translate differ: %s" %
      (len(maps), len(differ), " ".join(differ[:5])))
end

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
