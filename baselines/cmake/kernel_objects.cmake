# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Compile the drivers of one kernel tree, and make one object of them in which nothing is global but a
# registration: so the drivers of several kernels, whose functions have the same names, fit into one
# program. What is left undefined, the table allocator and the C library, they share with all.

# GNU's, whatever compiles: LLVM's linker cannot settle groups. Every compiler of Debian's brings them.
find_program(PTBENCH_LD NAMES ld.bfd ld REQUIRED)
find_program(PTBENCH_OBJCOPY objcopy REQUIRED)

# Take the page-table functions out of @file into @target.
function(ptbench_extract file target roots cut)
	list(JOIN roots "," roots)
	add_custom_command(OUTPUT ${target}
		COMMAND ${PTBENCH_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/tools/extract.py ${file}
			--root ${roots} --cut "${cut}" --output ${target}
		DEPENDS ${file} tools/extract.py
		COMMENT "Extracting page tables from ${file}" VERBATIM)
	set_property(SOURCE ${target} PROPERTY HEADER_FILE_ONLY TRUE)
endfunction()

# Link the object libraries @ARGN into @output, in that order, and keep @symbol of their global names.
# Groups of functions that several objects have are settled here: their names are local afterwards.
function(ptbench_partial_link output symbol)
	set(objects "")
	foreach(library IN LISTS ARGN)
		list(APPEND objects $<TARGET_OBJECTS:${library}>)
	endforeach()
	add_custom_command(OUTPUT ${output}
		COMMAND ${PTBENCH_LD} -r --force-group-allocation -o ${output} ${objects}
		COMMAND ${PTBENCH_OBJCOPY} --keep-global-symbol=${symbol} ${output}
		DEPENDS ${objects} COMMENT "Linking the kernel drivers ${output}" COMMAND_EXPAND_LISTS VERBATIM)
	set_source_files_properties(${output} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
endfunction()

# The object of kernel @name for link order @order, in @result. Order 0 is that of the lists below, in
# others the parts are shuffled as whole libraries are: see bench/CMakeLists.txt.
function(ptbench_kernel_object name order result)
	get_property(symbol GLOBAL PROPERTY PTBENCH_KERNEL_SYMBOL_${name})
	set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}-order${order}.o)
	set(keyed "")
	foreach(library ptbench_drivers_${name} ptbench_adapters_${name})
		string(MD5 key "${order} ${library}")
		list(APPEND keyed "${key} ${library}")
	endforeach()
	if(order)
		list(SORT keyed)
	endif()
	list(TRANSFORM keyed REPLACE "^[^ ]* " "")
	ptbench_partial_link(${output} ${symbol} ${keyed} ptbench_registration_${name})
	set(${result} ${output} PARENT_SCOPE)
endfunction()

# Build @sources as the kernel does, into the object library @target.
function(ptbench_add_drivers target)
	add_library(${target} OBJECT ${ARGN})
	target_compile_definitions(${target} PRIVATE ${kernel_definitions})
	# What the kernel compiles them with, as far as warnings go; the symbols they lack are errors.
	target_compile_options(${target} PRIVATE ${kernel_options} ${PTBENCH_STACK_USAGE}
		-Wall -Wno-pointer-sign -Wno-unused
		-Werror=implicit-function-declaration -Werror=implicit-int -Werror=incompatible-pointer-types)
	target_include_directories(${target} PRIVATE
		${CMAKE_CURRENT_SOURCE_DIR} include ${kernel_include} ${iommu} ${iommu}/generic_pt/fmt)
	target_link_libraries(${target} PRIVATE ptbench_memory)
	set_property(TARGET ${target} PROPERTY C_COMPILER_LAUNCHER ${launcher})
endfunction()

# Our own code on the kernel's headers, whose warnings are not ours to mend.
function(ptbench_add_adapters target)
	add_library(${target} OBJECT ${ARGN})
	target_compile_definitions(${target} PRIVATE ${kernel_definitions})
	target_compile_options(${target} PRIVATE ${kernel_options} ${PTBENCH_WARNINGS})
	target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} include)
	target_include_directories(${target} SYSTEM PRIVATE ${kernel_include} ${iommu})
	target_link_libraries(${target} PRIVATE ptbench_memory)
	set_property(TARGET ${target} PROPERTY C_COMPILER_LAUNCHER ${launcher})
endfunction()

# The sources that @tree's capabilities have, as paths: drivers in @drivers, of which @selftest have
# self-tests, and adapters in @adapters.
function(ptbench_kernel_sources tree capabilities drivers_of selftest_of adapters_of)
	set(iommu ${tree}/drivers/iommu)
	set(io_pgtable "")
	set(others "")
	set(adapters adapters/dirty.c adapters/flush.c adapters/hardware.c)
	if(LPAE IN_LIST capabilities)
		list(APPEND io_pgtable ${iommu}/io-pgtable-arm.c)
		list(APPEND adapters adapters/arm_lpae.c)
	endif()
	if(V7S IN_LIST capabilities)
		list(APPEND io_pgtable ${iommu}/io-pgtable-arm-v7s.c)
		list(APPEND adapters adapters/arm_v7s.c)
	endif()
	if(io_pgtable)
		list(APPEND adapters adapters/smmu.c)
	endif()
	set(selftest ${io_pgtable})
	if(DART IN_LIST capabilities)
		list(APPEND others ${iommu}/io-pgtable-dart.c)
		list(APPEND adapters adapters/dart.c)
	endif()
	if(io_pgtable OR others)
		list(APPEND adapters adapters/io_pgtable.c)
	endif()
	if(AMD IN_LIST capabilities AND INTEL IN_LIST capabilities)
		list(APPEND others ${iommu}/amd/io_pgtable.c ${iommu}/amd/io_pgtable_v2.c adapters/intel_driver.c)
		list(APPEND adapters adapters/amd.c adapters/intel.c adapters/x86_64.c)
	endif()
	if(S390 IN_LIST capabilities)
		list(APPEND others adapters/s390_driver.c)
		list(APPEND adapters adapters/s390.c)
	endif()
	if(selftest)
		list(PREPEND selftest ${iommu}/io-pgtable.c)
	endif()
	if(others OR io_pgtable)
		list(PREPEND io_pgtable ${iommu}/io-pgtable.c)
	endif()
	foreach(format amdv1 x86_64 vtdss riscv64)
		string(TOUPPER GENERIC_${format} capability)
		if(capability IN_LIST capabilities)
			list(APPEND others ${iommu}/generic_pt/fmt/iommu_${format}.c)
			list(APPEND adapters adapters/generic_${format}.c)
		endif()
	endforeach()
	if(capabilities MATCHES "GENERIC_")
		list(APPEND adapters adapters/generic_pt.c)
	endif()
	if(EXISTS ${iommu}/iommu-pages.c)
		list(APPEND io_pgtable ${iommu}/iommu-pages.c)
		list(APPEND selftest ${iommu}/iommu-pages.c)
	endif()
	set(${drivers_of} ${io_pgtable} ${others} PARENT_SCOPE)
	set(${selftest_of} ${selftest} PARENT_SCOPE)
	set(${adapters_of} ${adapters} PARENT_SCOPE)
endfunction()

# Build the kernel @name, of version @code, from @tree, as the @index'th.
function(ptbench_add_kernel name tree code index)
	# A folder of its own for each tree: compilers follow links, build tools compare their dates.
	string(MD5 tree_id ${tree})
	string(SUBSTRING ${tree_id} 0 8 tree_id)
	set(kernel_include ${CMAKE_CURRENT_BINARY_DIR}/${name}-${tree_id})
	ptbench_make_kernel_headers(${tree} ${kernel_include})
	set(iommu ${tree}/drivers/iommu)
	ptbench_capabilities(${tree} capabilities)
	ptbench_kernel_sources(${tree} "${capabilities}" drivers selftest adapters)

	if(adapters/intel_driver.c IN_LIST drivers)
		set(roots intel_iommu_map_pages intel_iommu_unmap_pages intel_iommu_iova_to_phys
			intel_iommu_read_and_clear_dirty? width_to_agaw?)
		set(target ${kernel_include}/extracted/intel_iommu.c)
		ptbench_extract(${iommu}/intel/iommu.c ${target} "${roots}" iommu_flush_iotlb_psi)
		list(APPEND drivers ${target})
	endif()
	if(adapters/s390_driver.c IN_LIST drivers)
		set(roots s390_iommu_map_pages s390_iommu_unmap_pages s390_iommu_iova_to_phys
			dma_alloc_cpu_table_caches dma_cleanup_tables)
		set(target ${kernel_include}/extracted/s390_iommu.c)
		ptbench_extract(${iommu}/s390-iommu.c ${target} "${roots}" "")
		list(APPEND drivers ${target})
	endif()

	set(symbol ptbench_kernel_${index})
	set_property(GLOBAL PROPERTY PTBENCH_KERNEL_SYMBOL_${name} ${symbol})
	list(TRANSFORM capabilities PREPEND PTBENCH_HAVE_ OUTPUT_VARIABLE have)
	set(kernel_definitions PTBENCH_LINUX=${code} PTBENCH_BASELINE_VERSION="${name}" ${have})
	set(kernel_options ${PTBENCH_KERNEL_FLAGS} -nostdinc "SHELL:-include linux/kconfig.h")
	# Says what is missing when a kernel version is new to the shim and the adapters.
	set(launcher ${PTBENCH_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/tools/compile_driver.py
		--tree ${tree} --version ${name} -- ${CMAKE_C_COMPILER_LAUNCHER})

	ptbench_add_drivers(ptbench_drivers_${name} ${drivers})
	ptbench_add_adapters(ptbench_adapters_${name} ${adapters} shim/iova_bitmap.c shim/memset.c)
	# Apart from the adapters, whose code is hashed and stored with results.
	ptbench_add_adapters(ptbench_registration_${name} adapters/list.c)
	target_compile_definitions(ptbench_registration_${name} PRIVATE PTBENCH_KERNEL_SYMBOL=${symbol})
	ptbench_kernel_object(${name} 0 object)
	target_sources(ptbench_baselines PRIVATE ${object})

	# The drivers again, with the self-tests that they bring along.
	if(selftest)
		ptbench_add_drivers(ptbench_drivers_selftest_${name} ${selftest} shim/iova_bitmap.c shim/memset.c)
		target_compile_definitions(ptbench_drivers_selftest_${name} PRIVATE PTBENCH_SELFTEST)
		ptbench_add_adapters(ptbench_registration_selftest_${name} shim/selftest.c)
		target_compile_definitions(ptbench_registration_selftest_${name} PRIVATE
			PTBENCH_SELFTEST PTBENCH_SELFTEST_SYMBOL=${symbol}_selftests)
		set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}-selftest.o)
		ptbench_partial_link(${object} ${symbol}_selftests
			ptbench_drivers_selftest_${name} ptbench_registration_selftest_${name})
		target_sources(ptbench_baselines_selftest PRIVATE ${object})
		set_property(GLOBAL APPEND PROPERTY PTBENCH_SELFTEST_SYMBOLS ${symbol}_selftests)
	endif()
	set_property(GLOBAL APPEND PROPERTY PTBENCH_KERNEL_SYMBOLS ${symbol})
endfunction()

# Write a C file that lists the constants @ARGN, of type @type, as the NULL-ended array @name.
function(ptbench_write_list output type name)
	set(declarations "")
	set(entries "")
	foreach(symbol IN LISTS ARGN)
		string(APPEND declarations "extern const struct ${type} ${symbol};\n")
		string(APPEND entries "\t&${symbol},\n")
	endforeach()
	file(CONFIGURE OUTPUT ${output} @ONLY CONTENT "/* Made by CMake. */
#include \"kernels.h\"

@declarations@
const struct @type@ *const @name@[] = {
@entries@	0,
};
")
endfunction()
