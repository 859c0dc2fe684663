// SPDX-License-Identifier: GPL-2.0-only
/* The page that is printed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

#define PAGE_COLUMNS	88
#define ADVICE_INDENT	"          "

static unsigned int answers[UNKNOWN + 1];

void report_section(const char *name)
{
	printf("%s\n", name);
}

void report(enum answer answer, const char *what, const char *format, ...)
{
	static const char * const names[] = {
		[YES] = "yes", [NO] = "NO", [NOTE] = "note", [UNKNOWN] = "?",
	};
	char details[512];
	va_list args;

	answers[answer]++;
	va_start(args, format);
	vsnprintf(details, sizeof(details), format, args);
	va_end(args);
	if (details[0])
		printf("  %-5s %-20s %s\n", names[answer], what, details);
	else
		printf("  %-5s %s\n", names[answer], what);
}

void report_advice(const char *format, ...)
{
	char text[1024], *word, *rest = text;
	size_t column = sizeof(ADVICE_INDENT) - 1;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf(ADVICE_INDENT "->");
	column += 2;
	while ((word = strsep(&rest, " "))) {
		if (column + 1 + strlen(word) > PAGE_COLUMNS) {
			printf("\n" ADVICE_INDENT "  ");
			column = sizeof(ADVICE_INDENT) - 1 + 2;
		}
		column += printf(" %s", word);
	}
	putchar('\n');
}

int report_end(void)
{
	unsigned int missing = answers[NO], unknown = answers[UNKNOWN];

	if (!missing && !unknown) {
		printf("This host has all that vmxdbg needs.\n");
		return 0;
	}
	if (missing)
		printf("This host cannot run vmxdbg: each NO above has to go.\n");
	else
		printf("This host does not tell whether it can run vmxdbg: see each ? above.\n");
	return 1;
}
