// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* whole_file.c - write, sync, rename; see whole_file.h. */
#define _GNU_SOURCE
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int file, const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t written = write(file, text, bytes);

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			text += written;
			bytes -= (size_t)written;
		}
	}
	return fsync(file);
}

/* The new name itself is only safe once its directory is. */
static void sync_directory(char *path)
{
	int directory = open(dirname(path), O_RDONLY | O_DIRECTORY);

	if (directory < 0)
		return;
	fsync(directory);
	close(directory);
}

const char *whole_file_write(const char *path, const char *text, size_t bytes)
{
	char *temporary;
	int file, failed;

	if (asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0)
		return strerror(ENOMEM);
	file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	failed = file < 0 ? errno : 0;
	if (!failed && write_all(file, text, bytes))
		failed = errno;
	if (file >= 0 && close(file) && !failed)
		failed = errno;
	if (!failed && rename(temporary, path))
		failed = errno;
	if (failed && file >= 0)
		unlink(temporary);
	if (!failed)
		sync_directory(strcpy(temporary, path));
	free(temporary);
	return failed ? strerror(failed) : NULL;
}
