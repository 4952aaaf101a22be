/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "under_valgrind.h"

#ifdef PTBENCH_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

bool under_valgrind(void)
{
	return RUNNING_ON_VALGRIND;
}
