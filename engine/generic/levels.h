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
 * which handles what is common and simple: it goes one level down (WALK_DOWN) if that is
 * all there is to do at this level, as it is on the way from the root to a short
 * range; or does all there is to do and returns the operation's result; or does nothing
 * (WALK_LEAVE), and it is the turn of
 *
 *	int OP_leave_path(the same as OP_enter)
 *
 * which sees to it that OP_enter_cold() goes on there, and finishes. It gets that far with a copy of the walk: no
 * address of the one on the straight path is ever taken, so that it stays in registers.
 *
 * PT_LEVELS_COLD(WALK, OP) makes OP_enter_cold() out of the body, functions that call each other for the levels
 * below. PT_LEVELS(WALK, OP) makes OP_enter(): it begins, at a level that only run time knows, with the straight
 * path, steps from the root as far as they go. Both variants have both. (PT_RECURSIVE() is a single
 * function in both, for operations where nothing else pays.)
 *
 *	inline     the straight path is unrolled, with level, shifts and masks constant, and ends in code of its own for
 *		   leaf tables, OP_last(walk, table, index). Off it there are two functions: one for leaf tables,
 *		   where the time goes, with constants too, and one for all levels above.
 *	recursive  the straight path is a loop, and off it there is a single function.
 *
 * PT_SYMBOL(name) is the name of an instance's function: amdv1_inline_map.
 */
#ifndef PT_GENERIC_LEVELS_H
#define PT_GENERIC_LEVELS_H

#define PT_PASTE_(a, b, c) a##b##c
#define PT_PASTE(a, b, c) PT_PASTE_(a, b, c)
/* The variant as part of a name, and never the word alone: in a kernel "inline" is a macro. */
#ifdef PT_INLINE
#define PT_SYMBOL_OF(format, name) PT_PASTE(format, _inline_, name)
#else
#define PT_SYMBOL_OF(format, name) PT_PASTE(format, _recursive_, name)
#endif
#define PT_SYMBOL(name) PT_SYMBOL_OF(PT_FORMAT, name)

#define PT_LEVEL_ARGUMENTS(WALK) \
	struct WALK *walk, void *table, unsigned int index, unsigned int level

/* What became of a step or of a table; errors are negative. */
enum walk_result {
	WALK_DONE, /* all that there was to do there */
	WALK_DOWN, /* a step: go on one level below */
	WALK_LEAVE, /* a step: this is not for the straight path */
	WALK_AGAIN, /* map: an item was not what it seemed; look at it again */
	WALK_INSIDE_LEAF, /* unmap: the range begins inside of a leaf */
	WALK_FULL, /* unmap_batch: the caller's array has no more room */
};

/* What the compiler may take for granted about the level of a root. */
#define PT_KNOWN_LEVEL(level)                                                        \
	do {                                                                         \
		if ((level) + 1 <= FMT_TOP_LEVEL_MIN || (level) > FMT_TOP_LEVEL_MAX) \
			__builtin_unreachable();                                     \
	} while (0)

/* A function of the given kind, PT_NOINLINE or PT_COLD, that calls itself. */
#define PT_RECURSIVE(KIND, WALK, OP)                                                \
	KIND int PT_SYMBOL(OP##_level)(PT_LEVEL_ARGUMENTS(WALK))                    \
	{                                                                           \
		return OP##_body(walk, table, index, level, PT_SYMBOL(OP##_level)); \
	}                                                                           \
	PT_ALWAYS_INLINE int OP##_enter_cold(PT_LEVEL_ARGUMENTS(WALK))              \
	{                                                                           \
		return PT_SYMBOL(OP##_level)(walk, table, index, level);            \
	}

#ifdef PT_INLINE

/* In the code for leaf tables the level is a constant. */
#define PT_KNOWS_LEVEL 1

/* X(OP, level, the level below) for level TOP down to 1. */
#define PT_DOWN_1(X, OP) X(OP, 1, 0)
#define PT_DOWN_2(X, OP) X(OP, 2, 1) PT_DOWN_1(X, OP)
#define PT_DOWN_3(X, OP) X(OP, 3, 2) PT_DOWN_2(X, OP)
#define PT_DOWN_4(X, OP) X(OP, 4, 3) PT_DOWN_3(X, OP)
#define PT_DOWN_5(X, OP) X(OP, 5, 4) PT_DOWN_4(X, OP)
#define PT_DOWN_(TOP, X, OP) PT_DOWN_##TOP(X, OP)
#define PT_DOWN_FROM(TOP, X, OP) PT_DOWN_(TOP, X, OP)
#define PT_DOWN(X, OP) PT_DOWN_FROM(FMT_TOP_LEVEL_MAX, X, OP)

#define PT_STEP(OP, LEVEL, BELOW)                                  \
	case LEVEL: {                                              \
		int step = OP##_step(walk, &table, &index, LEVEL); \
                                                                   \
		if (step == WALK_LEAVE) {                          \
			level = LEVEL;                             \
			break;                                     \
		}                                                  \
		if (step != WALK_DOWN)                             \
			return step;                               \
	}                                                          \
		PT_FALLTHROUGH;

#define PT_LEVELS_COLD(WALK, OP)                                                  \
	PT_NOINLINE int PT_SYMBOL(OP##_leaves)(PT_LEVEL_ARGUMENTS(WALK))          \
	{                                                                         \
		return OP##_body(walk, table, index, 0, NULL);                    \
	}                                                                         \
	static int PT_SYMBOL(OP##_upper)(PT_LEVEL_ARGUMENTS(WALK));               \
	PT_ALWAYS_INLINE int OP##_enter_cold(PT_LEVEL_ARGUMENTS(WALK))            \
	{                                                                         \
		return level ? PT_SYMBOL(OP##_upper)(walk, table, index, level)   \
			     : PT_SYMBOL(OP##_leaves)(walk, table, index, level); \
	}                                                                         \
	PT_NOINLINE int PT_SYMBOL(OP##_upper)(PT_LEVEL_ARGUMENTS(WALK))           \
	{                                                                         \
		if (!level || level > FMT_TOP_LEVEL_MAX)                          \
			__builtin_unreachable();                                  \
		return OP##_body(walk, table, index, level, OP##_enter_cold);     \
	}

#define PT_LEVELS(WALK, OP)                                        \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(WALK))  \
	{                                                          \
		PT_KNOWN_LEVEL(level);                             \
		switch (level) {                                   \
			PT_DOWN(PT_STEP, OP)                       \
		case 0:                                            \
			return OP##_last(walk, table, index);      \
		default:                                           \
			__builtin_unreachable();                   \
		}                                                  \
		return OP##_leave_path(walk, table, index, level); \
	}

#else

#define PT_KNOWS_LEVEL 0

#define PT_LEVELS_COLD(WALK, OP) PT_RECURSIVE(PT_NOINLINE, WALK, OP)

#define PT_LEVELS(WALK, OP)                                                          \
	PT_ALWAYS_INLINE int OP##_enter(PT_LEVEL_ARGUMENTS(WALK))                    \
	{                                                                            \
		int step;                                                            \
                                                                                     \
		while ((step = OP##_step(walk, &table, &index, level)) == WALK_DOWN) \
			level--;                                                     \
		if (step != WALK_LEAVE)                                              \
			return step;                                                 \
		return OP##_leave_path(walk, table, index, level);                   \
	}

#endif

#endif
