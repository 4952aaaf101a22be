// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace_line.c - reads one line of a recorded trace, see trace_line.h. */
#include "trace_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a line is being read, and what was wrong with it first. */
struct place {
	const char *at;
	const char *wrong;
};

static bool skip(struct place *place, const char *text)
{
	size_t length = strlen(text);

	if (place->wrong || strncmp(place->at, text, length) != 0)
		return false;
	place->at += length;
	return true;
}

static void expect(struct place *place, const char *text)
{
	if (!skip(place, text) && !place->wrong)
		place->wrong = *place->at ? "malformed" : "truncated";
}

static uint64_t digits(struct place *place, const char *known, int base)
{
	char *end;
	uint64_t value;

	if (place->wrong)
		return 0;
	if (!strspn(place->at, known)) {
		place->wrong = *place->at ? "a number is missing" : "truncated";
		return 0;
	}
	errno = 0;
	value = strtoull(place->at, &end, base);
	if (errno)
		place->wrong = "a number is too large";
	place->at = end;
	return value;
}

static uint64_t address(struct place *place)
{
	expect(place, "0x");
	return digits(place, "0123456789abcdefABCDEF", 16);
}

/* Decimal, but of the oldest kernels hexadecimal. */
static uint64_t size(struct place *place)
{
	return strncmp(place->at, "0x", 2) == 0 ? address(place) : digits(place, "0123456789", 10);
}

/*
 * The text behind "IOMMU:" of a map or unmap event, or NULL. The last one counts: what stands in
 * front of it may be a task of such a name. trace-cmd fills up the event's name with spaces.
 */
static const char *event_text(const char *text, bool *map)
{
	const char *found = NULL;

	for (const char *at = text; (at = strstr(at, "map:")); at += strlen("map:")) {
		const char *body = at + strlen("map:"), *name = at;

		body += strspn(body, " \t");
		if (strncmp(body, "IOMMU: ", strlen("IOMMU: ")) != 0)
			continue;
		if (name - text >= 2 && name[-1] == 'n' && name[-2] == 'u')
			name -= 2;
		if (name > text && !strchr(" \t:", name[-1]))
			continue;
		found = body + strlen("IOMMU: ");
		*map = name == at;
	}
	return found;
}

/* "dev=1d84000.ufshc " and the like. */
static void skip_words(struct place *place)
{
	while (strncmp(place->at, "iova=", strlen("iova=")) != 0) {
		size_t length = strcspn(place->at, " ");

		if (!place->at[length] || !memchr(place->at, '=', length))
			return;
		place->at += length + 1;
	}
}

static const char *check_ranges(const struct trace_event *event, uint64_t asked)
{
	if (asked && event->iova + asked - 1 < event->iova)
		return "the iova range wraps around";
	if (event->length && event->iova + event->length - 1 < event->iova)
		return "what was unmapped wraps around";
	if (event->map && event->length && event->oa + event->length - 1 < event->oa)
		return "the physical range wraps around";
	return NULL;
}

/*
 * What an unmap of @asked bytes at event->iova took away, if that were event->length bytes. A driver
 * that removes whole leaves begins where the first one begins; that is known of a single leaf, which
 * lies at a multiple of its size around all that was asked for.
 */
static void find_removed(struct trace_event *event, uint64_t asked)
{
	uint64_t bytes = event->length, start = event->iova & ~(bytes - 1);

	if (bytes > asked && !(bytes & (bytes - 1)) && event->iova - start <= bytes - asked)
		event->iova = start;
}

static void read_event(const char *body, struct trace_line *line)
{
	struct place place = { .at = body };
	struct trace_event *event = &line->event;
	uint64_t end = 0, asked;
	bool has_end;

	skip_words(&place);
	expect(&place, "iova=");
	event->iova = address(&place);
	has_end = skip(&place, " - ");
	if (has_end)
		end = address(&place);
	if (event->map) {
		expect(&place, " paddr=");
		event->oa = address(&place);
	}
	expect(&place, " size=");
	asked = size(&place);
	event->length = asked;
	if (!event->map) {
		expect(&place, " unmapped_size=");
		event->length = size(&place);
		line->may_be_cut = event->length < asked;
	}
	place.at += strspn(place.at, " \t\r");
	if (!place.wrong && *place.at)
		place.wrong = "something follows the event";
	/* The end of the last page of 64 bits is 0. */
	if (!place.wrong && has_end && end - event->iova != asked)
		place.wrong = "the size is not that of the iova range";
	line->wrong = place.wrong ? place.wrong : check_ranges(event, asked);
	line->kind = line->wrong ? TRACE_LINE_WRONG : TRACE_LINE_EVENT;
	if (!line->wrong && !event->map)
		find_removed(event, asked);
}

/* "CPU:8 [LOST 673 EVENTS]" of tracefs, "CPU:8 [673 EVENTS DROPPED]" of trace-cmd; either without a number. */
static bool read_lost(const char *text, struct trace_line *line)
{
	struct place place = { .at = text };

	if (!skip(&place, "CPU:"))
		return false;
	place.at += strspn(place.at, "0123456789");
	if (!skip(&place, " ["))
		return false;
	skip(&place, "LOST ");
	line->lost_unknown = !strspn(place.at, "0123456789");
	if (!line->lost_unknown) {
		line->lost = digits(&place, "0123456789", 10);
		expect(&place, " ");
	}
	return skip(&place, "EVENTS]") || skip(&place, "EVENTS DROPPED]");
}

/* tracefs's head says how many events its buffer held, and how many there were. */
static void read_comment(const char *text, struct trace_line *line)
{
	struct place place = { .at = text };
	uint64_t held, written;

	line->kind = TRACE_LINE_NOTHING;
	if (!skip(&place, "# entries-in-buffer/entries-written: "))
		return;
	held = digits(&place, "0123456789", 10);
	expect(&place, "/");
	written = digits(&place, "0123456789", 10);
	if (place.wrong || written <= held)
		return;
	line->kind = TRACE_LINE_LOST;
	line->lost = written - held;
}

struct trace_line trace_line_read(const char *text)
{
	struct trace_line line = { .kind = TRACE_LINE_OTHER };
	const char *body = event_text(text, &line.event.map);

	if (body)
		read_event(body, &line);
	else if (*text == '#' || !text[strspn(text, " \t\r")])
		read_comment(text, &line);
	else if (read_lost(text, &line))
		line.kind = TRACE_LINE_LOST;
	return line;
}
