/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traits.h - what comparing has to know of a format and of its driver: a row each, in traits.c. */
#ifndef PTBENCH_TESTS_TRAITS_H
#define PTBENCH_TESTS_TRAITS_H

#include <stdbool.h>

struct trait {
	const char *format;
	bool grows; /* the root, to all of 63 bits */
	bool lower_half; /* is all of the addresses that are used */
	bool keeps_tables; /* the older driver, until the page table goes */
	bool keeps_odd_tables; /* the driver: those that span no page size */
	bool removes_whole; /* the driver: a larger leaf of which it is told the first page */
	bool narrow; /* items of 4 bytes */
	unsigned int table_shift; /* of addresses in table items, to the right */
	unsigned int
		quirk_7_0; /* PT_QUIRK_* with which the engine does what Linux 7.0 and later do */
	bool quirk_generic; /* only where the generic page table is the driver */
};

/* The row of @format; one without anything where it is not in the table. */
const struct trait *trait_of(const char *format);

#endif
