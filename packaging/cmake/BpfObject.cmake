# SPDX-License-Identifier: Apache-2.0
# bpf_object(<name> [<folder>]): compiles <name>.bpf.c of this folder or of <folder> below it. Creates the
# interface target <name>_skeleton, whose include directory has <name>.skel.h.
find_program(BPF_CLANG NAMES clang-19 clang clang-14 REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)

# The BPF target has no default include path for the architecture's asm/ headers.
find_path(KERNEL_ASM_HEADERS asm/types.h REQUIRED
  PATHS /usr/include/${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)

function(bpf_object name)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${ARGN}/${name}.bpf.c)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/skeletons/${name}.skel.h)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/skeletons)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernel/*.h ${PROJECT_SOURCE_DIR}/kernel/lib/*.h)
  # -g generates BTF; bpftool strips the DWARF from the skeleton. -Wno-unused-parameter: BPF_PROG declares
  # every argument of a tracepoint.
  add_custom_command(OUTPUT ${object}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter
            -Werror
            -I${PROJECT_SOURCE_DIR} -isystem ${KERNEL_ASM_HEADERS} -c ${source} -o ${object}
    DEPENDS ${source} ${headers} VERBATIM COMMENT "BPF ${name}")
  add_custom_command(OUTPUT ${skeleton}
    COMMAND sh -c "\"$1\" gen skeleton \"$2\" name \"$3\" > \"$4.tmp\" && mv \"$4.tmp\" \"$4\"" sh
            ${BPFTOOL} ${object} ${name}_bpf ${skeleton}
    DEPENDS ${object} VERBATIM COMMENT "BPF skeleton ${name}")
  add_custom_target(${name}_skeleton_file DEPENDS ${skeleton})
  add_library(${name}_skeleton INTERFACE)
  add_dependencies(${name}_skeleton ${name}_skeleton_file)
  target_include_directories(${name}_skeleton SYSTEM INTERFACE
    ${CMAKE_CURRENT_BINARY_DIR}/skeletons)
endfunction()
