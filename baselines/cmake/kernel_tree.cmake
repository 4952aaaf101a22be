# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Find the kernel trees that PTBENCH_KERNEL names, a list of [LABEL=]TREE, each a folder or an archive
# (or "none"), or those that are there without being asked for, and say what is in them:
#   PTBENCH_KERNEL_NAMES   "linux-6.12", from the Makefile, or the label; in the order they were named
#   PTBENCH_KERNEL_TREES   their folders
#   PTBENCH_KERNEL_CODES   6012, for version conditions in the adapters

set(PTBENCH_KERNEL_RANGE "6.1 to 7.3")

# One line that the command line shows as the reason, and the end.
function(ptbench_refuse text)
	message("ptbench: refused: ${text}")
	message(FATAL_ERROR "${text}")
endfunction()

# Unpack what is needed of a kernel archive, once; returns the folder in @result.
function(ptbench_unpack_kernel archive result)
	get_filename_component(stem ${archive} NAME)
	string(REGEX REPLACE "\\.tar\\.[a-z0-9]+$" "" stem ${stem})
	# Two archives may have one name.
	string(MD5 folder ${archive})
	string(SUBSTRING ${folder} 0 8 folder)
	set(folder ${CMAKE_BINARY_DIR}/kernel/${folder})
	file(TIMESTAMP ${archive} written)
	set(stamp "${archive} ${written}\n${PTBENCH_KERNEL_FILES}\n")
	set(unpacked "")
	if(EXISTS ${folder}/${stem}.stamp)
		file(READ ${folder}/${stem}.stamp unpacked)
	endif()
	if(NOT unpacked STREQUAL stamp)
		message(STATUS "Unpacking the IOMMU drivers of ${archive} (takes about ten seconds)")
		set(members ${PTBENCH_KERNEL_FILES})
		list(TRANSFORM members PREPEND ${stem}/)
		file(MAKE_DIRECTORY ${folder})
		# Fails for members that are not there, after unpacking the others; we look ourselves.
		execute_process(COMMAND ${CMAKE_COMMAND} -E tar xf ${archive} -- ${members}
			WORKING_DIRECTORY ${folder} OUTPUT_QUIET ERROR_QUIET)
		file(WRITE ${folder}/${stem}.stamp "${stamp}")
	endif()
	set(${result} ${folder}/${stem} PARENT_SCOPE)
endfunction()

# The kernel version of @tree: 6012 in @code and "linux-6.12" in @name. @given is what the user wrote.
function(ptbench_kernel_version tree given name code)
	set(VERSION "")
	set(PATCHLEVEL "")
	if(EXISTS ${tree}/Makefile)
		foreach(field VERSION PATCHLEVEL)
			file(STRINGS ${tree}/Makefile line REGEX "^${field} *= *[0-9]+" LIMIT_COUNT 1)
			string(REGEX MATCH "[0-9]+" ${field} "${line}")
		endforeach()
	endif()
	if(VERSION STREQUAL "" OR PATCHLEVEL STREQUAL "" OR NOT EXISTS ${tree}/drivers/iommu)
		ptbench_refuse("no Linux source tree at ${given}; Linux ${PTBENCH_KERNEL_RANGE} can be compared with")
	endif()
	math(EXPR number "${VERSION} * 1000 + ${PATCHLEVEL}")
	if(number LESS 6001)
		ptbench_refuse("${given} is Linux ${VERSION}.${PATCHLEVEL}; ${PTBENCH_KERNEL_RANGE} can be compared with")
	endif()
	set(${name} linux-${VERSION}.${PATCHLEVEL} PARENT_SCOPE)
	set(${code} ${number} PARENT_SCOPE)
endfunction()

# Add what @entry names, [LABEL=]TREE, to the three lists.
function(ptbench_find_kernel entry)
	set(label "")
	set(tree "${entry}")
	if(entry MATCHES "^([^/=]+)=(.+)$")
		set(label "${CMAKE_MATCH_1}")
		set(tree "${CMAKE_MATCH_2}")
		if(NOT label MATCHES "^[A-Za-z0-9][A-Za-z0-9._-]*$" OR
		   label MATCHES "^(inline|recursive|limit)(-|$)" OR label MATCHES "^(linux|none)$")
			ptbench_refuse("'${label}' cannot be the name of a kernel: letters, digits, '.', '_' and '-'")
		endif()
	endif()
	get_filename_component(tree "${tree}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
	set(given "${tree}")
	if(NOT EXISTS "${tree}")
		ptbench_refuse("no Linux source tree at ${given}; Linux ${PTBENCH_KERNEL_RANGE} can be compared with")
	endif()
	if(NOT IS_DIRECTORY "${tree}")
		ptbench_unpack_kernel("${tree}" tree)
	endif()
	ptbench_kernel_version("${tree}" "${given}" name code)
	if(label)
		set(name ${label})
	endif()
	if(name IN_LIST PTBENCH_KERNEL_NAMES)
		ptbench_refuse("two kernels are called ${name}; give one another name: LABEL=${given}")
	endif()
	message(STATUS "Kernel drivers: ${name} from ${tree}")
	set(PTBENCH_KERNEL_NAMES ${PTBENCH_KERNEL_NAMES} ${name} PARENT_SCOPE)
	set(PTBENCH_KERNEL_TREES ${PTBENCH_KERNEL_TREES} ${tree} PARENT_SCOPE)
	set(PTBENCH_KERNEL_CODES ${PTBENCH_KERNEL_CODES} ${code} PARENT_SCOPE)
endfunction()

# What is compared with unless somebody asks for another: Debian's 6.12, and the newest of those that
# "ptbench kernels get" has fetched.
function(ptbench_usual_kernels result)
	set(found "")
	foreach(candidate /usr/src/linux-source-6.12 /usr/src/linux-source-6.12.tar.xz)
		if(NOT found AND EXISTS ${candidate})
			set(found ${candidate})
		endif()
	endforeach()
	file(GLOB fetched ${PTBENCH_KERNELS_FOLDER}/linux-source-*.tar.xz)
	list(FILTER fetched INCLUDE REGEX "/linux-source-[0-9]+\\.[0-9]+\\.tar\\.xz$")
	if(fetched)
		list(SORT fetched COMPARE NATURAL ORDER DESCENDING)
		list(GET fetched 0 newest)
		list(APPEND found ${newest})
	endif()
	set(${result} ${found} PARENT_SCOPE)
endfunction()

set(PTBENCH_KERNEL_NAMES "")
set(PTBENCH_KERNEL_TREES "")
set(PTBENCH_KERNEL_CODES "")
set(asked "${PTBENCH_KERNEL}")
if(NOT asked)
	ptbench_usual_kernels(asked)
elseif(asked MATCHES "(^|/)none$")
	# A cache of old may have made a path of the word.
	set(asked "")
endif()
foreach(entry IN LISTS asked)
	ptbench_find_kernel("${entry}")
endforeach()
if(NOT PTBENCH_KERNEL_NAMES)
	message(WARNING
		"No kernel source: ptbench is built without the drivers to compare with.\n"
		"Get them with\n"
		"    apt install linux-source-6.12\n"
		"and configure again, or name a tree: -DPTBENCH_KERNEL=<tree or linux-source-*.tar.xz>")
endif()
