# SPDX-License-Identifier: Apache-2.0
# unit_test(NAME SOURCES file... LINK target... [PRECOMPILE header...] [LABEL bpf]): a GoogleTest program.
# CTest runs each test case as a test with this label (default: "unit").
function(unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL" "SOURCES;LINK;PRECOMPILE")
  if(NOT test_LABEL)
    set(test_LABEL unit)
  endif()
  add_executable(${name} ${test_SOURCES})
  precompile_test_headers(${name} ${test_PRECOMPILE})
  target_link_libraries(${name} PRIVATE minewarden_flags ${test_LINK} GTest::gtest_main)
  set(properties LABELS ${test_LABEL} TIMEOUT 300)
  if(test_LABEL STREQUAL "bpf")
    # These tests observe the whole host.
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  if(MINEWARDEN_SANITIZE STREQUAL "thread")
    # ThreadSanitizer cannot map its shadow memory with 32 bits of address randomization.
    set_target_properties(${name} PROPERTIES CROSSCOMPILING_EMULATOR "setarch;-R")
    list(APPEND properties ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp halt_on_error=1 second_deadlock_stack=1")
  endif()
  gtest_discover_tests(${name} PROPERTIES ${properties} DISCOVERY_TIMEOUT 60)
endfunction()
