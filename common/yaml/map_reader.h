// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"
#include "common/yaml/document.h"

#include <cstdint>
#include <set>

namespace minewarden::yaml {

/// Reads one map key by key and reports what is missing, of the wrong type or unknown. All problems
/// are collected, so that an author sees them at once.
class MapReader {
  public:
    /// `node` and `diagnostics` outlive the reader. A node that is no map is reported here.
    MapReader(const Document& document, const Node& node, Diagnostics& diagnostics);

    /// nullptr if absent; marks the key as known.
    const Node* optional(std::string_view key);
    /// Reports an absent key.
    const Node* required(std::string_view key);

    std::optional<std::string> text(std::string_view key, bool is_required);
    std::optional<std::int64_t> integer(std::string_view key, bool is_required,
                                        std::int64_t minimum, std::int64_t maximum);
    /// A sequence of text, or one text.
    std::vector<std::string> texts(std::string_view key, bool is_required);
    /// A map with exactly `en` and `zh`.
    std::optional<LocalizedText> localized(std::string_view key, bool is_required);

    /// Reports every key that was not asked for, with the nearest known one.
    void finish();

    void report(Mark mark, std::string message);

  private:
    const Document& document_;
    const Node& node_;
    Diagnostics& diagnostics_;
    std::set<std::string, std::less<>> known_;
};

/// Plain decimal integers only: no octal, hexadecimal, underscores or quotes.
[[nodiscard]] std::optional<std::int64_t> to_integer(const Node& node);

} // namespace minewarden::yaml
