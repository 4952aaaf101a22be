// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dump.c - a page table as text or JSON, for debugging one in use.
 *
 * Reads through the format's visit(), which loads each item once and follows it; under RCU
 * a table that is detached meanwhile stays readable until the dump has left it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iommu/state.h"

struct dump {
	enum pt_dump_style style;
	unsigned int top_level;
	bool first;
	int (*write)(void *context, const char *text, size_t length);
	void *context;
};

/* 4K, 2M, 512G: every size is a power of two. */
static void size_text(unsigned int lg2, char text[8])
{
	snprintf(text, 8, "%u%c", 1u << lg2 % 10, "BKMGTPE"[lg2 / 10]);
}

static int dump_text(const struct dump *dump, const struct pt_item *item)
{
	unsigned int indent = 2 * (dump->top_level - item->level + 1);
	char line[160], size[8];
	int length;

	size_text(item->lg2, size);
	if (item->is_table)
		length = snprintf(line, sizeof(line),
				  "%*s0x%016" PRIx64 " +%s level %u table 0x%016" PRIx64 "\n",
				  (int)indent, "", item->iova, size, item->level, item->word);
	else
		length = snprintf(line, sizeof(line),
				  "%*s0x%016" PRIx64 " +%s level %u leaf  0x%016" PRIx64
				  " -> 0x%" PRIx64 "\n",
				  (int)indent, "", item->iova, size, item->level, item->word,
				  item->oa);
	return dump->write(dump->context, line, (size_t)length);
}

static int dump_json(struct dump *dump, const struct pt_item *item)
{
	char line[200];
	/* Addresses are strings: many JSON readers keep numbers in 53 bits. */
	int length = snprintf(line, sizeof(line),
			      "%s\n {\"iova\": \"0x%" PRIx64 "\", \"size_lg2\": %u, \"level\": %u, "
			      "\"kind\": \"%s\", \"word\": \"0x%" PRIx64 "\", \"oa\": %s0x%" PRIx64
			      "%s}",
			      dump->first ? "" : ",", item->iova, item->lg2, item->level,
			      item->is_table ? "table" : "leaf", item->word, "\"",
			      item->is_table ? 0 : item->oa, "\"");

	dump->first = false;
	return dump->write(dump->context, line, (size_t)length);
}

static int dump_item(void *context, const struct pt_item *item)
{
	struct dump *dump = context;

	return dump->style == PT_DUMP_TEXT ? dump_text(dump, item) : dump_json(dump, item);
}

int pt_dump(const struct pagetable *table, enum pt_dump_style style,
	    int (*write)(void *context, const char *text, size_t length), void *context)
{
	const struct pt_state *state = (const struct pt_state *)table;
	struct dump dump = { .style = style, .first = true, .write = write, .context = context };
	const void *root = pt_root(table, &dump.top_level);
	char line[160];
	int length, result;

	if (style == PT_DUMP_TEXT)
		length = snprintf(line, sizeof(line), "%s root 0x%" PRIxPTR " level %u\n",
				  state->format->name, (uintptr_t)root, dump.top_level);
	else
		length = snprintf(line, sizeof(line),
				  "{\"format\": \"%s\", \"root\": \"0x%" PRIxPTR
				  "\", \"top_level\": %u, \"items\": [",
				  state->format->name, (uintptr_t)root, dump.top_level);
	result = write(context, line, (size_t)length);
	if (!result)
		result = state->format->visit(&state->config, root, dump.top_level, dump_item,
					      &dump);
	if (!result && style == PT_DUMP_JSON)
		result = write(context, "\n]}\n", 4);
	return result;
}
