set pagination off
set confirm off
set width 0
set style enabled off
set remotetimeout 60
source connect.gdb
echo \n== begin\n
x/i $pc
info registers rip cr3 efer
echo \n== software breakpoint\n
break leaf
continue
backtrace
x/4xb leaf
echo \n== step\n
stepi
x/i $pc
finish
echo \n== registers\n
set $rbx = 0x123456789
set $xmm3.uint128 = 5
stepi
p/x $rbx
p $xmm3.uint128
echo \n== own int3\n
p *(long *)&breaks
delete
hbreak work
continue
continue
p *(long *)&breaks
echo \n== watchpoint\n
delete
watch *(long *)&counter
continue
x/i $pc
delete
echo \n== translate\n
monitor translate 0x10000
monitor phys 0x400000
echo \n== end\n
set var *(int *)&finish = 1
continue
