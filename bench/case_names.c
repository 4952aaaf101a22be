// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* case_names.c - names, descriptions, and the search for a name, see case_names.h. */
#define _GNU_SOURCE
#include "case_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define CANDIDATES 3

const char *case_mode_name(enum case_mode mode)
{
	static const char *const names[] = { "coherent", "coherent+lazy", "incoherent" };

	return names[mode];
}

const char *case_state_name(enum case_state state)
{
	static const char *const names[] = { "warm", "cold", "out-of-cache", "cold-code" };

	return names[state];
}

/* "4K", "2M", "mixed": @text has room for 24 characters. */
static const char *size_name(uint64_t bytes, char *text)
{
	static const char units[] = { 0, 'K', 'M', 'G', 'T', 'P' };
	size_t unit = 0;

	if (!bytes)
		return "mixed";
	for (; bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < sizeof(units); unit++)
		bytes /= 1024;
	snprintf(text, 24, "%llu%c", (unsigned long long)bytes, units[unit]);
	return text;
}

static void set_name(struct bench_case *c, const char *third)
{
	char threads[16] = "";

	if (c->op->threaded)
		snprintf(threads, sizeof(threads), "+t%u", c->threads);
	snprintf(c->name, sizeof(c->name), "%s/%s/%s/x%u/%s/%s%s", c->facts->name, c->op->name,
		 third, c->count, case_mode_name(c->mode), case_state_name(c->state), threads);
}

void case_name_grid(struct bench_case *c)
{
	char text[24];

	set_name(c, size_name(c->page_size, text));
}

void case_name_trace(struct bench_case *c)
{
	set_name(c, c->trace);
}

static char *what_is_timed(const struct bench_case *c)
{
	char size[24], pages[64];

	if (c->page_size)
		snprintf(pages, sizeof(pages), "%u page%s of %s", c->count, c->count > 1 ? "s" : "",
			 size_name(c->page_size, size));
	else
		snprintf(pages, sizeof(pages), "one range that takes several page sizes");
	return c->op->describe(c, pages);
}

static const char *what_exists(const struct bench_case *c)
{
	switch (c->state) {
	case STATE_COLD:
		return " Every call needs a leaf table that does not exist yet.";
	case STATE_OUT_OF_CACHE:
		return " One page for each cache line of leaf items, in random order, over more "
		       "lines than the last-level cache holds; the tables exist.";
	case STATE_COLD_CODE:
		return " The tables exist. Before each call other code has run and other data was "
		       "read, "
		       "as much as pushes the operation's own out of the first two levels of cache "
		       "and "
		       "the branch predictors.";
	case STATE_WARM:
		break;
	}
	return " The tables exist beforehand, as far as the subject keeps empty ones.";
}

char *case_describe(const struct bench_case *c, const char *use)
{
	char *what = what_is_timed(c), *text;
	int length;

	if (!what)
		return NULL;
	length = asprintf(&text, "%s%s%s %s", what, what_exists(c),
			  c->mode == MODE_INCOHERENT
				  ? " The walker does not snoop: written items are flushed."
				  : "",
			  use);
	free(what);
	return length < 0 ? NULL : text;
}

/* Edit distance of two names; names longer than the table count as far away. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[sizeof(((struct bench_case *)0)->name)];
	size_t length = strlen(b);

	if (length >= sizeof(row) / sizeof(*row))
		return (unsigned int)-1;
	for (size_t j = 0; j <= length; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 0; a[i]; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i + 1;
		for (size_t j = 0; j < length; j++) {
			unsigned int change = diagonal + (a[i] != b[j]), least = row[j] + 1;

			diagonal = row[j + 1];
			least = diagonal + 1 < least ? diagonal + 1 : least;
			row[j + 1] = change < least ? change : least;
		}
	}
	return row[length];
}

static void say_no_such_case(const struct case_list *list, const char *name)
{
	const struct bench_case *near[CANDIDATES] = { NULL };
	unsigned int distances[CANDIDATES], count = 0;
	char text[CANDIDATES * sizeof(near[0]->name) + 32] = "";

	for (size_t i = 0; i < list->count; i++) {
		unsigned int d = distance(name, list->cases[i].name), at = count;

		while (at && distances[at - 1] > d)
			at--;
		if (at == CANDIDATES)
			continue;
		count += count < CANDIDATES;
		for (unsigned int j = count - 1; j > at; j--) {
			near[j] = near[j - 1];
			distances[j] = distances[j - 1];
		}
		near[at] = &list->cases[i];
		distances[at] = d;
	}
	for (unsigned int i = 0; i < count; i++) {
		strcat(text, i ? ", " : "; near it: ");
		strcat(text, near[i]->name);
	}
	fail(EXIT_NO_CASE, "no such case: %.200s%s", name, text);
}

const struct bench_case *case_find(const struct case_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->cases[i].name, name) == 0)
			return &list->cases[i];
	say_no_such_case(list, name);
	return NULL;
}
