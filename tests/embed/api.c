// SPDX-License-Identifier: MIT
/* Calls of libvmxgdb with wrong arguments, in a wrong order, and of old structures. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vmxgdb.h>

static int number, failures;

#define CHECK(condition) check(condition, #condition)

static void check(bool condition, const char *text)
{
	if (!condition)
		failures++;
	printf("%s %d - %s\n", condition ? "ok" : "not ok", ++number, text);
}

/* ---- a guest that does nothing ---- */

static struct vgdb_regs state;
static char ram[0x1000];

static int get_regs(void *context, uint32_t vcpu, struct vgdb_regs *regs)
{
	if (regs->size != sizeof(*regs))
		return -EINVAL;
	*regs = state;
	return 0;
}

static int set_regs(void *context, uint32_t vcpu, const struct vgdb_regs *regs)
{
	state = *regs;
	return 0;
}

/* Added to the counts that the operations on memory return */
static uint64_t too_much;

static uint64_t there(uint64_t gpa, uint64_t len)
{
	if (gpa >= sizeof(ram))
		return 0;
	return len < sizeof(ram) - gpa ? len : sizeof(ram) - gpa;
}

static int64_t read_memory(void *context, uint64_t gpa, void *data, uint64_t len)
{
	len = there(gpa, len);
	memcpy(data, ram + gpa, len);
	return len + too_much;
}

static int64_t write_memory(void *context, uint64_t gpa, const void *data, uint64_t len)
{
	len = there(gpa, len);
	memcpy(ram + gpa, data, len);
	return len + too_much;
}

static const struct vgdb_ops ops = {
	.size = sizeof(ops),
	.get_regs = get_regs,
	.set_regs = set_regs,
	.read_memory = read_memory,
	.write_memory = write_memory,
};

/* ---- a command and an object that do nothing ---- */

static int nothing(void *context, struct vgdb *g, int argc, char **argv)
{
	return 0;
}

static int no_object(void *context, struct vgdb *g, const char *annex)
{
	return -ENOENT;
}

static int no_register(void *context, uint32_t vcpu, void *value)
{
	return 0;
}

static const struct vgdb_register plain_register = {
	.size = sizeof(plain_register), .bits = 64, .name = "plain", .get = no_register,
};

static void wrong_registers(struct vgdb *g)
{
	struct vgdb_register r = plain_register;

	CHECK(vgdb_add_register(g, NULL, NULL) == -EINVAL);
	r.size--;
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	r = plain_register;
	r.name = "two words";
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	r.name = "1st";
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	r.name = "eax";
	CHECK(vgdb_add_register(g, &r, NULL) == -EEXIST);
	r = plain_register;
	r.type = "int32";
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	r.type = NULL;
	r.bits = 24;
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	r = plain_register;
	r.get = NULL;
	CHECK(vgdb_add_register(g, &r, NULL) == -EINVAL);
	CHECK(vgdb_add_register(g, &plain_register, NULL) == 0);
	CHECK(vgdb_add_register(g, &plain_register, NULL) == -EEXIST);
}

/* ---- constructors ---- */

static struct vgdb *with_size(size_t size, uint32_t vcpus)
{
	struct vgdb_ops changed = ops;

	changed.size = size;
	return vgdb_new(&changed, NULL, vcpus);
}

static void constructors(void)
{
	struct vgdb_ops without = ops;
	struct vgdb *g;

	CHECK(vgdb_version() == VGDB_VERSION);
	CHECK(!vgdb_new(NULL, NULL, 1) && errno == EINVAL);
	CHECK(!with_size(sizeof(ops), 0) && errno == EINVAL);
	CHECK(!with_size(sizeof(ops), VGDB_VCPUS_MAX + 1) && errno == EINVAL);
	CHECK(!with_size(0, 1) && errno == EINVAL);
	without.write_memory = NULL;
	CHECK(!vgdb_new(&without, NULL, 1) && errno == EINVAL);
	/* A program that knows the five operations alone, and one of a later version */
	g = with_size(offsetof(struct vgdb_ops, kick), 1);
	CHECK(g);
	vgdb_free(g);
	g = with_size(sizeof(ops), VGDB_VCPUS_MAX);
	CHECK(g && vgdb_add_vcpu(g) == -ENOSPC);
	vgdb_free(g);
	CHECK(!vgdb_new_kvm(-1) && errno == EBADF);
	CHECK(!vgdb_new_session(-1) && errno == EBADF);
	vgdb_free(NULL);
}

/* ---- packets ---- */

/* Take all that waits to be sent, with an acknowledgment of each packet. */
static const char *output(struct vgdb *g)
{
	static char text[70000];
	size_t len, at = 0;
	const void *out;

	while ((out = vgdb_output(g, &len), len)) {
		if (len >= sizeof(text) - at)
			len = sizeof(text) - at - 1;
		memcpy(text + at, out, len);
		at += len;
		vgdb_sent(g, len);
		vgdb_input(g, "+", 1);
	}
	text[at] = '\0';
	return text;
}

/* Return: what is sent in reply to the packet. */
static const char *ask(struct vgdb *g, const char *packet)
{
	char framed[256];
	unsigned char sum = 0;
	const char *p;

	for (p = packet; *p; p++)
		sum += *p;
	snprintf(framed, sizeof(framed), "$%s#%02x", packet, sum);
	vgdb_input(g, framed, strlen(framed));
	while (vgdb_wants_work(g))
		vgdb_work(g);
	return output(g);
}

static bool has(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	printf("# %s\n", text);
	return false;
}

static void conversation(void)
{
	struct vgdb *g = vgdb_new(&ops, NULL, 1);

	/* Nobody debugs: all goes on, and input is lost. */
	CHECK(vgdb_serve_until_resumed(g, 0, VGDB_BREAKPOINT) == VGDB_RUN);
	CHECK(vgdb_serve_until_resumed(g, 1, VGDB_NOTHING) == -EINVAL);
	CHECK(vgdb_interrupted(g, 0) == 0);
	CHECK(!strcmp(ask(g, "?"), ""));
	CHECK(vgdb_action(g, 0) == VGDB_RUN && vgdb_action(g, 7) == -EINVAL);
	CHECK(vgdb_report(g, 7, VGDB_STEPPED) == -EINVAL);
	CHECK(vgdb_detail_addr(g, 7, 1) == -EINVAL);
	CHECK(vgdb_detail_text(g, 7, 1, NULL) == -EINVAL);
	CHECK(vgdb_detail_text(g, ~0U, 1, NULL) == -EINVAL);

	CHECK(vgdb_connect(g) == 0 && vgdb_connect(g) == -EBUSY);
	CHECK(vgdb_action(g, 0) == VGDB_RUN);
	CHECK(has(ask(g, "?"), "T05"));
	CHECK(vgdb_action(g, 0) == VGDB_WAIT);
	CHECK(vgdb_interrupted(g, 0) == 1 && vgdb_interrupted(g, 1) == 0);
	CHECK(vgdb_interrupted(g, VGDB_VCPUS_MAX) == 0);

	/* int3 in memory, which the debugger does not see */
	ram[0x10] = 0x55;
	output(g);
	CHECK(has(ask(g, "Z0,10,1"), "OK"));
	CHECK(has(ask(g, "Z0,20,1"), "OK"));
	CHECK((unsigned char)ram[0x10] == 0xcc && vgdb_has_breakpoint(g, 0x10) == 1);
	CHECK(vgdb_has_breakpoint(g, 0x11) == 0);
	CHECK(has(ask(g, "m10,1"), "55"));
	CHECK(has(ask(g, "M10,2:6162"), "OK"));
	CHECK((unsigned char)ram[0x10] == 0xcc && ram[0x11] == 0x62);
	CHECK(has(ask(g, "m10,2"), "6162"));
	CHECK(has(ask(g, "Z2,10,4"), "$#00"));
	CHECK(has(ask(g, "Z0,1000,1"), "E"));

	/* A resume steps over the breakpoint at rip, and then runs. */
	state.rip = 0x10;
	ask(g, "vCont;c");
	CHECK(vgdb_action(g, 0) == VGDB_STEP && ram[0x10] == 0x61);
	vgdb_report(g, 0, VGDB_STEPPED);
	CHECK(vgdb_action(g, 0) == VGDB_RUN && (unsigned char)ram[0x10] == 0xcc);
	state.rip = 0x20;
	vgdb_report(g, 0, VGDB_BREAKPOINT);
	CHECK(vgdb_wants_event(g) == 1 && vgdb_action(g, 0) == VGDB_WAIT);
	vgdb_event(g);
	CHECK(has(output(g), "T05"));

	/* ^C, and a stop of the VMM's own */
	ask(g, "vCont;c");
	vgdb_input(g, "\003", 1);
	CHECK(has(output(g), "T02") && vgdb_action(g, 0) == VGDB_WAIT);
	ask(g, "vCont;s");
	CHECK(vgdb_action(g, 0) == VGDB_STEP);
	vgdb_detail_text(g, 0, 4, "no such device");
	vgdb_report(g, 0, VGDB_OWN);
	vgdb_event(g);
	CHECK(has(output(g), "T04"));

	CHECK(vgdb_add_command(g, "late", NULL, NULL, nothing, NULL) == -EBUSY);
	CHECK(vgdb_add_object(g, "late", no_object, NULL) == -EBUSY);
	CHECK(vgdb_add_register(g, &plain_register, NULL) == -EBUSY);
	CHECK(vgdb_finished(g) == 0);
	CHECK(has(ask(g, "D"), "OK") && vgdb_finished(g) == 1);
	vgdb_disconnect(g);
	CHECK(ram[0x10] == 0x61 && ram[0x20] == 0 && vgdb_action(g, 0) == VGDB_RUN);
	CHECK(vgdb_disconnect(g) == 0);
	vgdb_free(g);
}

/* A VMM's count of bytes is taken for no more than was asked for. */
static void exaggerated(void)
{
	struct vgdb *g = vgdb_new(&ops, NULL, 1);

	memcpy(ram + 0x40, "abcdefgh", 8);
	vgdb_connect(g);
	ask(g, "?");
	output(g);
	too_much = 0x100000;
	CHECK(has(ask(g, "m40,4"), "$61626364#"));
	CHECK(has(ask(g, "x40,4"), "$babcd#"));
	CHECK(has(ask(g, "M40,2:4142"), "OK"));
	CHECK(has(ask(g, "m40,3"), "$414263#"));
	too_much = 0;
	vgdb_free(g);
}

/* Memory is given back also if the handle is freed under the debugger. */
static void freed_early(void)
{
	struct vgdb *g = vgdb_new(&ops, NULL, 1);

	ram[0x30] = 0x11;
	vgdb_connect(g);
	ask(g, "?");
	output(g);
	ask(g, "Z0,30,1");
	CHECK((unsigned char)ram[0x30] == 0xcc);
	vgdb_free(g);
	CHECK(ram[0x30] == 0x11);
}

/* ---- page tables of the guest ---- */

static void paging(void)
{
	struct vgdb *g;

	memset(ram, 0, sizeof(ram));
	state = (struct vgdb_regs){ .size = sizeof(state), .system = 1 };
	state.cr0 = 0x80000001;
	state.cr4 = 0x20;
	state.efer = 0x500;
	state.cr3 = 0;
	state.segment[VGDB_CS].attributes = VGDB_SEGMENT_P | VGDB_SEGMENT_S | VGDB_SEGMENT_L | 11;
	/* Each level is the page at 0: a recursive table that maps 0 to 0 */
	ram[0] = 3;
	ram[0x800] = 0x77;
	g = vgdb_new(&ops, NULL, 1);
	vgdb_connect(g);
	ask(g, "?");
	output(g);
	CHECK(has(ask(g, "m800,1"), "77"));
	CHECK(has(ask(g, "m8000000000000,1"), "E"));
	CHECK(has(ask(g, "m1000,1"), "E"));
	CHECK(has(ask(g, "qRcmd,7472616e736c617465203078383030"), "OK"));
	vgdb_free(g);
	state = (struct vgdb_regs){ .size = sizeof(state) };
}

/* ---- the rest ---- */

static void settings(void)
{
	struct vgdb *g = vgdb_new(&ops, NULL, 1);
	char text[4];

	CHECK(vgdb_set_arch(g, "i386") == 0 && vgdb_set_arch(g, "auto") == 0);
	CHECK(vgdb_set_arch(g, "vax") == -EINVAL && vgdb_set_arch(g, NULL) == -EINVAL);
	CHECK(vgdb_listen(g, NULL) == -EINVAL);
	CHECK(vgdb_add_command(g, NULL, "", "", nothing, NULL) == -EINVAL);
	CHECK(vgdb_add_command(g, "none", "", "", NULL, NULL) == -EINVAL);
	CHECK(vgdb_add_command(g, "plain", NULL, NULL, nothing, NULL) == 0);
	CHECK(vgdb_add_object(g, NULL, no_object, NULL) == -EINVAL);
	CHECK(vgdb_add_object(g, "none", NULL, NULL) == -EINVAL);
	CHECK(vgdb_add_command(g, "two words", "", "", nothing, NULL) == -EINVAL);
	CHECK(vgdb_add_command(g, "", "", "", nothing, NULL) == -EINVAL);
	CHECK(vgdb_add_object(g, "a:b", no_object, NULL) == -EINVAL);
	wrong_registers(g);
	CHECK(vgdb_listen(g, "tcp:0") == 0 && vgdb_listen(g, "tcp:0") == -EBUSY);
	CHECK(vgdb_address(g, text, sizeof(text)) == -ENOBUFS);
	CHECK(vgdb_kvm_add_vcpu(g, 0, NULL) == -EOPNOTSUPP);
	CHECK(vgdb_kvm_add_memory(g, 0, 1, ram) == -EOPNOTSUPP);
	CHECK(vgdb_kvm_exit(g, 0) == -EINVAL);
	CHECK(vgdb_hold(g) == 0 && vgdb_action(g, 0) == VGDB_WAIT);
	CHECK(vgdb_ended(g) == 0 && vgdb_action(g, 0) == VGDB_RUN);
	CHECK(vgdb_start_thread(g) == 0 && vgdb_start_thread(g) == -EBUSY);
	vgdb_free(g);
}

/* ---- the process is the VMM's ---- */

static mode_t mode_of(const char *path)
{
	struct stat found;

	return stat(path, &found) < 0 ? 0 : found.st_mode & 07777;
}

/* Return: whether each thread but this one blocks SIGTERM, SIGALRM and SIGUSR1. */
static bool others_block_signals(void)
{
	const uint64_t wanted = 1ULL << (SIGTERM - 1) | 1ULL << (SIGALRM - 1) |
				1ULL << (SIGUSR1 - 1);
	char path[300], line[200];
	unsigned long long blocked;
	int others = 0, blocking = 0;
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	FILE *file;

	while (tasks && (task = readdir(tasks))) {
		if (*task->d_name == '.' || atoi(task->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		file = fopen(path, "r");
		others++;
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
				blocking += (blocked & wanted) == wanted;
		if (file)
			fclose(file);
	}
	if (tasks)
		closedir(tasks);
	return others && others == blocking;
}

static void manners(void)
{
	struct vgdb *g = vgdb_new(&ops, NULL, 1);
	char address[100];
	sigset_t before, after;

	snprintf(address, sizeof(address), "unix:/tmp/vgdb-api.%d", (int)getpid());
	umask(0);
	CHECK(vgdb_listen(g, address) == 0 && mode_of(address + 5) == 0600);
	CHECK(umask(022) == 0);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	CHECK(vgdb_start_thread(g) == 0 && others_block_signals());
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	CHECK(sigismember(&before, SIGALRM) == 0 && sigismember(&after, SIGALRM) == 0);
	vgdb_free(g);
	CHECK(!mode_of(address + 5));
}

int main(void)
{
	state.size = sizeof(state);
	puts("TAP version 13");
	constructors();
	conversation();
	exaggerated();
	freed_early();
	paging();
	settings();
	manners();
	printf("1..%d\n", number);
	return failures != 0;
}
