# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Find the kernel tree that PTBENCH_KERNEL names (a folder, an archive, or "none"), or Debian's,
# and say what is in it:
#   PTBENCH_KERNEL_TREE   its folder, empty without one
#   PTBENCH_KERNEL_NAME   "linux-6.12", from its Makefile
#   PTBENCH_KERNEL_CODE   6012, for version conditions in the adapters
#   PTBENCH_KERNEL_S390   true where the s390 driver keeps its tables in one file

# Unpack what is needed of a kernel archive, once; returns the folder in @result.
function(ptbench_unpack_kernel archive result)
	get_filename_component(stem ${archive} NAME)
	string(REGEX REPLACE "\\.tar\\.[a-z0-9]+$" "" stem ${stem})
	set(folder ${CMAKE_BINARY_DIR}/kernel)
	file(TIMESTAMP ${archive} written)
	set(stamp "${archive} ${written}\n${PTBENCH_KERNEL_FILES}\n${PTBENCH_KERNEL_OPTIONAL_FILES}\n")
	set(unpacked "")
	if(EXISTS ${folder}/${stem}.stamp)
		file(READ ${folder}/${stem}.stamp unpacked)
	endif()
	if(NOT unpacked STREQUAL stamp)
		message(STATUS "Unpacking the IOMMU drivers of ${archive} (takes about ten seconds)")
		set(members ${PTBENCH_KERNEL_FILES} ${PTBENCH_KERNEL_OPTIONAL_FILES})
		list(TRANSFORM members PREPEND ${stem}/)
		file(MAKE_DIRECTORY ${folder})
		# Fails for members that are not there, after unpacking the others; we look ourselves.
		execute_process(COMMAND ${CMAKE_COMMAND} -E tar xf ${archive} -- ${members}
			WORKING_DIRECTORY ${folder} OUTPUT_QUIET ERROR_QUIET)
		file(WRITE ${folder}/${stem}.stamp "${stamp}")
	endif()
	set(${result} ${folder}/${stem} PARENT_SCOPE)
endfunction()

set(PTBENCH_KERNEL_TREE "${PTBENCH_KERNEL}")
if(PTBENCH_KERNEL MATCHES "(^|/)none$")
	# CMake has made a path of the word.
	set(PTBENCH_KERNEL_TREE "")
elseif(NOT PTBENCH_KERNEL)
	foreach(candidate /usr/src/linux-source-6.12 /usr/src/linux-source-6.12.tar.xz)
		if(NOT PTBENCH_KERNEL_TREE AND EXISTS ${candidate})
			set(PTBENCH_KERNEL_TREE ${candidate})
		endif()
	endforeach()
elseif(NOT EXISTS "${PTBENCH_KERNEL_TREE}")
	message(FATAL_ERROR "PTBENCH_KERNEL=${PTBENCH_KERNEL}: no such folder or archive")
endif()

if(PTBENCH_KERNEL_TREE AND NOT IS_DIRECTORY "${PTBENCH_KERNEL_TREE}")
	ptbench_unpack_kernel(${PTBENCH_KERNEL_TREE} PTBENCH_KERNEL_TREE)
endif()

if(PTBENCH_KERNEL_TREE)
	foreach(file IN LISTS PTBENCH_KERNEL_FILES)
		if(NOT EXISTS ${PTBENCH_KERNEL_TREE}/${file})
			message(FATAL_ERROR "The kernel tree ${PTBENCH_KERNEL_TREE} lacks ${file}")
		endif()
	endforeach()

	foreach(field VERSION PATCHLEVEL)
		file(STRINGS ${PTBENCH_KERNEL_TREE}/Makefile line REGEX "^${field} *= *[0-9]+" LIMIT_COUNT 1)
		string(REGEX MATCH "[0-9]+" ${field} "${line}")
	endforeach()
	set(PTBENCH_KERNEL_NAME linux-${VERSION}.${PATCHLEVEL})
	math(EXPR PTBENCH_KERNEL_CODE "${VERSION} * 1000 + ${PATCHLEVEL}")

	# Until 6.6 the tables of s390 were spread over the architecture's PCI code.
	set(PTBENCH_KERNEL_S390 FALSE)
	if(EXISTS ${PTBENCH_KERNEL_TREE}/drivers/iommu/s390-iommu.c)
		file(STRINGS ${PTBENCH_KERNEL_TREE}/drivers/iommu/s390-iommu.c line
		     REGEX "dma_alloc_cpu_table_caches" LIMIT_COUNT 1)
		if(line)
			set(PTBENCH_KERNEL_S390 TRUE)
		endif()
	endif()
	message(STATUS "Kernel drivers: ${PTBENCH_KERNEL_NAME} from ${PTBENCH_KERNEL_TREE}")
else()
	message(WARNING
		"No kernel source: ptbench is built without the drivers to compare with.\n"
		"Get them with\n"
		"    apt install linux-source-6.12\n"
		"and configure again, or name a tree: -DPTBENCH_KERNEL=<tree or linux-source-*.tar.xz>")
endif()
