/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace_line.h - one line of a recorded trace.
 *
 * Authority for the events' text: include/trace/events/iommu.h in Linux; before
 * 5.16 it prints no end of the range, and some vendors' kernels name the device
 * before it. Whatever stands in front of "map:" or "unmap:" is the recorder's
 * (tracefs, trace-cmd, perf script) and is not read.
 */
#ifndef PTBENCH_TRACE_LINE_H
#define PTBENCH_TRACE_LINE_H

#include "trace.h"

enum trace_line_kind {
	TRACE_LINE_NOTHING, /* empty, or a comment */
	TRACE_LINE_EVENT,
	TRACE_LINE_LOST, /* the recorder says that it lost events */
	TRACE_LINE_OTHER, /* another event, or a recorder's own words */
	TRACE_LINE_WRONG, /* begins as an event and is none */
};

struct trace_line {
	enum trace_line_kind kind;
	struct trace_event event; /* of an unmap: what it took away */
	bool may_be_cut; /* its last number may lack digits */
	uint64_t lost;
	bool lost_unknown;
	const char *wrong;
};

/* Read @text, a line without its end. */
struct trace_line trace_line_read(const char *text);

#endif
