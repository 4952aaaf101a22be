// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * report.c - what becomes of the drivers' messages: counted, and printed to
 * stderr unless switched off. The shim's only file on the C library's side;
 * report.h declares it to the drivers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "baseline.h"

/* Declared to the drivers, which know no C library header, by report.h. */
void shim_complain(const char *format, ...);
void shim_inform(const char *format, ...);
void shim_warn(const char *file, int line, const char *condition);
_Noreturn void shim_bug(const char *file, int line);

static long complaints;
static int print = 1;

static void count_complaint(void)
{
	__atomic_fetch_add(&complaints, 1, __ATOMIC_RELAXED);
}

static int printing(void)
{
	return __atomic_load_n(&print, __ATOMIC_RELAXED);
}

void shim_complain(const char *format, ...)
{
	va_list arguments;

	count_complaint();
	if (!printing())
		return;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

void shim_inform(const char *format, ...)
{
	va_list arguments;

	if (!printing())
		return;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

void shim_warn(const char *file, int line, const char *condition)
{
	count_complaint();
	if (printing())
		fprintf(stderr, "%s:%d: WARN_ON(%s)\n", file, line, condition);
}

/* The kernel would halt the CPU: printed even when messages are off. */
void shim_bug(const char *file, int line)
{
	fprintf(stderr, "%s:%d: BUG\n", file, line);
	abort();
}

long baseline_warnings(void)
{
	return __atomic_load_n(&complaints, __ATOMIC_RELAXED);
}

void baseline_messages(int on)
{
	__atomic_store_n(&print, on, __ATOMIC_RELAXED);
}
