/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * levels.h - one body of code, instantiated for the levels of a tree.
 *
 * An operation OP has a struct OP_walk and writes what it does in one table as
 *
 *	int OP_body(struct OP_walk *walk, void *table, unsigned int index,
 *		    unsigned int level, OP_fn below)
 *
 * which calls below(walk, child, index in child, level - 1) to go on in a child, and
 *
 *	bool OP_step(struct OP_walk *walk, void **table, unsigned int *index,
 *		     unsigned int level)
 *
 * which goes one level down and returns true if that is all there is to do at
 * this level, as it is on the way from the root to a short range.
 *
 * PT_LEVELS(OP) makes the code out of them. In the inline variant that is a
 * function for each level, with level, shifts and masks constant and the way
 * down a direct call, and before them one straight path of steps from the root. In
 * the recursive variant it is a single function that calls itself. OP_enter()
 * begins, at a level that only run time knows.
 *
 * PT_SYMBOL(name) is the name of an instance's function: amdv1_inline_map.
 */
#ifndef PT_GENERIC_LEVELS_H
#define PT_GENERIC_LEVELS_H

#define PT_PASTE_(a, b, c) a##_##b##_##c
#define PT_PASTE(a, b, c) PT_PASTE_(a, b, c)
#define PT_SYMBOL(name) PT_PASTE(PT_FORMAT, PT_VARIANT, name)

#define PT_LEVEL_TYPES(OP)                                                                         \
	struct OP##_walk;                                                                          \
	typedef int (*OP##_fn)(struct OP##_walk *walk, void *table, unsigned int index,            \
			       unsigned int level)

#define PT_LEVEL_ARGUMENTS(OP)                                                                     \
	struct OP##_walk *walk, void *table, unsigned int index, unsigned int level

#ifdef PT_INLINE

#define PT_LEVEL(OP, LEVEL) PT_SYMBOL(OP##_level##LEVEL)

#define PT_STAMP(OP, LEVEL, BELOW)                                                                 \
	PT_UNUSED static int PT_LEVEL(OP, LEVEL)(PT_LEVEL_ARGUMENTS(OP))                           \
	{                                                                                          \
		(void)level;                                                                       \
		return OP##_body(walk, table, index, LEVEL, BELOW);                                \
	}
#define PT_STAMP_0(OP) PT_STAMP(OP, 0, NULL)
#define PT_STAMP_1(OP) PT_STAMP_0(OP) PT_STAMP(OP, 1, PT_LEVEL(OP, 0))
#define PT_STAMP_2(OP) PT_STAMP_1(OP) PT_STAMP(OP, 2, PT_LEVEL(OP, 1))
#define PT_STAMP_3(OP) PT_STAMP_2(OP) PT_STAMP(OP, 3, PT_LEVEL(OP, 2))
#define PT_STAMP_4(OP) PT_STAMP_3(OP) PT_STAMP(OP, 4, PT_LEVEL(OP, 3))
#define PT_STAMP_5(OP) PT_STAMP_4(OP) PT_STAMP(OP, 5, PT_LEVEL(OP, 4))

/*
 * Levels above 0 get a copy of the walk, so that on the straight path itself no
 * address of it is ever taken and it stays in registers.
 */
#define PT_STEP(OP, LEVEL)                                                                         \
	case LEVEL:                                                                                \
		if (!OP##_step(walk, &table, &index, LEVEL)) {                                     \
			struct OP##_walk copy = *walk;                                             \
			int result = PT_LEVEL(OP, LEVEL)(&copy, table, index, LEVEL);              \
                                                                                                   \
			*walk = copy;                                                              \
			return result;                                                             \
		}                                                                                  \
		__attribute__((fallthrough));
#define PT_STEP_0(OP)                                                                              \
	case 0:                                                                                    \
		return OP##_body(walk, table, index, 0, NULL);
#define PT_STEP_1(OP) PT_STEP(OP, 1) PT_STEP_0(OP)
#define PT_STEP_2(OP) PT_STEP(OP, 2) PT_STEP_1(OP)
#define PT_STEP_3(OP) PT_STEP(OP, 3) PT_STEP_2(OP)
#define PT_STEP_4(OP) PT_STEP(OP, 4) PT_STEP_3(OP)
#define PT_STEP_5(OP) PT_STEP(OP, 5) PT_STEP_4(OP)

#define PT_LEVELS_TO_(OP, TOP)                                                                     \
	PT_STAMP_##TOP(OP)                                                                         \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(OP))                                    \
	{                                                                                          \
		switch (level) {                                                                   \
			PT_STEP_##TOP(OP)                                                          \
		default:                                                                           \
			__builtin_unreachable();                                                   \
		}                                                                                  \
	}
#define PT_LEVELS_TO(OP, TOP) PT_LEVELS_TO_(OP, TOP)
#define PT_LEVELS(OP) PT_LEVELS_TO(OP, FMT_TOP_LEVEL_MAX)

#else

#define PT_LEVELS(OP)                                                                              \
	PT_NOINLINE int PT_SYMBOL(OP##_level)(PT_LEVEL_ARGUMENTS(OP))                              \
	{                                                                                          \
		return OP##_body(walk, table, index, level, PT_SYMBOL(OP##_level));                \
	}                                                                                          \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(OP))                                    \
	{                                                                                          \
		return PT_SYMBOL(OP##_level)(walk, table, index, level);                           \
	}

#endif

#endif
