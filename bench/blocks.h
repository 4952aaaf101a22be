/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blocks.h - in which order the sides of a measurement take turns. */
#ifndef PTBENCH_BLOCKS_H
#define PTBENCH_BLOCKS_H

#include <stdint.h>

/*
 * The order of one block: a palindrome of all sides (A B C C B A), so that any two of them
 * stand in ABBA order and a drift over the block hits both alike. From block to block it
 * rotates, and after a full turn reverses; @seed and @process choose where that starts.
 * @slots: 2 * @sides indices.
 */
void block_order(uint64_t seed, unsigned int process, unsigned int block, unsigned int sides,
		 unsigned int *slots);

/* A number that looks random, the next one of *@state. */
uint64_t next_random(uint64_t *state);

#endif
