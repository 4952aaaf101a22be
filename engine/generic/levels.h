/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * levels.h - one body of code for all levels of a tree.
 *
 * An operation OP keeps its place in a struct WALK and says what it does in one table as
 *
 *	int OP_body(struct WALK *walk, void *table, unsigned int *index,
 *		    unsigned int level, void **child)
 *
 * which goes on from item *index: to the end of the table or of all there is to do
 * (WALK_DONE), or to an item whose *child has to be dealt with first (WALK_DOWN); and
 *
 *	int OP_left(struct WALK *walk, void *table, unsigned int index,
 *		    void *child, unsigned int level, int result)
 *
 * which comes after that, with what became of the child, and says what becomes of the whole; and
 *
 *	bool OP_more(const struct WALK *walk)
 *	uint64_t OP_iova(const struct WALK *walk)
 *
 * whether there is anything left to do, and where the walk is. PT_LEVELS_ALL(WALK, OP) makes OP_all()
 * of them, one loop that goes down and up again: nothing calls itself, so that the stack it takes does
 * not depend on the depth. In the inline variant leaf tables, where the time goes, have a body of
 * their own with a constant level. PT_LEVELS_COLD() does without that, for what is done seldom.
 *
 * Operations on single pages have a straight path before it, from the root to a short range:
 *
 *	int OP_step(struct WALK *walk, void **table, unsigned int *index,
 *		    unsigned int level)
 *
 * goes one level down (WALK_DOWN) if that is all there is to do at this level; or does all there is
 * to do and returns the operation's result; or does nothing (WALK_LEAVE): this is not for the
 * straight path, and OP_leave(walk, table, index, level) sees to it that OP_all() goes on there.
 * OP_last(walk, table, index) does the same in a leaf table. PT_LEVELS_PATH(WALK, OP) makes
 * OP_path() of them, which begins at a level that only run time knows: unrolled, with level, shifts
 * and masks constant, in the inline variant, a loop in the recursive one. No address of its walk is
 * ever taken, so that it stays in registers.
 *
 * PT_RECURSIVE() is a single function in both variants that calls itself, for what has to remember more
 * of the tables above than where it was:
 *
 *	int OP_body(struct WALK *walk, void *table, unsigned int index,
 *		     unsigned int level, int (*below)(the same))
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

/* Where a walk goes on when it comes up again. */
struct walk_place {
	void *table;
	unsigned int index;
	unsigned int end; /* or what else a loop of its own has to remember */
};

/* The loop, as a function of the given kind; @ONE: what it calls for one table. */
#define PT_LEVELS_LOOP(KIND, WALK, OP, ONE)                                                   \
	KIND int PT_SYMBOL(OP##_all)(PT_LEVEL_ARGUMENTS(WALK))                                \
	{                                                                                     \
		struct walk_place above[FMT_TOP_LEVEL_MAX + 1] PT_UNINITIALIZED;              \
		unsigned int top = level;                                                     \
                                                                                              \
		for (;;) {                                                                    \
			void *child = NULL;                                                   \
			int result;                                                           \
                                                                                              \
			if (level > FMT_TOP_LEVEL_MAX)                                        \
				__builtin_unreachable();                                      \
			result = ONE(walk, table, &index, level, &child);                     \
                                                                                              \
			if (result == WALK_DOWN) {                                            \
				above[level].table = table;                                   \
				above[level].index = index;                                   \
				table = child;                                                \
				index = item_index(OP##_iova(walk), --level);                 \
				continue;                                                     \
			}                                                                     \
			do {                                                                  \
				if (level == top)                                             \
					return result;                                        \
				child = table;                                                \
				table = above[++level].table;                                 \
				index = above[level].index;                                   \
				result = OP##_left(walk, table, index, child, level, result); \
			} while (result != WALK_DONE || !OP##_more(walk));                    \
			index++;                                                              \
		}                                                                             \
	}

#define PT_LEVELS_ALL(WALK, OP)    \
	PT_LEVELS_LEAVES(WALK, OP) \
	PT_LEVELS_LOOP(PT_NOINLINE, WALK, OP, OP##_one)

/* The same where one piece of code for all levels is enough for both variants. */
#define PT_LEVELS_COLD(WALK, OP) PT_LEVELS_LOOP(PT_COLD, WALK, OP, OP##_body)

#ifdef PT_INLINE

/* In the code for leaf tables the level is a constant. */
#define PT_KNOWS_LEVEL 1

#define PT_LEVELS_LEAVES(WALK, OP)                                                         \
	PT_NOINLINE int PT_SYMBOL(OP##_leaves)(struct WALK * walk, void *table,            \
					       unsigned int index)                         \
	{                                                                                  \
		return OP##_body(walk, table, &index, 0, NULL);                            \
	}                                                                                  \
	PT_ALWAYS_INLINE int OP##_one(struct WALK *walk, void *table, unsigned int *index, \
				      unsigned int level, void **child)                    \
	{                                                                                  \
		return level ? OP##_body(walk, table, index, level, child)                 \
			     : PT_SYMBOL(OP##_leaves)(walk, table, *index);                \
	}

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

#define PT_LEVELS_PATH(WALK, OP)                                  \
	PT_ALWAYS_INLINE int OP##_path(PT_LEVEL_ARGUMENTS(WALK))  \
	{                                                         \
		PT_KNOWN_LEVEL(level);                            \
		switch (level) {                                  \
			PT_DOWN(PT_STEP, OP)                      \
		case 0: {                                         \
			int step = OP##_last(walk, table, index); \
                                                                  \
			if (PT_LIKELY(step != WALK_LEAVE))        \
				return step;                      \
			level = 0;                                \
			break;                                    \
		}                                                 \
		default:                                          \
			__builtin_unreachable();                  \
		}                                                 \
		return OP##_leave(walk, table, index, level);     \
	}

#else

#define PT_KNOWS_LEVEL 0

#define PT_LEVELS_LEAVES(WALK, OP)                                                         \
	PT_ALWAYS_INLINE int OP##_one(struct WALK *walk, void *table, unsigned int *index, \
				      unsigned int level, void **child)                    \
	{                                                                                  \
		return OP##_body(walk, table, index, level, child);                        \
	}

#define PT_LEVELS_PATH(WALK, OP)                                              \
	PT_ALWAYS_INLINE int OP##_path(PT_LEVEL_ARGUMENTS(WALK))              \
	{                                                                     \
		int step;                                                     \
                                                                              \
		do                                                            \
			step = level ? OP##_step(walk, &table, &index, level) \
				     : OP##_last(walk, table, index);         \
		while (step == WALK_DOWN && level--);                         \
		if (PT_LIKELY(step != WALK_LEAVE))                            \
			return step;                                          \
		return OP##_leave(walk, table, index, level);                 \
	}

#endif

#endif
