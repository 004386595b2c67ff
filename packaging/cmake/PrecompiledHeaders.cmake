# SPDX-License-Identifier: Apache-2.0
# precompile_headers(TARGET... [TEST] [ALSO HEADER...]): the headers that nearly every file reads, read once
# per target; those of ALSO are large ones that many files of these targets read.
# Only with MINEWARDEN_PRECOMPILE, for the builds of tests/run: a release compiles each file by what it
# includes itself, so a missing #include is found there.
function(precompile_headers)
  if(NOT MINEWARDEN_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 0 only "TEST" "" "ALSO")
  set(headers <algorithm> <array> <chrono> <cstdint> <cstring> <filesystem> <functional> <map> <memory>
    <optional> <set> <span> <string> <string_view> <utility> <variant> <vector> <fmt/core.h>)
  if(only_TEST)
    list(APPEND headers <gtest/gtest.h>)
  endif()
  list(APPEND headers ${only_ALSO})
  foreach(target IN LISTS only_UNPARSED_ARGUMENTS)
    if(TARGET ${target})
      target_precompile_headers(${target} PRIVATE ${headers})
    endif()
  endforeach()
endfunction()
