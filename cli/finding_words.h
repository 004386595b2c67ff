// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"

#include <string>

namespace minewarden::cli {

// The names that the API uses, as people of either language say them. An unknown name, from a newer
// collector, comes back as it is; the caller has escaped it.

[[nodiscard]] std::string certainty_word(const std::string& name, Language language);
[[nodiscard]] std::string state_word(const std::string& name, Language language);
[[nodiscard]] std::string family_word(const std::string& name, Language language);
/// Of a subject.
[[nodiscard]] std::string subject_kind_word(const std::string& name, Language language);
[[nodiscard]] std::string attribute_word(const std::string& name, Language language);
/// Why a finding was closed.
[[nodiscard]] std::string reason_sentence(const std::string& name, Language language);

} // namespace minewarden::cli
