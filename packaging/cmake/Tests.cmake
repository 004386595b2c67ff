# SPDX-License-Identifier: Apache-2.0
# unit_test(NAME SOURCES file... LINK target... [PRECOMPILE header...] [LABEL bpf] [POSTGRES]): a GoogleTest program.
# CTest runs each test case as a test with this label (default: "unit"). With POSTGRES, the test cases with
# "/postgres" in their names share a PostgreSQL server, which starts before the first and stops after the last.
function(unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "POSTGRES" "LABEL" "SOURCES;LINK;PRECOMPILE")
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
  set(environment "")
  if(MINEWARDEN_SANITIZE STREQUAL "thread")
    # ThreadSanitizer cannot map its shadow memory with 32 bits of address randomization.
    set_target_properties(${name} PROPERTIES CROSSCOMPILING_EMULATOR "setarch;-R")
    set(environment
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp halt_on_error=1 second_deadlock_stack=1")
  endif()
  set(others "*")
  if(test_POSTGRES)
    set(others "-*/postgres")
    set(server ${CMAKE_CURRENT_BINARY_DIR}/postgres-server)
    foreach(step start stop)
      add_test(NAME ${name}.postgres.${step}
        COMMAND ${PROJECT_SOURCE_DIR}/tests/support/postgres-server fixture-${step} ${server})
    endforeach()
    set_tests_properties(${name}.postgres.start PROPERTIES FIXTURES_SETUP ${name}.postgres TIMEOUT 120)
    set_tests_properties(${name}.postgres.stop PROPERTIES FIXTURES_CLEANUP ${name}.postgres TIMEOUT 120)
    gtest_discover_tests(${name} TEST_FILTER "*/postgres" DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES PROPERTIES ${properties}
      FIXTURES_REQUIRED ${name}.postgres
      ENVIRONMENT "${environment}"
      # Not a second item of ENVIRONMENT: gtest_discover_tests splits lists.
      ENVIRONMENT_MODIFICATION "MINEWARDEN_TEST_POSTGRES=set:${server}")
  endif()
  gtest_discover_tests(${name} TEST_FILTER "${others}" DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES PROPERTIES ${properties}
    ENVIRONMENT "${environment}")
endfunction()
