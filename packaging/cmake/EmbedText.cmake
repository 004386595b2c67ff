# SPDX-License-Identifier: Apache-2.0
# embed_text(<target> <file> <symbol>): compiles a text file into <target> as
# `extern const std::string_view minewarden::embedded::<symbol>`.
function(embed_text target file symbol)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.embedded.cpp)
  set(in ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  file(READ ${in} content)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${in})
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [=[
#include <string_view>
namespace minewarden::embedded {
extern const std::string_view @symbol@;
const std::string_view @symbol@ = R"embedded(@content@)embedded";
} // namespace minewarden::embedded
]=])
  target_sources(${target} PRIVATE ${out})
endfunction()
