/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * levels.h - one body of code, instantiated for the levels of a tree.
 *
 * An operation OP keeps its place in a struct WALK and writes what it does in one
 * table as
 *
 *	int OP_body(struct WALK *walk, void *table, unsigned int index,
 *		    unsigned int level, int (*below)(the same))
 *
 * which calls below(walk, child, index in child, level - 1) to go on in a child, and
 *
 *	int OP_step(struct WALK *walk, void **table, unsigned int *index,
 *		    unsigned int level)
 *
 * which handles what is common and simple: it goes one level down (PT_STEP_DOWN) if that is
 * all there is to do at this level, as it is on the way from the root to a short
 * range; or does all there is to do and returns the operation's result, 0 or an
 * error; or does nothing (PT_STEP_LEAVE), and after OP_leave_path(walk) it is OP_body()'s turn.
 *
 * PT_LEVELS(WALK, OP) makes the code out of them. In the inline variant that is a
 * function for each level, with level, shifts and masks constant and the way
 * down a direct call, and before them one straight path of steps from the root. In
 * the recursive variant it is a single function that calls itself. OP_enter()
 * begins, at a level that only run time knows; OP_enter_cold() does too, small
 * rather than fast: straight to that level's function. PT_LEVELS_COLD(WALK, OP)
 * makes only that, for operations where no straight path pays, and
 * PT_RECURSIVE(WALK, OP) a single function in both variants.
 *
 * PT_SYMBOL(name) is the name of an instance's function: amdv1_inline_map.
 */
#ifndef PT_GENERIC_LEVELS_H
#define PT_GENERIC_LEVELS_H

#define PT_PASTE_(a, b, c) a##_##b##_##c
#define PT_PASTE(a, b, c) PT_PASTE_(a, b, c)
#define PT_SYMBOL(name) PT_PASTE(PT_FORMAT, PT_VARIANT, name)

#define PT_LEVEL_ARGUMENTS(WALK) \
	struct WALK *walk, void *table, unsigned int index, unsigned int level

enum { PT_STEP_DOWN = 1, PT_STEP_LEAVE = 2 };

/* One function that calls itself, whatever the variant. */
#define PT_RECURSIVE(WALK, OP)                                                      \
	PT_NOINLINE int PT_SYMBOL(OP##_level)(PT_LEVEL_ARGUMENTS(WALK))             \
	{                                                                           \
		return OP##_body(walk, table, index, level, PT_SYMBOL(OP##_level)); \
	}                                                                           \
	PT_ALWAYS_INLINE int OP##_enter_cold(PT_LEVEL_ARGUMENTS(WALK))              \
	{                                                                           \
		return PT_SYMBOL(OP##_level)(walk, table, index, level);            \
	}

/* What the compiler may take for granted about the level of a root. */
#define PT_KNOWN_LEVEL(level)                                                        \
	do {                                                                         \
		if ((level) + 1 <= FMT_TOP_LEVEL_MIN || (level) > FMT_TOP_LEVEL_MAX) \
			__builtin_unreachable();                                     \
	} while (0)

#ifdef PT_INLINE

#define PT_LEVEL(OP, LEVEL) PT_SYMBOL(OP##_level##LEVEL)

/* X(WALK, OP, level, the level below) for level 1 to TOP, and for TOP down to 1. */
#define PT_UP_1(X, WALK, OP) X(WALK, OP, 1, 0)
#define PT_UP_2(X, WALK, OP) PT_UP_1(X, WALK, OP) X(WALK, OP, 2, 1)
#define PT_UP_3(X, WALK, OP) PT_UP_2(X, WALK, OP) X(WALK, OP, 3, 2)
#define PT_UP_4(X, WALK, OP) PT_UP_3(X, WALK, OP) X(WALK, OP, 4, 3)
#define PT_UP_5(X, WALK, OP) PT_UP_4(X, WALK, OP) X(WALK, OP, 5, 4)
#define PT_DOWN_1(X, WALK, OP) X(WALK, OP, 1, 0)
#define PT_DOWN_2(X, WALK, OP) X(WALK, OP, 2, 1) PT_DOWN_1(X, WALK, OP)
#define PT_DOWN_3(X, WALK, OP) X(WALK, OP, 3, 2) PT_DOWN_2(X, WALK, OP)
#define PT_DOWN_4(X, WALK, OP) X(WALK, OP, 4, 3) PT_DOWN_3(X, WALK, OP)
#define PT_DOWN_5(X, WALK, OP) X(WALK, OP, 5, 4) PT_DOWN_4(X, WALK, OP)
#define PT_FROM_(DIRECTION, TOP, X, WALK, OP) PT_##DIRECTION##_##TOP(X, WALK, OP)
#define PT_FROM(DIRECTION, TOP, X, WALK, OP) PT_FROM_(DIRECTION, TOP, X, WALK, OP)
#define PT_UP(X, WALK, OP) PT_FROM(UP, FMT_TOP_LEVEL_MAX, X, WALK, OP)
#define PT_DOWN(X, WALK, OP) PT_FROM(DOWN, FMT_TOP_LEVEL_MAX, X, WALK, OP)

#define PT_STAMP(WALK, OP, LEVEL, BELOW)                                          \
	static int PT_LEVEL(OP, LEVEL)(PT_LEVEL_ARGUMENTS(WALK))                  \
	{                                                                         \
		(void)level;                                                      \
		return OP##_body(walk, table, index, LEVEL, PT_LEVEL(OP, BELOW)); \
	}

/*
 * Levels above 0 get a copy of the walk, so that on the straight path itself no
 * address of it is ever taken and it stays in registers.
 */
#define PT_STEP(WALK, OP, LEVEL, BELOW)                                           \
	case LEVEL: {                                                             \
		int step = OP##_step(walk, &table, &index, LEVEL);                \
                                                                                  \
		if (step <= 0)                                                    \
			return step;                                              \
		if (step == PT_STEP_LEAVE) {                                      \
			struct WALK copy = *walk;                                 \
			int result;                                               \
                                                                                  \
			OP##_leave_path(&copy);                                   \
			result = PT_LEVEL(OP, LEVEL)(&copy, table, index, LEVEL); \
			*walk = copy;                                             \
			return result;                                            \
		}                                                                 \
	}                                                                         \
		__attribute__((fallthrough));

#define PT_CALL(WALK, OP, LEVEL, BELOW) \
	case LEVEL:                     \
		return PT_LEVEL(OP, LEVEL)(walk, table, index, LEVEL);

#define PT_LEVELS_COLD(WALK, OP)                                       \
	static int PT_LEVEL(OP, 0)(PT_LEVEL_ARGUMENTS(WALK))           \
	{                                                              \
		(void)level;                                           \
		return OP##_body(walk, table, index, 0, NULL);         \
	}                                                              \
	PT_UP(PT_STAMP, WALK, OP)                                      \
	PT_ALWAYS_INLINE int OP##_enter_cold(PT_LEVEL_ARGUMENTS(WALK)) \
	{                                                              \
		switch (level) {                                       \
			PT_DOWN(PT_CALL, WALK, OP)                     \
		default:                                               \
			return PT_LEVEL(OP, 0)(walk, table, index, 0); \
		}                                                      \
	}

#define PT_LEVELS(WALK, OP)                                            \
	PT_LEVELS_COLD(WALK, OP)                                       \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(WALK))      \
	{                                                              \
		PT_KNOWN_LEVEL(level);                                 \
		switch (level) {                                       \
			PT_DOWN(PT_STEP, WALK, OP)                     \
		case 0:                                                \
			return OP##_body(walk, table, index, 0, NULL); \
		default:                                               \
			__builtin_unreachable();                       \
		}                                                      \
	}

#else

#define PT_LEVELS_COLD(WALK, OP) PT_RECURSIVE(WALK, OP)

#define PT_LEVELS(WALK, OP)                                              \
	PT_LEVELS_COLD(WALK, OP)                                         \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(WALK))        \
	{                                                                \
		OP##_leave_path(walk);                                   \
		return PT_SYMBOL(OP##_level)(walk, table, index, level); \
	}

#endif

#endif
