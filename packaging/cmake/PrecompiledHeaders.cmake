# SPDX-License-Identifier: Apache-2.0
# precompile_headers(TARGET): precompiles common standard headers once for all libraries. (Not for programs,
# which have other compile options: -fPIE.)
# precompile_test_headers(TARGET [HEADER...]): the same for one test target, with GoogleTest and the given
# headers.
# MINEWARDEN_PRECOMPILE=OFF turns both off. The TSan build of tests/run does so, to find missing #includes.
set(COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <cstring> <filesystem> <functional> <map> <memory>
  <optional> <set> <span> <string> <string_view> <utility> <variant> <vector> <fmt/core.h>)

# Only targets with the same compile options can share them, and rooms may have those of the fuzzer.
if(MINEWARDEN_PRECOMPILE)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "")
  foreach(name precompiled precompiled_for_rooms)
    add_library(${name} STATIC ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(${name} PRIVATE minewarden_flags fmt::fmt)
    target_precompile_headers(${name} PRIVATE ${COMMON_HEADERS})
  endforeach()
  if(MINEWARDEN_FUZZ)
    target_compile_options(precompiled_for_rooms PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endif()

function(precompile_headers target)
  if(MINEWARDEN_PRECOMPILE)
    get_target_property(options ${target} COMPILE_OPTIONS)
    if(options MATCHES "fuzzer-no-link")
      target_precompile_headers(${target} REUSE_FROM precompiled_for_rooms)
    else()
      target_precompile_headers(${target} REUSE_FROM precompiled)
    endif()
  endif()
endfunction()

function(precompile_test_headers target)
  if(MINEWARDEN_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${COMMON_HEADERS} <gtest/gtest.h> ${ARGN})
  endif()
endfunction()
