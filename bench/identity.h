/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* identity.h - what the machine is made of, and which hardware events it counts. */
#ifndef PTBENCH_IDENTITY_H
#define PTBENCH_IDENTITY_H

/*
 * Print one JSON object: "topology" as hwloc sees it (counts of packages, cores, threads, NUMA nodes
 * with their CPUs, caches with bytes, line and ways), and "events": each with null, or the reason
 * why it cannot be counted. Returns an exit code.
 */
int identity_print(void);

#endif
