// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* blocks.c - the order of sides, see blocks.h. */
#include "blocks.h"

#include <stdbool.h>

/* splitmix64, by Sebastiano Vigna, public domain: https://prng.di.unimi.it/splitmix64.c */
uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void block_order(uint64_t seed, unsigned int process, unsigned int block, unsigned int sides,
		 unsigned int *slots)
{
	uint64_t state = seed;
	uint64_t turn = next_random(&state) % (2 * sides) + process + block;
	bool reversed = turn / sides & 1;

	for (unsigned int i = 0; i < sides; i++) {
		unsigned int side = (unsigned int)((turn + (reversed ? sides - 1 - i : i)) % sides);

		slots[i] = side;
		slots[2 * sides - 1 - i] = side;
	}
}
