/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whole_file.h - files that appear whole or not at all. */
#ifndef PTBENCH_WHOLE_FILE_H
#define PTBENCH_WHOLE_FILE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Write @bytes of @text to the file @path: into a file beside it, synced, then renamed.
 * Returns NULL, or what went wrong.
 */
const char *whole_file_write(const char *path, const char *text, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
