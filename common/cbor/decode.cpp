// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"
#include "common/text.h"

#include <fmt/core.h>

#include <limits>
#include <optional>

namespace minewarden::cbor {
namespace {

class Decoder {
  public:
    explicit Decoder(ByteView bytes) : rest_(bytes), size_(bytes.size()) {}

    Result<Value> decode_all() {
        Value value;
        if (!take(value, 0)) return fail(failure());
        if (!rest_.empty()) {
            problem_ = "bytes after the end";
            return fail(failure());
        }
        return value;
    }

  private:
    [[nodiscard]] Error failure() const {
        return {ErrorKind::data,
                fmt::format("not canonical CBOR: {} at byte {}", problem_, size_ - rest_.size())};
    }
    bool refuse(const char* problem) {
        if (problem_ == nullptr) problem_ = problem;
        return false;
    }

    std::optional<std::uint8_t> take_byte() {
        if (rest_.empty()) {
            refuse("unexpected end");
            return std::nullopt;
        }
        const std::uint8_t byte = rest_.front();
        rest_ = rest_.subspan(1);
        return byte;
    }

    bool take_argument(std::uint8_t head, std::uint64_t& argument) {
        const unsigned code = head & 0x1fu;
        if (code < 24) {
            argument = code;
            return true;
        }
        if (code > 27) return refuse("indefinite or reserved length");
        const std::size_t bytes = std::size_t{1} << (code - 24);
        if (rest_.size() < bytes) return refuse("unexpected end");
        argument = 0;
        for (const std::uint8_t byte : rest_.first(bytes)) argument = argument << 8 | byte;
        const std::uint64_t shorter_limit = bytes == 1 ? 24 : std::uint64_t{1} << (8 * (bytes / 2));
        if (argument < shorter_limit) return refuse("longer form than needed");
        rest_ = rest_.subspan(bytes);
        return true;
    }

    bool take_string(std::uint64_t length, ByteView& content) {
        if (length > rest_.size()) return refuse("unexpected end");
        content = rest_.first(static_cast<std::size_t>(length));
        rest_ = rest_.subspan(static_cast<std::size_t>(length));
        return true;
    }

    bool take_text(std::uint64_t length, std::string& text) {
        ByteView content;
        if (!take_string(length, content)) return false;
        text = as_text(content);
        return to_valid_utf8(text) == text || refuse("invalid UTF-8");
    }

    bool take_array(std::uint64_t count, std::size_t depth, Value& value) {
        if (count > rest_.size()) return refuse("unexpected end");
        Array array;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (!take(array.emplace_back(), depth + 1)) return false;
        }
        value = Value(std::move(array));
        return true;
    }

    bool take_map(std::uint64_t count, std::size_t depth, Value& value) {
        if (count > rest_.size()) return refuse("unexpected end");
        Map map;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto head = take_byte();
            if (!head) return false;
            if (*head >> 5 != 3) return refuse("a key that is not text");
            std::uint64_t length = 0;
            std::string key;
            if (!take_argument(*head, length) || !take_text(length, key)) return false;
            if (!map.empty() && !KeyOrder{}(map.rbegin()->first, key))
                return refuse("keys out of order");
            if (!take(map.emplace_hint(map.end(), std::move(key), Value{})->second, depth + 1))
                return false;
        }
        value = Value(std::move(map));
        return true;
    }

    bool take(Value& value, std::size_t depth) {
        if (depth > maximum_depth) return refuse("nested too deep");
        if (++items_ > maximum_items) return refuse("too many items");
        const auto head = take_byte();
        if (!head) return false;
        const unsigned major = *head >> 5;
        if (major == 7) return take_simple(*head, value);
        std::uint64_t argument = 0;
        if (!take_argument(*head, argument)) return false;
        switch (major) {
        case 0:
        case 1:
            if (argument > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
                return refuse("integer too large");
            value = Value(major == 0 ? static_cast<std::int64_t>(argument)
                                     : -1 - static_cast<std::int64_t>(argument));
            return true;
        case 2: {
            ByteView content;
            if (!take_string(argument, content)) return false;
            value = Value(content);
            return true;
        }
        case 3: {
            std::string text;
            if (!take_text(argument, text)) return false;
            value = Value(std::move(text));
            return true;
        }
        case 4:
            return take_array(argument, depth, value);
        case 5:
            return take_map(argument, depth, value);
        default:
            return refuse("a tag");
        }
    }

    bool take_simple(std::uint8_t head, Value& value) {
        switch (head) {
        case 0xf4:
            value = Value(false);
            return true;
        case 0xf5:
            value = Value(true);
            return true;
        case 0xf6:
            value = Value();
            return true;
        default:
            return refuse("a float or unknown simple value");
        }
    }

    ByteView rest_;
    std::size_t size_;
    std::size_t items_ = 0;
    const char* problem_ = nullptr;
};

} // namespace

Result<Value> decode(ByteView bytes) {
    return Decoder(bytes).decode_all();
}

} // namespace minewarden::cbor
