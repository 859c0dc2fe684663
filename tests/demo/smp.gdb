# A guest with two CPUs. Each part starts with a line with its name; smp.want has the
# patterns that must follow.
set pagination off
set confirm off
set width 0
set print frame-arguments none
set style enabled off

python
def pc(thread):
    gdb.execute("thread %d" % thread, to_string=True)
    return int(gdb.parse_and_eval("(unsigned long)$pc"))
end

echo \n== connect\n
source connect.gdb
info threads

echo \n== start-up of the second\n
hbreak start_secondary
continue
info threads
delete

echo \n== the first meanwhile\n
thread 1
backtrace 6

echo \n== step one\n
set scheduler-locking on
python
first, second = pc(1), pc(2)
for i in range(3):
    gdb.execute("stepi")
print("%#x -> %#x, %#x -> %#x" % (first, pc(1), second, pc(2)))
if pc(1) == first and pc(2) != second:
    print("stepped 2, not 1")
end
set scheduler-locking off

echo \n== both in one breakpoint\n
break default_idle
python
seen = set()
for i in range(50):
    gdb.execute("continue", to_string=True)
    seen.add(gdb.selected_thread().num)
    if len(seen) == 2:
        break
print("hit by", " and ".join(map(str, sorted(seen))))
end
delete

# The guest finds no init, panics, and reboots.
echo \n== reset\n
break start_secondary
python
gdb.execute("set var loops_per_jiffy = 0x5eed")
end
continue
python
if int(gdb.parse_and_eval("loops_per_jiffy")) != 0x5eed:
    print("second start")
end
delete

echo \n== detach\n
detach
