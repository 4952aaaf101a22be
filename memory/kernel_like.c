// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* kernel_like.c - see kernel_like.h. */
#include "kernel_like.h"

/* Turns of a loop that gcc 12 makes eight instructions of; a test counts them. */
#define ALLOC_TURNS 79
#define FREE_TURNS 58

#define LINE_WORDS (64 / sizeof(unsigned long))

static __thread volatile unsigned long state[KERNEL_LIKE_LINES * LINE_WORDS];

static inline void use_state(unsigned int turns)
{
	for (unsigned int turn = 0; turn < turns; turn++)
		state[turn * LINE_WORDS % (KERNEL_LIKE_LINES * LINE_WORDS)] += turn;
}

void kernel_like_alloc(void)
{
	use_state(ALLOC_TURNS);
}

void kernel_like_free(void)
{
	use_state(FREE_TURNS);
}
