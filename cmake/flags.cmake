# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Compiler flags: one set for engine and baselines alike, so that neither side has an advantage.

# What kernel code is compiled with (plain), minus what only a kernel can use. Unwind tables, which a
# kernel has its own kind of, are for profilers: they lie in a section apart and change no instruction.
set(PTBENCH_KERNEL_FLAGS
	-O2 -g -std=gnu11
	-fno-strict-aliasing -fno-strict-overflow -fno-common -fno-delete-null-pointer-checks
	-fno-PIE -fasynchronous-unwind-tables -fno-stack-protector
	-falign-functions=64)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	list(APPEND PTBENCH_KERNEL_FLAGS -falign-loops=32 -fno-allow-store-data-races)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
	list(APPEND PTBENCH_KERNEL_FLAGS -mno-sse -mno-mmx)
	if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
		list(APPEND PTBENCH_KERNEL_FLAGS -mno-80387)
	endif()
endif()

set(PTBENCH_WARNINGS -Wall -Wextra -Werror)

if(PTBENCH_SANITIZE)
	# -O1 keeps the reports readable; measuring a sanitized build is refused by the bench.
	list(APPEND PTBENCH_SANITIZER_FLAGS -fsanitize=${PTBENCH_SANITIZE} -fno-sanitize-recover=all
	     -fno-omit-frame-pointer)
	add_compile_options(${PTBENCH_SANITIZER_FLAGS})
	add_link_options(${PTBENCH_SANITIZER_FLAGS})
	add_compile_definitions(PTBENCH_SANITIZED=1)
endif()
