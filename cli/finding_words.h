// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"

#include <string>

namespace minewarden::cli {

// Words for the names that the API uses. An unknown name, from a newer collector, is returned
// unchanged: the caller has escaped it.

[[nodiscard]] std::string certainty_word(const std::string& name, Language language);
[[nodiscard]] std::string state_word(const std::string& name, Language language);
[[nodiscard]] std::string family_word(const std::string& name, Language language);
[[nodiscard]] std::string subject_kind_word(const std::string& name, Language language);
[[nodiscard]] std::string attribute_word(const std::string& name, Language language);
/// Why a finding was closed.
[[nodiscard]] std::string reason_sentence(const std::string& name, Language language);

} // namespace minewarden::cli
