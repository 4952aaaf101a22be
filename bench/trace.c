// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace.c - reads and writes files of recorded traces, see trace.h. */
#define _GNU_SOURCE
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "trace_line.h"

/* Longer than any event: of a longer line, nothing but that it is there is read. */
#define LINE_ROOM 1024
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A line of a file. */
struct text {
	char line[LINE_ROOM];
	bool too_long, binary;
	bool ended; /* by its own end, not the file's */
};

const char *trace_reason_name(enum trace_reason reason)
{
	static const char *const names[TRACE_REASONS] = {
		[TRACE_NOT_MAPPED] = "not_mapped", [TRACE_EMPTY] = "empty",
		[TRACE_UNALIGNED] = "unaligned",   [TRACE_OUT_OF_REACH] = "out_of_reach",
		[TRACE_CUT_OFF] = "cut_off",
	};

	return names[reason];
}

/* Read the next line in bounded memory; false where there is none. */
static bool next_line(FILE *input, struct text *text)
{
	size_t length = 0;
	int byte;

	text->too_long = text->binary = text->ended = false;
	while ((byte = getc_unlocked(input)) != EOF && byte != '\n') {
		text->binary |= !byte;
		if (length < LINE_ROOM - 1)
			text->line[length++] = (char)byte;
		else
			text->too_long = true;
	}
	text->line[length] = 0;
	text->ended = byte == '\n';
	return length || text->ended;
}

static bool append(struct trace *trace, const struct trace_event *event, size_t *room)
{
	if (trace->count == *room) {
		size_t more = *room ? *room * 2 : 1024;
		void *events = realloc(trace->events, more * sizeof(*trace->events));

		if (!events)
			return false;
		trace->events = events;
		*room = more;
	}
	trace->events[trace->count++] = *event;
	return true;
}

static void note_extent(struct trace *trace, const struct trace_event *event, uint64_t *bits)
{
	uint64_t last = event->iova + event->length - 1;

	if (!event->length)
		return;
	*bits |= event->iova | event->length | (event->map ? event->oa : 0);
	trace->highest = last > trace->highest ? last : trace->highest;
	if (event->map && event->length > trace->longest)
		trace->longest = event->length;
}

/* Take @text in; returns what is wrong with it, or NULL. */
static const char *take_line(struct trace *trace, const struct text *text, const char *begin,
			     size_t *room, uint64_t *bits)
{
	struct trace_line line = { .kind = TRACE_LINE_OTHER };

	if (text->binary)
		return "not a text file";
	if (!text->too_long)
		line = trace_line_read(begin);
	switch (line.kind) {
	case TRACE_LINE_NOTHING:
		break;
	case TRACE_LINE_LOST:
		trace->counts.lost += line.lost;
		trace->counts.lost_more |= line.lost_unknown;
		break;
	case TRACE_LINE_OTHER:
		trace->counts.other_lines++;
		break;
	case TRACE_LINE_WRONG:
	case TRACE_LINE_EVENT:
		trace->counts.recorded++;
		if (!text->ended && (line.wrong || line.may_be_cut))
			trace->counts.left_out[TRACE_CUT_OFF]++;
		else if (line.wrong)
			return line.wrong;
		else if (!append(trace, &line.event, room))
			return "no memory for the event";
		else
			note_extent(trace, &line.event, bits);
	}
	return NULL;
}

static int read_events(FILE *input, struct trace *trace)
{
	size_t room = 0, number_of_line = 0;
	uint64_t bits = 0;
	const char *wrong = NULL;
	struct text text;

	while (!wrong && next_line(input, &text)) {
		const char *begin = text.line;

		if (!number_of_line++ &&
		    strncmp(begin, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
			begin += strlen(BYTE_ORDER_MARK);
		wrong = take_line(trace, &text, begin, &room, &bits);
	}
	if (wrong)
		return fail(EXIT_USAGE, "%s:%zu: %s", trace->file, number_of_line, wrong);
	if (ferror(input))
		return fail(EXIT_USAGE, "%s: %s", trace->file, strerror(errno));
	if (!trace->count)
		return fail(EXIT_USAGE, "%s: no map or unmap event in it, but %zu other lines",
			    trace->file, trace->counts.other_lines);
	trace->granule_lg2 = bits ? (unsigned int)__builtin_ctzll(bits) : 0;
	return 0;
}

/* What is replayed where no format sets limits. */
static int count_all(struct trace *trace)
{
	const struct trace_limits none = { .iova_last = UINT64_MAX, .oa_last = UINT64_MAX };
	struct trace_fit fit;
	int result = 0;

	if (!trace_fit(trace, &none, &fit))
		result = fail(EXIT_BENCHMARK, "trace %s: no memory", trace->name);
	else if (!fit.counts.replayed)
		result = fail(EXIT_USAGE, "%s: no event that could be replayed", trace->file);
	trace->counts = fit.counts;
	trace->iova_last = fit.iova_last;
	trace_fit_free(&fit);
	return result;
}

int trace_load(const char *name, const char *file, struct trace *trace)
{
	FILE *input = fopen(file, "r");
	int result;

	*trace = (struct trace){ 0 };
	if (!input)
		return fail(EXIT_USAGE, "trace %s: %s: %s", name, file, strerror(errno));
	trace->name = strdup(name);
	trace->file = strdup(file);
	if (!trace->name || !trace->file)
		result = fail(EXIT_BENCHMARK, "trace %s: no memory", name);
	else
		result = read_events(input, trace);
	fclose(input);
	return result ? result : count_all(trace);
}

void trace_free(struct trace *trace)
{
	free(trace->name);
	free(trace->file);
	free(trace->events);
	*trace = (struct trace){ 0 };
}

void trace_print(FILE *file, const struct trace_event *event)
{
	fprintf(file, "         ptbench-0       [000] .....     0.000000: %s: IOMMU: ",
		event->map ? "map" : "unmap");
	fprintf(file, "iova=0x%016" PRIx64 " - 0x%016" PRIx64 " ", event->iova,
		event->iova + event->length);
	if (event->map)
		fprintf(file, "paddr=0x%016" PRIx64 " size=%" PRIu64 "\n", event->oa,
			event->length);
	else
		fprintf(file, "size=%" PRIu64 " unmapped_size=%" PRIu64 "\n", event->length,
			event->length);
}
