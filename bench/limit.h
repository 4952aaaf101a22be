/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit.h - the subject that shows how close to the memory system the others are.
 *
 * It keeps the items of each level in one flat array, indexed by the address, so
 * that it never has to walk; tables are never checked, created or freed.
 *
 *   map           stores the words that the format's leaves of that range take, in
 *                 one loop for each run of equal leaves
 *   map, cold     allocates a zeroed leaf table, stores the leaves in it and one
 *                 item that points to it
 *   unmap         stores as many empty words; a subject that detaches a table that
 *                 the range covers, instead of clearing it, may be faster
 *   fragment      writes each new table once, tables above the last level too, and hangs
 *                 it in
 *   reassemble    stores one leaf and gives the tables back unread, but for where the
 *                 first leaf points
 *   incoherent    flushes the lines that hold the stored leaves, and all of a new table
 *   iova_to_phys  loads one item a level, each load depending on the one before,
 *                 as hardware does; asks of each only whether it is a leaf
 *
 * Words have the format's width, but are nobody's: hardware could not walk them.
 */
#ifndef PTBENCH_LIMIT_H
#define PTBENCH_LIMIT_H

#include "formats.h"
#include "subject.h"

struct subject limit_subject(const struct format_facts *facts);

/* False for a limit whose arrays would be too long where several page sizes end at @iova_last. */
bool limit_reaches(const struct subject *subject, uint64_t iova_last);

/* Huge pages (the default) or small ones behind the arrays of limits created from now on. */
void limit_small_pages(bool small);

#endif
