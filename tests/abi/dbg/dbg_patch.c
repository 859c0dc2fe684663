// SPDX-License-Identifier: GPL-2.0-only
/*
 * Visibility of a session's int3s: with execute-only EPT no reader sees them, else
 * the guest reads them as long as they are set.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

#define INT3		0xcc
#define WHY_BP		VMXDBG_WHY_BREAKPOINT
#define WHY_WATCH	VMXDBG_WHY_WATCH

/*
 * Loops for ever: 0xc000 counts rounds, 0xc008 has the last round's sum of the code.
 * The code with the breakpoint never executes, so nothing stops.
 */
GUEST64(summer,
	"1: lea summer_begin(%rip), %rsi; mov $summer_end - summer_begin, %ecx; xor %eax, %eax\n"
	"2: movzbl (%rsi), %edx; rol $1, %eax; add %edx, %eax; inc %rsi; loop 2b\n"
	"mov %rax, 0xc008; incq 0xc000; jmp 1b\n"
	"summer_here: nop; nop");
LABEL(summer_here);

static const struct vmm_options running = { .no_hold = true };

static u32 add(int fd, u32 type, u64 addr, u64 len)
{
	return session_must_add(fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = len });
}

/* add a breakpoint in a guest that runs */
static u32 insert(int fd, u64 addr)
{
	u32 id;

	CHECK_OK(session_stop(fd, 0));
	id = add(fd, VMXDBG_BP_SOFT, addr, 1);
	CHECK_OK(session_resume(fd, 0, 0));
	return id;
}

static void delete(int fd, u32 id)
{
	CHECK_OK(ioctl(fd, VMXDBG_DEL_BP, (unsigned long)id));
}

/* Return: the sum of a round that began after the call. */
static u32 sum_of(struct vmm *vmm)
{
	volatile u64 *data = &DATA64(&vmm->vm, 0);
	u64 before = data[0];
	unsigned int ms;

	for (ms = 0; ms < 10000 && data[0] < before + 2; ms++)
		sleep_ms(1);
	REQUIRE(data[0] >= before + 2);
	return data[1];
}

static void one_of_two_features(void)
{
	u32 either = VMXDBG_FEATURE_HOOKS | VMXDBG_FEATURE_PATCH;
	struct vmxdbg_info info;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(summer), NULL);
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_INFO, &info));
	CHECK((info.features & either) && (info.features & either) != either);
	CHECK(info.max_breakpoints >= 64);
}

/* ---- while they are there ---- */

GUEST64(reader,
	"nop\n"
	"reader_here: nop\n"
	"movb reader_here(%rip), %al; mov %al, 0xc000\n"
	"lock incb reader_here(%rip)\n"		/* 0x91: xchg %eax, %ecx */
	"movb reader_here(%rip), %al; mov %al, 0xc001\n"
	"reader_end_of_it: hlt");
LABEL(reader_here); LABEL(reader_end_of_it);

static void check_byte(struct dbg *d, u64 addr, u8 byte)
{
	u8 got;

	CHECK_EQ(session_read(d->fd, 0, 0, addr, &got, 1), 1);
	CHECK_EQ(got, byte);
	CHECK_EQ(session_read(d->fd, 0, VMXDBG_MEM_PHYSICAL, addr, &got, 1), 1);
	CHECK_EQ(got, byte);
	CHECK_EQ(d->vmm.vm.mem[addr], byte);
}

/*
 * the int3 is hidden from the session and the VMM; the guest's writes go to the byte
 * below it
 */
static void who_can_read_the_int3(void)
{
	bool hides;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(reader), NULL);
	hides = session_hides(d.fd);
	add(d.fd, VMXDBG_BP_SOFT, AT(reader, reader_here), 1);
	resume_to(&d, WHY_BP, AT(reader, reader_here));
	check_byte(&d, AT(reader, reader_here), 0x90);
	dbg_finish(&d);
	CHECK_OK(session_stop(d.fd, 0));
	check_byte(&d, AT(reader, reader_here), 0x91);
	CHECK_EQ(d.vmm.vm.mem[0xc000], hides ? 0x90 : INT3);
	CHECK_EQ(d.vmm.vm.mem[0xc001], hides ? 0x91 : INT3);
}

/* a write of the session goes below the int3, and executes once the int3 is removed */
static void session_writes_under_it(void)
{
	u8 cld[] = { 0xfc, 0xfc }, std = 0xfd;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(reader), NULL);
	id = add(d.fd, VMXDBG_BP_SOFT, AT(reader, reader_here), 1);
	CHECK_EQ(session_write(d.fd, 0, 0, GUEST_CODE, cld, 2), 2);
	resume_to(&d, WHY_BP, AT(reader, reader_here));
	CHECK_EQ(session_write(d.fd, 0, 0, AT(reader, reader_here), &std, 1), 1);
	check_byte(&d, AT(reader, reader_here), 0xfd);
	delete(d.fd, id);
	add(d.fd, VMXDBG_BP_SOFT, AT(reader, reader_end_of_it), 1);
	resume_to(&d, WHY_BP, AT(reader, reader_end_of_it));
	CHECK_EQ(session_get_regs(d.fd, 0).rflags & 0x400, 0x400);	/* DF */
	CHECK_EQ(d.vmm.vm.mem[0xc000], 0xfd);
}

/* ---- the ways out ---- */

static void restored_on_deletion(void)
{
	struct dbg d;
	u32 id, sum;

	dbg_start(&d, MODE_LONG, PROG(summer), &running);
	sum = sum_of(&d.vmm);
	id = insert(d.fd, AT(summer, summer_here));
	CHECK_EQ(sum_of(&d.vmm) == sum, session_hides(d.fd));
	/*
	 * with a second breakpoint on the page, removing the first one removes that
	 * int3 only
	 */
	insert(d.fd, AT(summer, summer_end) + 8);
	delete(d.fd, id);
	CHECK_EQ(sum_of(&d.vmm), sum);
}

static void restored_on_detach(void)
{
	struct dbg d;
	u32 sum;

	dbg_start(&d, MODE_LONG, PROG(summer), &running);
	sum = sum_of(&d.vmm);
	insert(d.fd, AT(summer, summer_here));
	insert(d.fd, AT(summer, summer_here) + 1);
	sum_of(&d.vmm);
	close(d.fd);
	CHECK_EQ(sum_of(&d.vmm), sum);
}

/* insert a breakpoint, report that, and wait to be killed */
static void debugger(u32 id, int ready)
{
	int fd = CHECK_OK(attach(dev_open(), 0, id));

	insert(fd, AT(summer, summer_here));
	CHECK_EQ(write(ready, "", 1), 1);
	for (;;)
		pause();
}

static void restored_when_the_debugger_is_killed(void)
{
	struct vmm vmm;
	int ready[2];
	char c;
	pid_t pid;
	u32 sum;

	vmm_start(&vmm, MODE_LONG, PROG(summer), &running);
	sum = sum_of(&vmm);
	CHECK_OK(pipe(ready));
	pid = fork();
	if (!pid)
		debugger(vmm.id, ready[1]);
	CHECK_EQ(read(ready[0], &c, 1), 1);
	sum_of(&vmm);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(sum_of(&vmm), sum);
}

static void ram_is_as_it_was_when_the_vmm_is_killed(void)
{
	u8 before[0x1000];
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(summer), &running);
	memcpy(before, d.vmm.vm.mem + GUEST_CODE, sizeof(before));
	insert(d.fd, AT(summer, summer_here));
	sum_of(&d.vmm);
	vmm_kill(&d.vmm);
	CHECK(!memcmp(before, d.vmm.vm.mem + GUEST_CODE, sizeof(before)));
}

/* The VMM and its memory outlive the VM: one process is VMM and debugger here. */
static void ram_is_as_it_was_when_the_vm_ends(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL, .len = 1,
		.addr = AT(reader, reader_end_of_it), .options = (unsigned long)&count,
	};
	struct vmxdbg_object o = { };
	u8 before[0x1000];
	struct vcpu *v;
	struct vm vm;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(reader));
	fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	o.id = CHECK_OK(session_add_bp(fd, bp));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(fd, VMXDBG_GET_OBJECT, &o));
	CHECK_EQ(o.hits, 1);
	memcpy(before, reader_begin, reader_end - reader_begin);
	before[reader_here - reader_begin]++;	/* the guest incremented it */
	munmap(v->run, vm.run_size);
	close(v->fd);
	close(vm.fd);
	CHECK(!memcmp(before, vm.mem + GUEST_CODE, reader_end - reader_begin));
	close(fd);
	CHECK(!memcmp(before, vm.mem + GUEST_CODE, reader_end - reader_begin));
}

/* ---- the VMM forks and changes its mappings ---- */

#define ASK		0xc800	/* request to the VMM's other thread */
#define CHILDS		0xc801	/* the byte that a child of the VMM reads */
#define MOVED		0xc802	/* the byte that a page in its place has */

static void wait_byte(volatile u8 *byte, u8 value)
{
	unsigned int ms;

	for (ms = 0; ms < 10000 && *byte != value; ms++)
		sleep_ms(1);
	REQUIRE(*byte == value);
}

static void *other_thread(void *arg)
{
	struct vm *vm = arg;
	volatile u8 *ask = vm->mem + ASK;
	u8 *code = vm->mem + GUEST_CODE, page[4096];
	pid_t pid;

	wait_byte(ask, 1);
	pid = fork();
	if (!pid) {
		vm->mem[CHILDS] = code[AT(summer, summer_here) - GUEST_CODE];
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	*ask = 2;
	wait_byte(ask, 3);
	memcpy(page, code, sizeof(page));
	if (mmap(code, sizeof(page), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != code)
		return NULL;
	memcpy(code, page, sizeof(page));
	vm->mem[MOVED] = code[AT(summer, summer_here) - GUEST_CODE];
	*ask = 4;
	return NULL;
}

static void start_thread(struct vm *vm)
{
	pthread_t thread;

	REQUIRE(!pthread_create(&thread, NULL, other_thread, vm));
}

/* the guest waits meanwhile: it must not fetch from a page that is half written */
static void vmm_forks_and_remaps(void)
{
	volatile u8 *ask;
	struct dbg d;
	u32 sum;

	dbg_start(&d, MODE_LONG, PROG(summer),
		  &(struct vmm_options){ .no_hold = true, .prepare = start_thread });
	ask = d.vmm.vm.mem + ASK;
	sum = sum_of(&d.vmm);
	insert(d.fd, AT(summer, summer_here));
	sum_of(&d.vmm);
	*ask = 1;
	wait_byte(ask, 2);
	CHECK_EQ(d.vmm.vm.mem[CHILDS], *summer_here);
	CHECK_EQ(sum_of(&d.vmm) == sum, session_hides(d.fd));
	CHECK_OK(session_stop(d.fd, 0));
	*ask = 3;
	wait_byte(ask, 4);
	CHECK_EQ(d.vmm.vm.mem[MOVED], *summer_here);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(sum_of(&d.vmm) == sum, session_hides(d.fd));
	close(d.fd);
	CHECK_EQ(sum_of(&d.vmm), sum);
}

/* ---- code beside data whose reads are watched ---- */

GUEST64(own_page,
	"nop\n"
	"own_page_read: mov own_page_word(%rip), %eax\n"
	"own_page_after: incl own_page_word(%rip)\n"
	"own_page_both: mov own_page_beside(%rip), %eax\n"
	"lea own_page_begin(%rip), %rsi; mov $0xc000, %edi; movsb\n"
	"lea own_page_word(%rip), %rsi; movsl\n"
	"own_page_string: hlt\n"
	".align 8\nown_page_word: .long 7\nown_page_beside: .long 9");
LABEL(own_page_read); LABEL(own_page_after); LABEL(own_page_both); LABEL(own_page_string);
LABEL(own_page_word);

static void check_access(struct vmxdbg_event e, u64 insn, u32 access, u32 was, u32 is)
{
	CHECK_EQ(e.addr, AT(own_page, own_page_word));
	CHECK_EQ(e.size, 4);
	CHECK_EQ(e.insn, insn);
	CHECK_EQ(e.access, access | VMXDBG_ACCESS_GPA | VMXDBG_ACCESS_VALUES);
	CHECK_EQ(e.old_value, was);
	CHECK_EQ(e.new_value, is);
}

/* watches three bytes, which no debug register can */
static void reads_of_the_own_page(u32 type, bool broken)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(own_page), NULL);
	add(d.fd, type, AT(own_page, own_page_word), 3);
	if (broken) {
		add(d.fd, VMXDBG_BP_SOFT, AT(own_page, own_page_read), 1);
		add(d.fd, VMXDBG_BP_SOFT, AT(own_page, own_page_after), 1);
		resume_to(&d, WHY_BP, AT(own_page, own_page_read));
	}
	e = resume_to(&d, WHY_WATCH, AT(own_page, own_page_after));
	check_access(e, AT(own_page, own_page_read), VMXDBG_ACCESS_READ, 7, 7);
	if (broken)
		resume_to(&d, WHY_BP, AT(own_page, own_page_after));
	e = resume_to(&d, WHY_WATCH, AT(own_page, own_page_both));
	check_access(e, AT(own_page, own_page_after),
		     VMXDBG_ACCESS_READ | VMXDBG_ACCESS_WRITE, 7, 8);
	/* reads of the neighbouring bytes are no hits */
	e = resume_to(&d, WHY_WATCH, AT(own_page, own_page_string));
	CHECK_EQ(e.addr, AT(own_page, own_page_word));
	CHECK_EQ(e.access & 3, VMXDBG_ACCESS_READ);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0) & 0xff, 0x90);
}

static void read_watch_on_the_own_page(void)
{
	reads_of_the_own_page(VMXDBG_BP_READ, false);
}

static void access_watch_on_the_own_page(void)
{
	reads_of_the_own_page(VMXDBG_BP_ACCESS, false);
}

static void read_watch_beside_breakpoints(void)
{
	reads_of_the_own_page(VMXDBG_BP_READ, true);
}

static const struct test tests[] = {
	TEST(one_of_two_features),
	TEST(who_can_read_the_int3),
	TEST(session_writes_under_it),
	TEST(restored_on_deletion),
	TEST(restored_on_detach),
	TEST(restored_when_the_debugger_is_killed),
	TEST(ram_is_as_it_was_when_the_vmm_is_killed),
	TEST(ram_is_as_it_was_when_the_vm_ends),
	TEST(vmm_forks_and_remaps),
	TEST(read_watch_on_the_own_page),
	TEST(access_watch_on_the_own_page),
	TEST(read_watch_beside_breakpoints),
};

TAP_MAIN(tests)
