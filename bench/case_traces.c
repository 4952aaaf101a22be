// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* case_traces.c - one row for each trace in bench/traces, see case_traces.h. */
#include "case_traces.h"

#include <stddef.h>

const struct recorded_trace recorded_traces[] = {
	{ "intel-probe", 36, 32, false,
	  "Drivers probing: the rings of an NVMe disk and of a network card, a page or two each." },
	{ "intel-nvme-4k-qd4", 16000, 32, true,
	  "Four processes reading 4 KiB blocks from an NVMe disk past the page cache." },
	{ "intel-nvme-128k-qd2", 15200, 32, false,
	  "Two processes reading 128 KiB blocks from an NVMe disk past the page cache: scatter "
	  "lists, so many maps meet one unmap." },
	{ "intel-nvme-buffered-1m", 3251, 32, false,
	  "A file read through the page cache, 1 MiB at a time, from an NVMe disk." },
	{ "intel-e1000e-net", 72199, 32, true,
	  "Downloads and pings through a network card: one page mapped and unmapped a packet." },
	{ "intel-vfio-256M-thp0", 183, 33, false,
	  "VFIO pinning 256 MiB of guest memory made of 4 KiB pages, on a machine just started." },
	{ "intel-vfio-256M-thp1", 135, 33, false,
	  "VFIO pinning 256 MiB of guest memory made of transparent huge pages." },
	{ "intel-vfio-256M-fragmented", 92255, 33, true,
	  "VFIO pinning 256 MiB of guest memory after the machine's memory was fragmented: runs "
	  "of one or two pages." },
	{ NULL, 0, 0, false, NULL },
};
