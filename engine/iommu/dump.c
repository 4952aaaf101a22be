// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dump.c - a page table as text or JSON, for debugging one in use.
 *
 * Reads through the format's visit(), which loads each item once and follows it; under RCU
 * a table that is detached meanwhile stays readable until the dump has left it.
 */
#include "iommu/state.h"

struct dump {
	enum pt_dump_style style;
	unsigned int top_level;
	bool first;
	int (*write)(void *context, const char *text, size_t length);
	void *context;
};

/* Text in the making; there is room for every line that is made here. */
struct line {
	char text[200];
	size_t length;
};

static void add(struct line *line, const char *text)
{
	while (*text)
		line->text[line->length++] = *text++;
}

/* @value in @base 10 or 16, in no fewer than @digits. */
static void add_number(struct line *line, uint64_t value, unsigned int base, unsigned int digits)
{
	char reversed[20];
	unsigned int count = 0;

	for (; value || count < digits; value /= base)
		reversed[count++] = "0123456789abcdef"[value % base];
	while (count)
		line->text[line->length++] = reversed[--count];
}

static void add_hex(struct line *line, uint64_t value, unsigned int digits)
{
	add(line, "0x");
	add_number(line, value, 16, digits);
}

/* 4K, 2M, 512G: every size is a power of two. */
static void add_size(struct line *line, unsigned int lg2)
{
	char unit[2] = { "BKMGTPE"[lg2 / 10], '\0' };

	add_number(line, 1u << lg2 % 10, 10, 1);
	add(line, unit);
}

static int write_line(const struct dump *dump, const struct line *line)
{
	return dump->write(dump->context, line->text, line->length);
}

static int dump_text(const struct dump *dump, const struct pt_item *item)
{
	struct line line = { .length = 0 };

	for (unsigned int level = dump->top_level + 1; level > item->level; level--)
		add(&line, "  ");
	add_hex(&line, item->iova, 16);
	add(&line, " +");
	add_size(&line, item->lg2);
	add(&line, " level ");
	add_number(&line, item->level, 10, 1);
	add(&line, item->is_table ? " table " : " leaf  ");
	add_hex(&line, item->word, 16);
	if (!item->is_table) {
		add(&line, " -> ");
		add_hex(&line, item->oa, 1);
	}
	add(&line, "\n");
	return write_line(dump, &line);
}

static int dump_json(struct dump *dump, const struct pt_item *item)
{
	struct line line = { .length = 0 };

	/* Addresses are strings: many JSON readers keep numbers in 53 bits. */
	add(&line, dump->first ? "\n {\"iova\": \"" : ",\n {\"iova\": \"");
	add_hex(&line, item->iova, 1);
	add(&line, "\", \"size_lg2\": ");
	add_number(&line, item->lg2, 10, 1);
	add(&line, ", \"level\": ");
	add_number(&line, item->level, 10, 1);
	add(&line, item->is_table ? ", \"kind\": \"table\", \"word\": \""
				  : ", \"kind\": \"leaf\", \"word\": \"");
	add_hex(&line, item->word, 1);
	add(&line, "\", \"oa\": \"");
	add_hex(&line, item->is_table ? 0 : item->oa, 1);
	add(&line, "\"}");
	dump->first = false;
	return write_line(dump, &line);
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
	struct line line = { .length = 0 };
	int result;

	add(&line, style == PT_DUMP_TEXT ? "" : "{\"format\": \"");
	add(&line, state->format->name);
	add(&line, style == PT_DUMP_TEXT ? " root " : "\", \"root\": \"");
	add_hex(&line, (uintptr_t)root, 1);
	add(&line, style == PT_DUMP_TEXT ? " level " : "\", \"top_level\": ");
	add_number(&line, dump.top_level, 10, 1);
	add(&line, style == PT_DUMP_TEXT ? "\n" : ", \"items\": [");
	result = write_line(&dump, &line);
	if (!result)
		result = state->format->visit(&state->config, root, dump.top_level, dump_item,
					      &dump);
	if (!result && style == PT_DUMP_JSON)
		result = write(context, "\n]}\n", 4);
	return result;
}
