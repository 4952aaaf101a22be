// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * thread_sanitizer.c - what the thread sanitizer is not to report: memory that liburcu hands
 * from thread to thread inside itself, in code that is not instrumented. What the engine
 * hands over through it is announced by engine/generic/platform.c.
 */

#ifdef __SANITIZE_THREAD__
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
	return "race:liburcu-memb.so\nrace:^urcu_memb_\n";
}
#else
typedef int thread_sanitizer_is_off; /* ISO C wants something in every file */
#endif
