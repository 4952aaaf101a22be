/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * read_section.h - RCU read sections, with their ordering told to the thread sanitizer:
 * liburcu is not instrumented, so that it does not see what a grace period orders.
 *
 * The engine's platform.c has the other half, where it frees tables.
 */
#ifndef PTBENCH_TESTS_READ_SECTION_H
#define PTBENCH_TESTS_READ_SECTION_H

#include <urcu/urcu-memb.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
/* liburcu's grace period counter: an address that both sides can name. */
extern struct urcu_gp urcu_memb_gp;
#define SECTION_ENDS() __tsan_release(&urcu_memb_gp)
#define SECTIONS_HAVE_ENDED() __tsan_acquire(&urcu_memb_gp)
#else
#define SECTION_ENDS() ((void)0)
#define SECTIONS_HAVE_ENDED() ((void)0)
#endif

static inline void section_enter(void)
{
	urcu_memb_read_lock();
}

static inline void section_leave(void)
{
	SECTION_ENDS();
	urcu_memb_read_unlock();
}

/* Wait until all sections of now have ended. */
static inline void wait_for_sections(void)
{
	urcu_memb_synchronize_rcu();
	SECTIONS_HAVE_ENDED();
}

#endif
