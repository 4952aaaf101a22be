# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The include folder that the drivers are compiled with: symbolic links and stubs, as
# kernel_files.cmake lists them.

# Make the folder for @tree in @folder.
function(ptbench_make_kernel_headers tree folder)
	foreach(header IN LISTS PTBENCH_STUB_HEADERS)
		file(CONFIGURE OUTPUT ${folder}/${header} CONTENT "#include \"shim/shim.h\"\n")
	endforeach()
	file(CONFIGURE OUTPUT ${folder}/generated/autoconf.h CONTENT "#include \"shim/config.h\"\n")

	set(links ${PTBENCH_REAL_HEADERS} ${PTBENCH_OPTIONAL_HEADERS})
	list(TRANSFORM links PREPEND include/ OUTPUT_VARIABLE sources)
	# s390's layout lies with its architecture.
	list(APPEND links asm/pci_dma.h)
	list(APPEND sources arch/s390/include/asm/pci_dma.h)
	foreach(link source IN ZIP_LISTS links sources)
		if(EXISTS ${tree}/${source})
			get_filename_component(parent ${folder}/${link} DIRECTORY)
			file(MAKE_DIRECTORY ${parent})
			file(CREATE_LINK ${tree}/${source} ${folder}/${link} SYMBOLIC)
		endif()
	endforeach()
endfunction()
