// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"
#include "common/result.h"

#include <fmt/core.h>

namespace minewarden::cli {

/// A text of the client in both languages; may contain {} placeholders.
struct Phrase {
    const char* en;
    const char* zh;

    [[nodiscard]] const char* in(Language language) const {
        return language == Language::zh ? zh : en;
    }
    template <class... Values>
    [[nodiscard]] std::string with(Language language, const Values&... values) const {
        return fmt::vformat(in(language), fmt::make_format_args(values...));
    }
};

/// The value of --lang, or the environment's language if it is empty. Errors have kind usage.
inline Result<Language> language_of(const std::string& option) {
    if (option.empty()) return language_of_environment();
    if (const auto language = parse_language(option)) return *language;
    return fail(ErrorKind::usage, "--lang takes en or zh");
}

} // namespace minewarden::cli
