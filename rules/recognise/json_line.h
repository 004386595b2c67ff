// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// One JSON object (RFC 8259) of a line protocol, laid flat: every value has a path such as
/// "method", "params.login", "params[0]", "result.job.blob". Made for hostile bytes: nothing
/// recurses, and a line past any bound is no JsonLine.
class JsonLine {
  public:
    static constexpr std::size_t maximum_bytes = 4096;
    static constexpr std::size_t maximum_depth = 8;
    static constexpr std::size_t maximum_members = 512;

    enum class Kind { null, boolean, number, text, object, array };

    struct Member {
        std::string path;
        Kind kind = Kind::null;
        std::string text;     ///< of a text; of a number its digits, of a boolean "true" or "false"
        std::size_t size = 0; ///< of an array or object: how many values it holds itself
    };

    /// nullopt unless the whole text is one JSON object within the bounds.
    [[nodiscard]] static std::optional<JsonLine> parse(std::string_view text);

    /// A '.', '[' or '\' in a key stands behind a '\' in its path.
    [[nodiscard]] const Member* find(std::string_view path) const;
    [[nodiscard]] bool has(std::string_view path, Kind kind) const;
    /// The text at `path`, or nullptr if there is none or it is no text.
    [[nodiscard]] const std::string* text(std::string_view path) const;
    [[nodiscard]] const std::vector<Member>& members() const { return members_; }

    /// Parsers disagree on which of equal keys counts (RFC 8259 section 4). The first does here,
    /// until this is called.
    void let_last_win() { last_wins_ = true; }
    [[nodiscard]] bool has_repeated_keys() const { return repeated_; }

  private:
    friend class JsonLineBuilder;
    std::vector<Member> members_;
    bool repeated_ = false;
    bool last_wins_ = false;
};

/// Hexadecimal digits of either case, and nothing else.
[[nodiscard]] bool is_hex(std::string_view text);
/// A text of so many of them; false of nullptr.
[[nodiscard]] bool is_hex_of(const std::string* text, std::size_t minimum, std::size_t maximum);

} // namespace minewarden::rules
