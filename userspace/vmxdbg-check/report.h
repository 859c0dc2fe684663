/* SPDX-License-Identifier: GPL-2.0-only */
/* The page that is printed: one row for each check. */
#ifndef VMXDBG_CHECK_REPORT_H
#define VMXDBG_CHECK_REPORT_H

/**
 * enum answer - answer of a check
 * @YES: the host has it
 * @NO: the host lacks it, and vmxdbg cannot run without it
 * @NOTE: vmxdbg runs, but the user should know this
 * @UNKNOWN: vmxdbg needs it, and the host does not tell
 */
enum answer { YES, NO, NOTE, UNKNOWN };

void report_section(const char *name);

/* Print a row: the answer, the name of the check, and details. */
void report(enum answer answer, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Print a sentence for the user to act on, below the row that it belongs to. */
void report_advice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print the last line. Return: exit status, 0 or 1 */
int report_end(void);

#endif
