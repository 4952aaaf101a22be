// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace.c - reads and writes the text of recorded traces, see trace.h. */
#define _GNU_SOURCE
#include "trace.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

/* Where a line is being read, and what was wrong with it first. */
struct line {
	const char *at;
	const char *wrong;
};

static void expect(struct line *line, const char *text)
{
	size_t length = strlen(text);

	if (line->wrong)
		return;
	if (strncmp(line->at, text, length) == 0)
		line->at += length;
	else
		line->wrong = *line->at ? "malformed" : "truncated";
}

static uint64_t number(struct line *line, int base)
{
	char *end;
	uint64_t value;

	if (line->wrong)
		return 0;
	if (!isxdigit((unsigned char)*line->at)) {
		line->wrong = *line->at ? "a number is missing" : "truncated";
		return 0;
	}
	errno = 0;
	value = strtoull(line->at, &end, base);
	if (errno)
		line->wrong = "a number is too large";
	line->at = end;
	return value;
}

/* The event's text, behind the recorder's prefix; NULL if it is none of ours. */
static const char *event_text(const char *text, bool *map)
{
	const char *at = strstr(text, "map: IOMMU: ");

	if (!at || at == text)
		return NULL;
	*map = at[-1] == ' ' || at[-1] == ':';
	if (!*map &&
	    !(at - text > 2 && at[-1] == 'n' && at[-2] == 'u' && (at[-3] == ' ' || at[-3] == ':')))
		return NULL;
	return at + strlen("map: IOMMU: ");
}

static const char *check_event(const struct trace_event *event, uint64_t end)
{
	uint64_t granule_mask = (1u << TRACE_GRANULE_LG2) - 1;

	if (!event->length)
		return "the size is 0";
	if (end <= event->iova)
		return "the iova range ends before it begins";
	if (end - event->iova != event->length)
		return "the size is not that of the iova range";
	if ((event->iova | event->oa | event->length) & granule_mask)
		return "not aligned to 4 KiB";
	if (event->oa + event->length < event->oa)
		return "the physical range wraps around";
	return NULL;
}

/* Returns what is wrong with @text, or NULL. */
static const char *parse(const char *text, struct trace_event *event)
{
	struct line line = { .at = event_text(text, &event->map) };
	uint64_t end;

	if (!line.at)
		return "neither a map nor an unmap event";
	expect(&line, "iova=0x");
	event->iova = number(&line, 16);
	expect(&line, " - 0x");
	end = number(&line, 16);
	if (event->map) {
		expect(&line, " paddr=0x");
		event->oa = number(&line, 16);
	}
	expect(&line, " size=");
	event->length = number(&line, 10);
	if (!event->map) {
		expect(&line, " unmapped_size=");
		number(&line, 10);
	}
	if (line.wrong)
		return line.wrong;
	if (*line.at != '\n')
		return *line.at ? "something follows the event" : "truncated: no end of line";
	return check_event(event, end);
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

static int read_events(FILE *input, struct trace *trace)
{
	char *text = NULL;
	size_t text_room = 0, room = 0, number_of_line = 0;
	const char *wrong = NULL;
	ssize_t length;

	while (!wrong && (length = getline(&text, &text_room, input)) > 0) {
		struct trace_event event = { 0 };

		number_of_line++;
		if (*text == '#' || *text == '\n')
			continue;
		wrong = strlen(text) == (size_t)length ? parse(text, &event) : "not a text file";
		if (!wrong && !append(trace, &event, &room))
			wrong = "no memory for the event";
	}
	free(text);
	if (wrong)
		return fail(EXIT_USAGE, "%s:%zu: %s", trace->file, number_of_line, wrong);
	if (ferror(input))
		return fail(EXIT_USAGE, "%s: %s", trace->file, strerror(errno));
	if (!trace->count)
		return fail(EXIT_USAGE, "%s: no map or unmap event in it", trace->file);
	return 0;
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
	if (!result && !trace_drop_impossible(trace))
		result = fail(EXIT_BENCHMARK, "trace %s: no memory", name);
	if (!result && !trace->count)
		result = fail(EXIT_USAGE, "%s: no event that could be replayed", file);
	for (size_t i = 0; i < trace->count; i++) {
		uint64_t last = trace->events[i].iova + trace->events[i].length - 1;

		trace->iova_last = last > trace->iova_last ? last : trace->iova_last;
	}
	return result;
}

void trace_free(struct trace *trace)
{
	free(trace->name);
	free(trace->file);
	free(trace->events);
	free(trace->rest);
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
