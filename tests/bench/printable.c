// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* printable.c - what a terminal would obey, and what is no UTF-8, becomes visible; all else stays. */
#include "printable.h"

#include <string.h>

#include "capture.h"
#include "fail.h"

static void assert_shown(const char *text, const char *shown)
{
	char to[256];

	printable(text, to, sizeof(to));
	assert_string_equal(to, shown);
}

static void text_stays_as_it_is(void **state)
{
	(void)state;
	assert_shown("", "");
	assert_shown("trace.txt:3: no event \"x\" \\ 'y'", "trace.txt:3: no event \"x\" \\ 'y'");
	assert_shown("\xc3\xbc \xe2\x82\xac \xf0\x9f\x90\xa7",
		     "\xc3\xbc \xe2\x82\xac \xf0\x9f\x90\xa7");
}

static void what_a_terminal_obeys_becomes_visible(void **state)
{
	(void)state;
	assert_shown("a\x1b[2J\n\r\x7f", "a\\x1b[2J\\x0a\\x0d\\x7f");
	/* CSI as one character; right-to-left override; isolate; zero width joiner; tags */
	assert_shown("\xc2\x9b", "\\xc2\\x9b");
	assert_shown("\xe2\x80\xae.", "\\xe2\\x80\\xae.");
	assert_shown("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	assert_shown("\xe2\x80\x8d", "\\xe2\\x80\\x8d");
	assert_shown("\xf3\xa0\x80\xa1", "\\xf3\\xa0\\x80\\xa1");
}

static void what_is_no_utf8_becomes_visible(void **state)
{
	(void)state;
	assert_shown("\xff"
		     "a\xc3",
		     "\\xff"
		     "a\\xc3");
	/* overlong, a surrogate, beyond the last character, five bytes */
	assert_shown("\xc0\xaf", "\\xc0\\xaf");
	assert_shown("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_shown("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80");
}

static void what_does_not_fit_is_left_out(void **state)
{
	char to[8];

	(void)state;
	printable("abcdefghij", to, sizeof(to));
	assert_string_equal(to, "abcdefg");
	printable("abcdef\xc3\xbc", to, sizeof(to));
	assert_string_equal(to, "abcdef");
	printable("abcd\x1b", to, sizeof(to));
	assert_string_equal(to, "abcd");
}

static void failures_are_one_harmless_line(void **state)
{
	(void)state;
	capture_begin();
	assert_int_equal(fail(EXIT_USAGE, "%s: no event", "a\x1b[2J\nb"), EXIT_USAGE);
	assert_string_equal(capture_end(), "ptbench-bench: a\\x1b[2J\\x0ab: no event\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays_as_it_is),
		cmocka_unit_test(what_a_terminal_obeys_becomes_visible),
		cmocka_unit_test(what_is_no_utf8_becomes_visible),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(failures_are_one_harmless_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
