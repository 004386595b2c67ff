# SPDX-License-Identifier: Apache-2.0
# room(NAME SOURCES file... [PUBLIC target...] [PRIVATE target...]): a static library that links only the
# named targets, so that the linker enforces docs/architecture.md. PUBLIC: targets that its headers include.
function(room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(${name} STATIC ${room_SOURCES})
  target_link_libraries(${name} PUBLIC minewarden_flags ${room_PUBLIC} PRIVATE ${room_PRIVATE})
  if(MINEWARDEN_FUZZ)
    # Coverage for the fuzzer. The fuzz targets link the fuzzer's main.
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  precompile_headers(${name})
endfunction()

# link_rooms_by_file(TARGET ROOM...): links static libraries by file name. Linking them as targets would add
# their shared libraries, which a static program cannot use.
function(link_rooms_by_file target)
  set(files)
  foreach(name IN LISTS ARGN)
    list(APPEND files $<TARGET_FILE:${name}>)
  endforeach()
  target_link_libraries(${target} PRIVATE minewarden_flags -Wl,--start-group ${files} -Wl,--end-group)
  add_dependencies(${target} ${ARGN})
endfunction()
