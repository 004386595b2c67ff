# SPDX-License-Identifier: Apache-2.0
# One interface target for warnings and common flags; hardening and sanitizers for all targets.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(minewarden_flags INTERFACE)
target_compile_options(minewarden_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports unused alternatives of a std::variant as uninitialized.
  target_compile_options(minewarden_flags INTERFACE -Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # LIBBPF_OPTS is a compound literal in a statement expression and sets only some members. libstdc++ 12
  # uses a function that C++17 deprecated (get_temporary_buffer in stable_sort).
  target_compile_options(minewarden_flags INTERFACE -Wno-c99-extensions
    -Wno-gnu-statement-expression-from-macro-expansion -Wno-missing-designated-field-initializers
    -Wno-deprecated-declarations)
endif()
# For all targets, because they share precompiled headers.
target_compile_options(minewarden_flags INTERFACE -pthread)
target_link_options(minewarden_flags INTERFACE -pthread)
target_include_directories(minewarden_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(minewarden_flags INTERFACE MINEWARDEN_VERSION="${PROJECT_VERSION}")
if(MINEWARDEN_WERROR)
  target_compile_options(minewarden_flags INTERFACE -Werror)
endif()

if(MINEWARDEN_SANITIZE)
  add_compile_options(-fsanitize=${MINEWARDEN_SANITIZE} -fno-omit-frame-pointer -g1
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MINEWARDEN_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffunction-sections
    -fdata-sections)
  add_link_options(-Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed)
endif()
