/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report.h - how the drivers complain: printing, WARN_ON(), BUG_ON(). All of it
 * is out of line and cold, so that the compiler lays out the hot paths as it
 * does in the kernel, where these are a trapping instruction at the end.
 */
#ifndef PTBENCH_SHIM_REPORT_H
#define PTBENCH_SHIM_REPORT_H

#include "shim/types.h"

/* Defined in report.c. Complaints are counted (baseline_warnings), information is not. */
void shim_complain(const char *format, ...) __printf(1, 2) __cold;
void shim_inform(const char *format, ...) __printf(1, 2) __cold;
void shim_warn(const char *file, int line, const char *condition) __cold;
void shim_bug(const char *file, int line) __cold __noreturn;

#ifndef pr_fmt
#define pr_fmt(format) format
#endif
#define pr_crit(format, ...) shim_complain(pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) shim_complain(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) shim_complain(pr_fmt(format), ##__VA_ARGS__)
#define pr_err_ratelimited(format, ...) pr_err(format, ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...) pr_warn(format, ##__VA_ARGS__)
#define pr_info(format, ...) shim_inform(pr_fmt(format), ##__VA_ARGS__)
#define dev_err(device, format, ...) ((void)(device), shim_complain(format, ##__VA_ARGS__))

#define WARN_ON(condition)                                         \
	({                                                         \
		bool warn_met = !!(condition);                     \
		if (unlikely(warn_met))                            \
			shim_warn(__FILE__, __LINE__, #condition); \
		unlikely(warn_met);                                \
	})
#define WARN(condition, format, ...)                                  \
	({                                                            \
		bool warn_met = !!(condition);                        \
		if (unlikely(warn_met))                               \
			shim_complain(pr_fmt(format), ##__VA_ARGS__); \
		unlikely(warn_met);                                   \
	})
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN_ONCE(condition, format, ...) WARN(condition, format, ##__VA_ARGS__)
#define BUG() shim_bug(__FILE__, __LINE__)
#define BUG_ON(condition)                \
	do {                             \
		if (unlikely(condition)) \
			BUG();           \
	} while (0)
/* Only in debugging kernels. */
#define VM_BUG_ON(condition) BUILD_BUG_ON(__builtin_constant_p(condition) && (condition))

#endif
