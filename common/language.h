// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

enum class Language { en, zh };

/// A text for users, in both languages.
struct LocalizedText {
    std::string en;
    std::string zh;
    [[nodiscard]] const std::string& in(Language language) const {
        return language == Language::zh ? zh : en;
    }
    bool operator==(const LocalizedText&) const = default;
};

/// "en" or "zh".
[[nodiscard]] std::optional<Language> parse_language(std::string_view name);

/// From LC_ALL, LC_MESSAGES or LANG, the first that is set: zh for zh_*, otherwise en.
[[nodiscard]] Language language_of_environment();

} // namespace minewarden
