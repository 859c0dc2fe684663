// SPDX-License-Identifier: GPL-2.0-only
/*
 * condition TEXT...: compile conditions as the stub does, verify and run them as the
 * module does, and print the value of each, or the error.
 * condition --fuzz SEED ROUNDS: the same for texts made of random pieces. The module must
 * accept whatever the compiler makes, and its value must be that of a second evaluation
 * with an address space required as well.
 *
 * Register n has the value 0x100 + n, but rbx is -2; memory has its address's low byte,
 * except that none is at 0xbad.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_bytecode.h"
#include "guest/condition_text.h"

static int read_reg(void *context, unsigned int number, unsigned long long *value)
{
	*value = number == 1 ? -2ULL : 0x100 + number;
	return 0;
}

static int read_mem(void *context, unsigned long long addr, void *data, unsigned int len,
		    bool physical)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		if (addr + i == 0xbad)
			return -ENXIO;
		((uint8_t *)data)[i] = addr + i;
	}
	return 0;
}

static int read_var(void *context, unsigned int number, unsigned long long *value)
{
	*value = 10 * number;
	return 0;
}

static void die(const char *what, const char *text)
{
	fprintf(stderr, "condition: %s: %s\n", what, text);
	exit(1);
}

static int run(const struct condition *c, const char *text, unsigned long long *value)
{
	static const struct fake_sight sight = { read_reg, read_mem, read_var, NULL, NULL };
	void *program = fake_compile(c->code, c->len, false);
	int result;

	if (!program)
		die("the module refuses it", text);
	result = fake_run(program, &sight, value);
	fake_program_free(program);
	return result;
}

/* With a required register, a condition is the same, or 0 without being evaluated. */
static void check_require(const struct condition *c, const char *text, int result,
			  unsigned long long value)
{
	struct condition more = *c;
	unsigned long long got;
	int hit;

	if (condition_require(&more, CONDITION_CR3, 0xff, 0x3d))
		return;
	hit = run(&more, text, &got);
	if (hit != result || (!hit && !got != !value))
		die("a required register that has its value changes it", text);
	more = *c;
	if (condition_require(&more, CONDITION_CR3, 0xff, 0x3e))
		return;
	hit = run(&more, text, &got);
	if (hit || got)
		die("a required register that has another value does not make it 0", text);
}

static bool evaluate(const char *text, bool print)
{
	struct condition c;
	char error[160] = "";
	unsigned long long value = 0;
	int result;

	if (condition_compile(text, &c, error, sizeof(error))) {
		if (!*error)
			die("there is no error text", text);
		if (print)
			puts(error);
		return false;
	}
	result = run(&c, text, &value);
	if (print && result)
		puts(result == -EDOM ? "division by zero" : "no memory");
	else if (print)
		printf("%lld\n", (long long)value);
	check_require(&c, text, result, value);
	return true;
}

#define PICK(pieces)	((pieces)[rand() % (sizeof(pieces) / sizeof(*(pieces)))])

/* One piece of a text: values and operators in turn are mostly good, a mixture mostly not. */
static const char *make_piece(bool turns, int n)
{
	static const char * const values[] = {
		"$rax", "$rbx", "$al", "$eax", "$cr3", "hits", "vcpu", "tsc", "addr", "0", "1", "7",
		"0x10", "0xffffffffffffffff", "-$rcx", "~5", "!$rdx", "*(u8 *)3", "*(s16*)$rsi",
		"*(unsigned long *)$rsp", "(u8)$rbx", "(s32)0x80000000", "(1 || $rbx)",
	};
	static const char * const operators[] = {
		"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">",
		">=", "&&", "||",
	};
	static const char * const others[] = {
		"$data0", "$", "rax", "0x", "18446744073709551616", "~", "!", "(", ")", "*(",
		"(u8",
		" ", "=", "?", "\x7f", "\xff", "((((((((", "----------------", "!!!!!!!!!!!!!!!!",
		"1+(1+(1+(1+(1+(1+(1+(",
	};

	if (turns)
		return n % 2 ? PICK(operators) : PICK(values);
	return rand() % 2 ? PICK(others) : rand() % 2 ? PICK(values) : PICK(operators);
}

static void fuzz(unsigned int seed, int rounds)
{
	static char text[1 << 15];
	int i, n, good = 0;

	srand(seed);
	for (i = 0; i < rounds; i++) {
		bool turns = rand() % 4;
		size_t len = 0;

		for (n = 2 * (rand() % (rand() % 64 ? 6 : 800)); n >= 0; n--)
			len += snprintf(text + len, sizeof(text) - len, "%s", make_piece(turns, n));
		good += evaluate(text, false);
	}
	printf("%d of %d conditions were good\n", good, rounds);
	if (good < rounds / 4)
		die("too few conditions were good", "");
}

int main(int argc, char **argv)
{
	int i;

	if (argc == 4 && !strcmp(argv[1], "--fuzz")) {
		fuzz(atoi(argv[2]), atoi(argv[3]));
		return 0;
	}
	for (i = 1; i < argc; i++)
		evaluate(argv[i], true);
	return 0;
}
