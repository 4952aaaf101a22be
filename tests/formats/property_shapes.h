/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * property_shapes.h - the configurations of a format that its properties are tested with, and
 * the levels that they have. Included after the format's own header.
 */
#ifndef PTBENCH_TESTS_PROPERTY_SHAPES_H
#define PTBENCH_TESTS_PROPERTY_SHAPES_H

#define QUIRKS 14

/* Configurations that @visit is called for: those with the given widths that the format takes. */
typedef void (*shape_fn)(const struct pt_config *config, const struct pt_shape *shape);

static void with_config(const struct pt_config *config, shape_fn visit)
{
	struct pt_shape shape = { .page_sizes = FMT_PAGE_SIZES };

#ifdef FMT_ALTERNATIVE
	if (fmt_wants_alternative(config))
		return;
#endif
	if (fmt_shape(config, &shape))
		return;
	for (unsigned int lg2 = 0; !FMT_DYNAMIC_TOP && lg2 < 64; lg2++)
		if (lg2 >= fmt_item_lg2(shape.top_level + 1))
			shape.page_sizes &= ~PT_BIT(lg2);
	visit(config, &shape);
}

/* @visit for every subset of the format's quirks with these widths. */
static void with_quirks(unsigned int ia_bits, unsigned int oa_bits, shape_fn visit)
{
	struct pt_config config = { .ia_bits = ia_bits, .oa_bits = oa_bits };

	for (unsigned int quirks = 0; quirks < 1u << QUIRKS; quirks++)
		if (!(quirks & ~FMT_QUIRKS)) {
			config.quirks = quirks;
			with_config(&config, visit);
		}
}

static void with_every_width(shape_fn visit)
{
	for (unsigned int bits = 0; bits <= 64; bits++)
		with_quirks(bits, 0, visit);
	with_quirks(0, FMT_OA_BITS_MAX, visit);
}

static void with_usual_widths(shape_fn visit)
{
	with_quirks(0, 0, visit);
	with_quirks(0, FMT_OA_BITS_MAX, visit);
}

/* The highest level that any root can have. */
static unsigned int top_level_of(const struct pt_shape *shape)
{
	return FMT_DYNAMIC_TOP ? FMT_TOP_LEVEL_MAX : shape->top_level;
}

/* The level whose items make a leaf of 1 << @lg2 bytes. */
static unsigned int level_of_size(unsigned int lg2)
{
	unsigned int level = 0;

	while (fmt_item_lg2(level + 1) <= lg2)
		level++;
	return level;
}

#endif
