// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* fail.c - the one line that a failure prints, see fail.h. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "printable.h"

int fail(int code, const char *format, ...)
{
	char line[1024], shown[4 * sizeof(line)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* Names and lines of the user's files are in it. */
	printable(line, shown, sizeof(shown));
	fprintf(stderr, "ptbench-bench: %s\n", shown);
	return code;
}
