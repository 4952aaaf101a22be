/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * walker.h - memory as a walker sees it that does not snoop: what was written back
 * and nothing else. Tables that were never written back hold rubbish there.
 *
 * A program that uses it is linked with --wrap=table_flush_lines and --wrap=table_alloc; only one of its
 * threads uses tables at a time.
 */
#ifndef PTBENCH_TESTS_WALKER_H
#define PTBENCH_TESTS_WALKER_H

/* Bytes at the beginning of the arena that the walker knows; the program must use no more. */
#define WALKER_BYTES (512UL << 20)

/* Reserve the walker's memory, after the arena and before any table. Returns 0 or a negative errno. */
int walker_init(void);

/* While there is no table: from now on what was not written back is made of @word, 8 bytes. */
void walker_forget(unsigned long long word);

/* Called before and after each write-back; NULL for none. */
void walker_on_flush(void (*flushing)(void), void (*flushed)(void));

/* Put the walker's memory where the arena is, and back with a second call. */
void walker_swap(void);

#endif
