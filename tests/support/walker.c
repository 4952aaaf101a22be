// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * walker.c - see walker.h. The walker's memory lies beside the arena; to look through
 * its eyes the two change places, which the kernel does by moving page table entries.
 */
#define _GNU_SOURCE
#include "walker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "table_pages.h"

#define ARENA ((char *)TABLE_ARENA_START)

/* At least this much is rubbish at first, so that a table that was not written back shows. */
#define RUBBISH_BYTES (16UL << 20)

static char *seen, *spare;
static unsigned long used = RUBBISH_BYTES;
static void (*before)(void), (*after)(void);

/* What the linker puts in place of the real one. */
void __wrap_table_flush_lines(const void *address, unsigned long bytes);

int walker_init(void)
{
	seen = mmap(NULL, WALKER_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	spare = mmap(NULL, WALKER_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		     0);
	if (seen == MAP_FAILED || spare == MAP_FAILED)
		return -ENOMEM;
	/* Both must be one mapping each; huge pages would be split and joined all the time. */
	madvise(seen, WALKER_BYTES, MADV_NOHUGEPAGE);
	return 0;
}

void walker_forget(unsigned long long word)
{
	for (unsigned long offset = 0; offset < used; offset += sizeof(word))
		memcpy(seen + offset, &word, sizeof(word));
}

void walker_on_flush(void (*flushing)(void), void (*flushed)(void))
{
	before = flushing;
	after = flushed;
}

/* Whole lines, as hardware writes them; beyond a table's end nobody looks. */
__attribute__((no_sanitize("address"))) static void copy_lines(char *to, const char *from,
							       unsigned long bytes)
{
	for (unsigned long offset = 0; offset < bytes; offset += sizeof(unsigned long))
		*(unsigned long *)(to + offset) = *(const unsigned long *)(from + offset);
}

void __wrap_table_flush_lines(const void *address, unsigned long bytes)
{
	unsigned long start = ((unsigned long)address & ~63UL) - TABLE_ARENA_START;
	unsigned long end = (unsigned long)address + bytes - TABLE_ARENA_START;

	end = (end + 63) & ~63UL;
	if (!bytes)
		return;
	if (before)
		before();
	if (end > WALKER_BYTES)
		abort(); /* more tables than the test should need */
	if (end > used)
		used = end;
	copy_lines(seen + start, ARENA + start, end - start);
	if (after)
		after();
}

static void move(char *from, char *to)
{
	if (mremap(from, WALKER_BYTES, WALKER_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		abort();
}

void walker_swap(void)
{
	move(ARENA, spare);
	move(seen, ARENA);
	move(spare, seen);
	/* The spare addresses are reserved again before something else is put there. */
	if (mmap(spare, WALKER_BYTES, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != spare)
		abort();
}
