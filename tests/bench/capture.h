/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.h - what the code under test prints to stderr, and files for it to read. */
#ifndef PTBENCH_TEST_CAPTURE_H
#define PTBENCH_TEST_CAPTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <cmocka.h>
/* Its name for "this test has failed" is ours for something else. */
#undef fail

/* Send stderr to a buffer from here on. */
void capture_begin(void);

/* Send it to where it went before; returns what was printed, valid until the next capture. */
const char *capture_end(void);

/* A new file with @bytes of @text; its name is valid until the program ends. */
const char *temporary_file(const void *text, size_t bytes);

/* A name for a file that does not exist. */
const char *temporary_name(void);

/* The content of @file, ended by 0, or NULL; to be freed. */
char *file_content(const char *file);

#endif
