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

if(PTBENCH_HARDENED)
	# What a distribution's kernel has on top (Debian's configuration of 6.12): retpolines and return
	# thunks, straight-line speculation, indirect branch tracking, zeroed stack variables, stack
	# protector. What a compiler does not know yet is left out; the context of results has the flags.
	# PTBENCH_HARDENING names some of them, for whoever wants to know which one costs what.
	set(hardening_stack-protector -fstack-protector-strong)
	set(hardening_zero-init -ftrivial-auto-var-init=zero)
	if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
		set(hardening_retpolines -mindirect-branch=thunk-extern -mindirect-branch-register
		    -mretpoline-external-thunk)
		set(hardening_return-thunks -mfunction-return=thunk-extern)
		set(hardening_sls -mharden-sls=all)
		set(hardening_branch-tracking -fcf-protection=branch)
		set(hardening_no-jump-tables -fno-jump-tables)
		set(hardenings stack-protector zero-init retpolines return-thunks sls branch-tracking no-jump-tables)
	elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
		set(hardening_branch-protection -mbranch-protection=standard)
		set(hardenings stack-protector zero-init branch-protection)
	else()
		set(hardenings stack-protector zero-init)
	endif()
	set(candidates "")
	foreach(name ${hardenings})
		if(NOT PTBENCH_HARDENING OR name IN_LIST PTBENCH_HARDENING)
			list(APPEND candidates ${hardening_${name}})
		endif()
	endforeach()
	foreach(name ${PTBENCH_HARDENING})
		if(NOT name IN_LIST hardenings)
			message(FATAL_ERROR "unknown hardening '${name}'; there are: ${hardenings}")
		endif()
	endforeach()
	if(-fstack-protector-strong IN_LIST candidates)
		list(REMOVE_ITEM PTBENCH_KERNEL_FLAGS -fno-stack-protector)
	endif()
	include(CheckCCompilerFlag)
	# The thunks are not there when flags are tried: compile, but do not link.
	set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
	foreach(flag ${candidates})
		string(MAKE_C_IDENTIFIER "PTBENCH_HAS${flag}" has)
		check_c_compiler_flag("-Werror ${flag}" ${has})
		if(${has})
			list(APPEND PTBENCH_KERNEL_FLAGS ${flag})
		endif()
	endforeach()
	# clang before 16 takes zero only with a second flag, which later ones do not know.
	set(zero -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang)
	if(CMAKE_C_COMPILER_ID STREQUAL "Clang" AND NOT PTBENCH_HAS_ftrivial_auto_var_init_zero
	   AND -ftrivial-auto-var-init=zero IN_LIST candidates)
		check_c_compiler_flag("-Werror -ftrivial-auto-var-init=zero ${zero}" PTBENCH_HAS_zero_init)
		if(PTBENCH_HAS_zero_init)
			list(APPEND PTBENCH_KERNEL_FLAGS -ftrivial-auto-var-init=zero ${zero})
		endif()
	endif()
	unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
endif()

# Has the compiler say how much stack each function takes (*.su), for ptbench size; changes no code.
set(PTBENCH_STACK_USAGE -fstack-usage)
set(PTBENCH_WARNINGS -Wall -Wextra -Wno-unused-parameter -Werror)

if(PTBENCH_SANITIZE)
	# -O1 keeps the reports readable; measuring a sanitized build is refused by the bench.
	list(APPEND PTBENCH_SANITIZER_FLAGS -fsanitize=${PTBENCH_SANITIZE} -fno-sanitize-recover=all
	     -fno-omit-frame-pointer)
	add_compile_options(${PTBENCH_SANITIZER_FLAGS})
	add_link_options(${PTBENCH_SANITIZER_FLAGS})
	add_compile_definitions(PTBENCH_SANITIZED=1 PT_TEST_HOOKS=1)
endif()
