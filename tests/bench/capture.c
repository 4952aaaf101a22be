// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capture.c - see capture.h. All files go to one folder, which is removed at exit. */
#define _GNU_SOURCE
#include "capture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ptbench-test-XXXXXX";
static int stderr_before = -1;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status, (void)type, (void)place;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *temporary_name(void)
{
	static char names[256][64];
	static unsigned int count;

	if (!count) {
		assert_non_null(mkdtemp(folder));
		atexit(remove_folder);
	}
	assert_true(count < 256);
	snprintf(names[count], sizeof(names[count]), "%s/%u", folder, count);
	return names[count++];
}

const char *temporary_file(const void *text, size_t bytes)
{
	const char *name = temporary_name();
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
	return name;
}

char *file_content(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, 0, file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static const char *captured;

void capture_begin(void)
{
	int file;

	fflush(stderr);
	captured = temporary_name();
	file = open(captured, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	stderr_before = dup(2);
	assert_true(file >= 0 && stderr_before >= 0);
	dup2(file, 2);
	close(file);
}

const char *capture_end(void)
{
	static char text[4096];
	char *all;

	fflush(stderr);
	dup2(stderr_before, 2);
	close(stderr_before);
	all = file_content(captured);
	assert_non_null(all);
	snprintf(text, sizeof(text), "%s", all);
	free(all);
	remove(captured);
	return text;
}
