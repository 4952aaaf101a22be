/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit.h - the subject that shows how close to the memory system the others are.
 *
 * For every operation that it offers it writes and reads the least that has to be
 * written and read by any means. It keeps the items of each level in one flat
 * array, indexed by the address, so that it never has to walk; it checks nothing.
 *
 *   map           one word for each item that the format's leaves of that range take;
 *                 where an unmap may have left a table behind, that it is there again
 *   map, cold     a new leaf table: what the call leaves out of it zeroed, the leaves,
 *                 and one item that points to it
 *   unmap         one empty word for each leaf, or one for a table that the range covers
 *   map_batch     as map, after reading the runs
 *   unmap_batch   reads each leaf, as it has to hand back where it pointed; then as unmap
 *   fragment      writes each new table once, tables above the last level too, and hangs
 *                 it in
 *   reassemble    reads every leaf, stores one and gives the tables back
 *   collapse      stores one leaf and gives the tables back unread, but for where the
 *                 first leaf points
 *   iova_to_phys  loads the one word that holds the answer
 *   replay        the maps and unmaps of the trace, adjacent ones in batches where the
 *                 engine may do so
 *   incoherent    writes back the lines that hold what was stored
 *
 * cut and read_dirty are not offered: what has to be done there depends on the format.
 * A test counts the words: no other subject writes fewer. Words have the format's
 * width, but are nobody's: hardware could not walk them.
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
