# SPDX-License-Identifier: Apache-2.0
# room(NAME SOURCES file... [PUBLIC target...] [PRIVATE target...]): a static library that links only what
# it names, so that the linker holds the arrows of docs/architecture.md. PUBLIC: what its headers include.
function(room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(${name} STATIC ${room_SOURCES})
  target_link_libraries(${name} PUBLIC minewarden_flags ${room_PUBLIC} PRIVATE ${room_PRIVATE})
  if(MINEWARDEN_FUZZ)
    # Lets the fuzzer see what its inputs reach. The fuzz targets add the fuzzer's main.
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  precompile_headers(${name})
endfunction()

# link_rooms_by_file(TARGET ROOM...): links static libraries by file. Linking targets would bring the shared
# libraries along that they name, which a static program must not have.
function(link_rooms_by_file target)
  set(files)
  foreach(name IN LISTS ARGN)
    list(APPEND files $<TARGET_FILE:${name}>)
  endforeach()
  target_link_libraries(${target} PRIVATE minewarden_flags -Wl,--start-group ${files} -Wl,--end-group)
  add_dependencies(${target} ${ARGN})
endfunction()
