// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz GUEST SEED ROUNDS: send random packets to the stub, under the
 * sanitizers. A seed determines all packets.
 *
 * Packets have the shape of real ones and are then damaged. After each of them
 * the stub must still reply correctly to a good packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_stub.h"

static const char *const shapes[] = {
	"qSupported:swbreak+;hwbreak+;error-message+", "QStartNoAckMode", "?",
	"g", "p10", "P10=0000010000000000", "G00", "p%x", "P%x=%x", "m%x,%x",
	"m10000,%x", "M10800,4:01020304", "M%x,%x:%x", "X10800,2:ab",
	"X%x,%x:}", "x10000,%x", "x%x,%x", "Hg%x", "Hc%x", "Hc-1", "Hg0",
	"T%x", "qC", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,%x",
	"qXfer:features:read:target.xml:%x,%x", "qXfer:threads:read::%x,%x",
	"qXfer:features:read:target.xml:0,fff", "qAttached", "vCont?",
	"vCont;c", "vCont;s", "vCont;s:1;c", "vCont;r10000,10100:1",
	"vCont;r%x,%x:%x;c:-1", "vCont;t", "vCont;C05:2;S02", "c", "s", "C05",
	"S05;%x", "c%x", "s%x", "P10=0005010000000000", "Z0,%x,1", "z0,%x,1", "Z0,10009,1", "z0,10009,1",
	"Z0,10012,1", "Z1,%x,1", "z1,%x,1", "Z2,10800,8", "z2,10800,8",
	"Z2,10801,%x", "Z4,10800,4", "z4,10800,4", "Z3,10800,1", "Z%x,%x,%x",
	"qRcmd,72656773", "qRcmd,%x", "qRcmd,76 6d73", "qRcmd,7068797320302034",
	"qRcmd,73706163652074686973", "qRcmd,696e666f", "qSearch:memory:0;%x;ab",
	"qSearch:memory:%x;%x;}", "qCRC:%x,%x", "qCRC:10000,100",
	"qqemu.PhyMemMode", "Qqemu.PhyMemMode:1", "Qqemu.PhyMemMode:0",
	"qqemu.sstepbits", "Qqemu.sstep=%x", "vMustReplyEmpty", "qSymbol::",
	"!", "R00", "vRun;", "vRun;%x", "vFile:open:00", "QNonStop:1", "QNonStop:0", "vStopped", "vCtrlC",
	"vCont;t:%x", "vCont;c:%x", "vCont;c:p7.%x", "D;7", "vAttach;7", "vAttach;%x",
	"Z0,10025,1;X4,26000127", "Z0,10025,1;X9,260001164022141327X3,220027",
	"Z0,10025,1;X10,2600012000102200210019260001220027", "Z1,10025,1;X3,220127",
	"Z0,10025,1;cmds:1,X18,2600011640220022003401000a72627820256c645c6e0027",
	"Z0,10011,1;X3,220127;cmds:0,Xe,220022003400000568695c6e0027Xe,220022003400000568695c6e0027",
	"Z0,10025,1;cmds:1,X13,230800220022003401000525730a002727", "Z0,10025,1;X6,200003220127X2,2227X1,27", "qRcmd,68697473",
	"Z0,10025,1;X6,200003220127X2,2227X1,27", "qRcmd,68697473",
	"QThreadSuffixSupported", "QListThreadsInStopReply", "QEnableErrorStrings", "qEcho:%x",
	"qHostInfo", "qProcessInfo", "qMemoryRegionInfo:%x", "qThreadStopInfo%x", "jThreadsInfo",
	"p10;thread:%x;", "P0=%x;thread:%x;", "g;thread:%x;", "g;thread:2;",
	"QTinit", "QTDP:1:10025:E:0:0-", "QTDP:-1:10025:R0fM-1,10800,8", "QTDP:2:10011:E:0:3",
	"QTDP:%x:%x:E:0:%x", "QTDP:-2:10011:X00000006,230800220827", "QTDP:-1:10025:M%x,%x,%x",
	"QTDP:3:10025:D:0:0:X3,220127-", "QTDP:-3:10025:Rffffffffffffffff-", "QTStart", "QTStart",
	"QTStop", "QTFrame:%x", "QTFrame:0", "QTFrame:1", "QTFrame:ffffffff", "QTFrame:tdp:%x",
	"QTFrame:range:%x:%x", "QTFrame:outside:%x:%x", "QTFrame:pc:10025", "qTStatus", "qTP:1:10025",
	"qTV:%x", "QTDV:%x:%x:0:7476", "QTDV:6:5:0:7476", "qTfP", "qTsP", "qTfV", "qTsV",
	"qTBuffer:%x,%x", "qTBuffer:0,fff", "QTBuffer:size:%x", "QTBuffer:circular:1",
	"QTNotes:user:6162;notes:63;tstop:64;", "QTEnable:1:10025", "QTDisable:1:10025",
	"QTDPsrc:1:10025:at:0:4:6c656166", "qXfer:traceframe-info:read::%x,%x",
	"Z0,10025,1;X7,2c000122031327", "QTDP:4:10025:E:%x:0-", "QTDP:-4:10025:SR0f", "QTDP:5:10011:E:3:2-",
	"QTDP:-5:10011:X0000000a,2c00062201022d000627-", "QTDP:-5:10011:SX00000007,260007220c0c27",
	"QTDP:-5:10011:SM7,%x,%x", "QTDP:6:10025:E:0:0:X6,2c00060e2700-", "QTDP:-6:10025:X%x,2d0006%x27",
	"QThreadEvents:1", "QThreadEvents:0", "qXfer:memory-map:read::%x,%x",
	"vKill;7", "qXfer:osdata:read:%x:0,fff", "qXfer:osdata:read:vms:0,%x",
	"QCatchSyscalls:1", "QCatchSyscalls:1", "QCatchSyscalls:0", "QCatchSyscalls:1;%x;0;1;2;3;4",
	"QPassSignals:%x;b;5", "QPassSignals:", "qXfer:siginfo:read::0,%x", "Hgp7.%x", "Hgp0.0", "Tp7.%x", "qSupported:multiprocess+", "QStartNoAckMode",
};

/* Monitor commands; the packet has them in hex. */
static const char *const commands[] = {
	"msr lstar 0x10025", "msr lstar 0x10100", "msr sysenter_eip %x",
	"catch", "catch io 0x%x-0x%x in", "catch msr lstar-0x%x write vcpu 0", "catch exception #PF",
	"catch exception", "catch io if $rax == 0x%x && *(u32 *)0x%x", "catch cpuid ignore %x count",
	"inject irq 0x%x", "inject nmi", "inject exception %x 0x%x", "inject exception #PF 2 0x%x",
	"reset", "system_reset",
	"catch mmio 0x%x space", "catch hlt if (((1 + 2) * hits", "uncatch %x", "uncatch all",
	"watch phys 0x%x 8 access", "watch 0x%x 0x%x exec cpl 0", "break phys 0x%x if tsc / vcpu",
	"break $rip record", "why", "prints", "hits", "step branch", "step over", "until over",
	"step handler", "step insn", "until return",
	"until branch", "step irqs on", "arch", "arch auto", "arch i386", "arch i8086", "arch x86-64",
	"time", "time run", "time stop",
	"msr", "msr lstar", "msr 0x%x", "msr 0x%x 0x%x", "msr pat $%x",
	"pt 0x%x", "pt $rip", "pt %x", "maps", "maps 0x%x", "maps 0x%x 0x%x", "gva2gpa 0x%x",
	"gva2hva 0x%x", "gpa2hva 0x%x", "gpa2gva 0x%x", "gpa2gva 0x%x 0x%x",
	"gdt", "gdt 0x%x", "idt", "idt %x", "tss", "slots", "objects", "stats", "stats %x",
	"xp/%xxg 0x%x",
	"xp/8c 0x%x", "disas", "disas 16 0x%x %x",
	"disas 32 intel 0x%x", "disas 64 att 0x%x 500", "xp/%xi 0x%x", "info registers", "info mem", "info tlb", "info cpus", "info mtree",
};

static const uint64_t numbers[] = {
	0, 1, 2, 3, 4, 7, 8, 0xff, 0x10, 0x1000, 0x10000, 0x10009, 0x10012,
	0x10100, 0x10400, 0x10410, 0x10420, 0x10430, 0x10460, 0x10800, 0x1ffff0,
	0x1fffff, 0x200000, 0x7fffffff, 0xffffffff, 0xffffffff80000000,
	0xffffffff80010800, 0xfffffffffffffff0, 0xffffffffffffffff,
	0x8000000000000000,
};

static void put_shape(struct buf *out, const char *shape)
{
	for (; *shape; shape++) {
		if (shape[0] == '%' && shape[1] == 'x') {
			buf_printf(out, "%llx", (unsigned long long)
				   numbers[rand() % (sizeof(numbers) / 8)]);
			shape++;
		} else {
			buf_add(out, shape, 1);
		}
	}
}

static void put_command(struct buf *out)
{
	BUF_ON_STACK(text, 100);

	put_shape(&text, commands[rand() % (sizeof(commands) / sizeof(*commands))]);
	buf_puts(out, "qRcmd,");
	buf_hex(out, text.data, text.len);
}

static size_t make_packet(char *packet, size_t room)
{
	int i;
	BUF_ON_STACK(out, 256);

	if (rand() % 8)
		put_shape(&out, shapes[rand() % (sizeof(shapes) / sizeof(*shapes))]);
	else
		put_command(&out);
	/* Half of the packets are good, the others damaged or cut off. */
	for (i = rand() % 6 - 3; i > 0 && out.len; i--)
		out.data[rand() % out.len] = rand();
	if (rand() % 16 == 0)
		out.len = rand() % (out.len + 1);
	if (out.len > room)
		out.len = room;
	memcpy(packet, out.data, out.len);
	return out.len;
}

static void send_packet(struct fuzz_stub *f, const char *packet, size_t len)
{
	unsigned char sum = 0;
	size_t i, part;
	BUF_ON_STACK(frame, 1024);

	for (i = 0; i < len; i++)
		sum += (unsigned char)packet[i];
	buf_puts(&frame, "$");
	buf_add(&frame, packet, len);
	buf_printf(&frame, "#%02x", (sum + (rand() % 32 == 0)) & 0xff);
	/* Send the packet in pieces, as a line may do. */
	for (i = 0; i < frame.len; i += part) {
		part = 1 + rand() % (frame.len - i);
		fuzz_input(f, frame.data + i, part);
	}
	fuzz_work(f, 4);
	if (f->stub.job.work)
		fuzz_input(f, "\003", 1);
}

static void noise(struct fuzz_stub *f)
{
	char junk[64];
	size_t i, len = rand() % sizeof(junk);

	for (i = 0; i < len; i++)
		junk[i] = rand() % 4 ? rand() : "$#}+-\003*"[rand() % 7];
	fuzz_input(f, junk, len);
}

static void overlong(struct fuzz_stub *f)
{
	static char junk[LINK_PACKET_MAX / 2];
	int i;

	memset(junk, 'm', sizeof(junk));
	fuzz_input(f, "$", 1);
	for (i = 0; i < 4; i++)
		fuzz_input(f, junk, sizeof(junk));
	fuzz_input(f, "#00", 3);
}

static void one_round(struct fuzz_stub *f, int round)
{
	char packet[256];
	int i, n = rand() % 12;

	for (i = 0; i < n && !stub_finished(&f->stub); i++) {
		send_packet(f, packet, make_packet(packet, sizeof(packet)));
		if (rand() % 8 == 0)
			noise(f);
		while (f->stub.running && rand() % 4)
			fuzz_event(f);
		if (rand() % 8 == 0)
			fuzz_input(f, "\003", 1);
	}
	if (rand() % 512 == 0)
		overlong(f);
	fuzz_check_alive(f, "round", round);
}

int main(int argc, char **argv)
{
	struct fuzz_stub f;
	int round, rounds;

	if (argc != 4)
		return 2;
	setenv("FAKE_HURRY", "1", 1);
	setenv("FAKE_QUIET", "1", 1);
	srand(atoi(argv[2]));
	rounds = atoi(argv[3]);
	fuzz_open(&f, argv[1], layout_find("x86-64"));
	fuzz_connect(&f);
	for (round = 0; round < rounds; round++) {
		one_round(&f, round);
		if (rand() % 64 == 0)
			fuzz_stay(&f, rand() % 3);
		if (stub_finished(&f.stub))
			fuzz_connect(&f);
	}
	fuzz_close(&f);
	printf("%d rounds, %zu bytes of answers\n", rounds, f.sent);
	return 0;
}
