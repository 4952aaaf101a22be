/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hooks.h - the instants inside operations at which another thread, or hardware, can come in
 * between. A test lets that happen there, every time, where luck would need hours.
 *
 * Only builds for tests (PT_TEST_HOOKS) have them; in all others nothing is left of them.
 */
#ifndef PT_GENERIC_HOOKS_H
#define PT_GENERIC_HOOKS_H

enum pt_hook {
	PT_HOOK_INSTALL, /* a table is built; its item was empty when it was looked at */
	PT_HOOK_GROW, /* a higher root is built, on top of the one there was */
	PT_HOOK_ENTER, /* eager: the item points to a table that may die before it is entered */
	PT_HOOK_LAST_USE, /* eager: a table is dead, its item does not say so yet */
	PT_HOOK_REPLACE, /* a leaf was read and is about to be replaced */
};

#ifdef PT_TEST_HOOKS
/* Called at each of these instants, in the thread that is there; NULL for nothing. */
extern void (*pt_hook)(enum pt_hook where);

static inline void pt_at_hook(enum pt_hook where)
{
	if (pt_hook)
		pt_hook(where);
}
#define PT_HOOK(where) pt_at_hook(where)
#else
#define PT_HOOK(where) ((void)0)
#endif

#endif
