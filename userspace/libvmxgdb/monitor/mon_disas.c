// SPDX-License-Identifier: MIT
/*
 * "monitor disas": the mode is that of the vCPU, or the user's choice. gdb disassembles for
 * one architecture at a time.
 */
#include <errno.h>
#include <string.h>

#include "guest/memory.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/disassemble.h"
#include "monitor/mon_disas.h"
#include "monitor/monitor_command.h"

#define INSN_MAX	15

static unsigned int mode_bits(const struct kvm_sregs *r)
{
	if ((r->efer & (1 << 10)) && r->cs.l)
		return 64;
	return r->cs.db ? 32 : 16;
}

/* Return: the number of bytes that could be read. */
static ssize_t read_code(struct stub *s, const struct disas *d, uint64_t addr, uint8_t *code)
{
	bool physical = s->physical;
	ssize_t n;

	s->physical = d->physical;
	n = memory_read(s, addr, code, INSN_MAX);
	s->physical = physical;
	return n;
}

static void show_line(struct stub *s, uint64_t addr, bool current, const uint8_t *code,
		      size_t len, const char *text)
{
	BUF_ON_STACK(hex, 64);
	size_t i;

	for (i = 0; i < len; i++)
		buf_printf(&hex, "%02x ", code[i]);
	reply_console(s, "%s 0x%llx: %-30s %s\n", current ? "=>" : "  ", ull(addr), hex.data, text);
}

int disas_show(struct stub *s, const struct disas *d)
{
	const struct vcpu_regs *r = &s->vcpus[s->general]->regs;
	unsigned int i, bits;
	uint64_t addr = d->addr, base;
	uint8_t code[INSN_MAX];
	size_t len;
	ssize_t n;
	int result;

	if (!disassemble_available())
		return reply_error(s, -EOPNOTSUPP, "this program was built without Zydis; use gdb's disassemble");
	result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL | 1U << VMXDBG_REGS_SYSTEM);
	if (result < 0)
		return result;
	bits = d->bits ? d->bits : mode_bits(&r->system);
	/* Jumps are relative to the code segment's base, which 64-bit code has not. */
	base = d->physical || mode_bits(&r->system) == 64 ? 0 : r->system.cs.base;
	for (i = 0; i < d->count; i++, addr += len) {
		BUF_ON_STACK(text, 256);

		n = read_code(s, d, addr, code);
		if (n <= 0)
			return reply_error(s, -EFAULT, "no memory at 0x%llx", ull(addr));
		len = disassemble(bits, d->intel, code, n, addr - base, &text);
		if (!len)
			buf_puts(&text, n < INSN_MAX ? "(memory ends here)" : "(bad)");
		len = len ? len : 1;
		show_line(s, addr, !d->physical && addr == reg_linear_rip(r), code, len, text.data);
	}
	return 0;
}

/* A mode or a syntax. Return: whether it is one. */
static bool parse_word(const char *word, struct disas *d)
{
	if (!strcmp(word, "16") || !strcmp(word, "32") || !strcmp(word, "64"))
		d->bits = (word[0] - '0') * 10 + word[1] - '0';
	else if (!strcmp(word, "intel") || !strcmp(word, "att"))
		d->intel = *word == 'i';
	else
		return false;
	return true;
}

static int mon_disas(struct stub *s, int argc, char **argv)
{
	struct disas d = { .count = 10 };
	uint64_t count = 10;
	int result, i = 1;

	while (i < argc && parse_word(argv[i], &d))
		i++;
	if (argc - i > 2 || (argc - i == 2 && !monitor_number(argv[i + 1], &count)))
		return monitor_usage(s);
	if (!count || count > DISAS_MAX)
		return reply_error(s, -EINVAL, "N is 1 to %u", DISAS_MAX);
	d.count = count;
	if (i < argc) {
		result = monitor_address(s, argv[i], &d.addr);
	} else {
		result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL |
						       1U << VMXDBG_REGS_SYSTEM);
		d.addr = reg_linear_rip(&s->vcpus[s->general]->regs);
	}
	return result < 0 ? result : disas_show(s, &d);
}

const struct monitor_command monitor_disas[] = {
	{ "disas", "[16|32|64] [att|intel] [ADDR [N]]",
	  "disassemble by the vCPU's mode, or another",
	  .more = "ADDR is a number or a register; without it, the next instruction.\n",
	  .handler = mon_disas },
	{ 0 },
};
