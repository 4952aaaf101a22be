// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cold_code.c - see cold_code.h. */
#include "cold_code.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

#if defined(__aarch64__)
#define JUMP "b"
#define RETURN "ret"
#elif defined(__riscv)
#define JUMP "j"
#define RETURN "ret"
#elif defined(__s390x__)
#define JUMP "j"
#define RETURN "br %r14"
#else
#define JUMP "jmp"
#define RETURN "ret"
#endif

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define LINES 4096

static_assert(LINES * CACHE_LINE == COLD_CODE_BYTES, "a jump in each line");

/* From each cache line to the next one, to the end. */
/* clang-format off */
__asm__(".pushsection .text\n"
	".p2align 6\n"
	"cold_code_lines:\n"
	".rept " TEXT(LINES) "\n"
	JUMP " 1f\n"
	".p2align 6\n"
	"1:\n"
	".endr\n"
	RETURN "\n"
	".popsection\n");
/* clang-format on */

void cold_code_lines(void);

static struct {
	volatile char *memory;
	unsigned long bytes;
} data;

int cold_code_init(unsigned long bytes)
{
	char *memory = data.memory ? NULL : malloc(bytes * 2);

	if (data.memory)
		return 0;
	if (!memory)
		return -ENOMEM;
	/* Pages of its own, not one of zeros for all. */
	memset(memory, 1, bytes * 2);
	data.memory = memory;
	data.bytes = bytes * 2;
	return 0;
}

void cold_code_displace(void)
{
	for (unsigned long at = 0; at < data.bytes; at += CACHE_LINE)
		(void)data.memory[at];
	cold_code_lines();
}
