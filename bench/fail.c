// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* fail.c - the one line that a failure prints, see fail.h. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>

int fail(int code, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fprintf(stderr, "ptbench-bench: %s\n", line);
	return code;
}
