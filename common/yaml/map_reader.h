// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"
#include "common/yaml/document.h"

#include <cstdint>
#include <set>

namespace minewarden::yaml {

/// Reads a map key by key. Reports missing and unknown keys and wrong types. Collects all problems.
class MapReader {
  public:
    /// `node` and `diagnostics` must outlive the reader. Reports a node that is not a map.
    MapReader(const Document& document, const Node& node, Diagnostics& diagnostics);

    /// nullptr if absent. Marks the key as known.
    const Node* optional(std::string_view key);
    /// Like optional(), but reports an absent key.
    const Node* required(std::string_view key);

    std::optional<std::string> text(std::string_view key, bool is_required);
    std::optional<std::int64_t> integer(std::string_view key, bool is_required,
                                        std::int64_t minimum, std::int64_t maximum);
    /// A sequence of texts, or one text.
    std::vector<std::string> texts(std::string_view key, bool is_required);
    /// A map with exactly `en` and `zh`.
    std::optional<LocalizedText> localized(std::string_view key, bool is_required);

    /// Reports all keys that were not read, with the closest known key.
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
