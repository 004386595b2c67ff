# SPDX-License-Identifier: Apache-2.0
# compile_together(TARGET FILE...): compiles these files of the target as one, in release builds. For files
# that instantiate the same templates (nlohmann/json), which takes most of their time. No two of them may
# use a name in an anonymous namespace for different things. Other builds compile each file by itself, so
# that a missing #include is found there.
function(compile_together target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    string(MAKE_C_IDENTIFIER "${ARGV1}" group)
    set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  endif()
endfunction()
