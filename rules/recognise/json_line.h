// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// One JSON object (RFC 8259) of a line protocol, flattened: every value has a path such as
/// "method", "params.login", "params[0]", "result.job.blob". Safe for hostile input: parsing does
/// not recurse, and a line that exceeds a limit is refused.
class JsonLine {
  public:
    static constexpr std::size_t maximum_bytes = 4096;
    static constexpr std::size_t maximum_depth = 8;
    static constexpr std::size_t maximum_members = 512;

    enum class Kind { null, boolean, number, text, object, array };

    struct Member {
        std::string path;
        Kind kind = Kind::null;
        std::string text;     ///< value of a text
        std::size_t size = 0; ///< number of direct values in an array or object
    };

    /// nullopt unless the whole text is one JSON object within the limits.
    [[nodiscard]] static std::optional<JsonLine> parse(std::string_view text);

    /// In a path, a '.', '[' or '\' of a key is escaped with '\'.
    [[nodiscard]] const Member* find(std::string_view path) const;
    [[nodiscard]] bool has(std::string_view path, Kind kind) const;
    /// The text at `path`, or nullptr if there is no text.
    [[nodiscard]] const std::string* text(std::string_view path) const;
    [[nodiscard]] const std::vector<Member>& members() const { return members_; }

    /// Makes the last of repeated keys count instead of the first. Parsers differ here (RFC 8259
    /// section 4).
    void let_last_win() { last_wins_ = true; }
    [[nodiscard]] bool has_repeated_keys() const { return repeated_; }

  private:
    friend class JsonLineBuilder;
    std::vector<Member> members_;
    bool repeated_ = false;
    bool last_wins_ = false;
};

/// True if the text has only hexadecimal digits, in either case.
[[nodiscard]] bool is_hex(std::string_view text);
/// True for `minimum` to `maximum` hexadecimal digits; false for nullptr.
[[nodiscard]] bool is_hex_of(const std::string* text, std::size_t minimum, std::size_t maximum);

} // namespace minewarden::rules
