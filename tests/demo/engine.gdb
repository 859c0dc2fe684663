# What the engine alone can do, with gdb's own commands, on a guest with two CPUs. Each
# part starts with a line with its name; engine.want has the patterns that must follow.
set pagination off
set confirm off
set width 0
set print frame-arguments none
set style enabled off
set breakpoint condition-evaluation target
set dprintf-style agent

# The guest's program writes "guest: tick N". gdb translates no letters to its bytecode.
define tick_written
	tbreak *ksys_write if $rdx > 13 && *(char *)$rsi == 103 && ((char *)$rsi)[12] == $arg0
end

echo \n== connect\n
source connect.gdb
info threads

echo \n== dprintf by the agent\n
dprintf do_one_initcall,"initcall at %p\n",fn
tbreak run_init_process
continue
monitor hits
delete

echo \n== exception as a signal\n
monitor catch exception 14
handle SIGSEGV stop print
continue
print $_siginfo.si_signo
print/x $_siginfo._sifields._sigfault.si_addr
monitor why
python
for i in range(3):
    gdb.execute("continue")
end

echo \n== exceptions that pass\n
handle SIGSEGV nostop noprint pass
tick_written 48+2
continue
monitor catch
monitor uncatch all
delete

echo \n== tracepoint\n
trace *ksys_write if $rdx > 13 && *(char *)$rsi == 103
actions
collect $regs
collect *(char *)$rsi@12
end
passcount 100
tick_written 48+5
tstart
continue
tstop
tstatus
tfind start
tdump
x/8c $rsi
tfind
tfind none
delete

echo \n== steps at a tracepoint\n
tvariable $seen = 0
trace *ksys_write if $rdx > 13 && *(char *)$rsi == 103
actions
collect $regs
teval $seen = $seen + 1
while-stepping 4
collect $rip, $rsp
end
end
tick_written 48+7
tstart
continue
tstop
tstatus
info tvariables
tfind start
print $seen
python
places = []
for i in range(5):
    places.append(int(gdb.parse_and_eval("(unsigned long)$rip")))
    gdb.execute("tfind", to_string=True)
print("%d places, the first is ksys_write: %s" % (len(set(places)),
      places[0] == int(gdb.parse_and_eval("(unsigned long)&ksys_write"))))
end
tfind none
delete

echo \n== record and go back\n
python
def pc():
    return int(gdb.parse_and_eval("(unsigned long)$pc"))
places = [pc()]
gdb.execute("record full")
for i in range(6):
    gdb.execute("stepi", to_string=True)
    places.append(pc())
gdb.execute("reverse-stepi", to_string=True)
gdb.execute("reverse-stepi", to_string=True)
print("back at %#x, which was place %d of 6" % (pc(), places.index(pc())))
gdb.execute("record stop")
end

echo \n== core file\n
python
import os, subprocess, tempfile
core = os.path.join(tempfile.mkdtemp(dir="."), "core")
program = gdb.current_progspace().filename
gdb.execute("symbol-file")    # all sections of a kernel are much for a serial line
gdb.execute("gcore " + core)
gdb.execute("symbol-file " + program)
notes = subprocess.run(["readelf", "-nW", core], stdout=subprocess.PIPE, text=True).stdout
print("the core file has %d threads" % notes.count("NT_PRSTATUS"))
end

echo \n== detach\n
detach

echo \n== non-stop\n
set non-stop on
source connect.gdb
info threads
tbreak *ksys_write if $rdx > 13 && *(char *)$rsi == 103
python
# The first returns when gdb has learned that the second vCPU is stopped as well.
stopped = []
for i in range(5):
    gdb.execute("continue -a")
    stopped = [t for t in gdb.selected_inferior().threads() if t.is_stopped()]
    if stopped:
        stopped[0].switch()
        if "ksys_write" in str(gdb.selected_frame().name()):
            break
end
info threads
print jiffies != 0
stepi
x/i $pc
detach
