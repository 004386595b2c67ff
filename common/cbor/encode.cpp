// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"

namespace minewarden::cbor {
namespace {

// Major types, RFC 8949 section 3.1.
enum class Major : std::uint8_t {
    unsigned_int = 0,
    negative_int = 1,
    bytes = 2,
    text = 3,
    array = 4,
    map = 5
};

constexpr char simple_false = '\xf4';
constexpr char simple_true = '\xf5';
constexpr char simple_null = '\xf6';

class Encoder {
  public:
    void put(const Value& value) {
        std::visit([this](const auto& held) { put_held(held); }, value.storage());
    }
    std::string take() { return std::move(out_); }

  private:
    void put_held(Null) { out_ += simple_null; }
    void put_held(bool value) { out_ += value ? simple_true : simple_false; }
    void put_held(std::int64_t value) {
        if (value >= 0)
            put_head(Major::unsigned_int, static_cast<std::uint64_t>(value));
        else
            put_head(Major::negative_int, ~static_cast<std::uint64_t>(value)); // -1 - value
    }
    void put_held(const std::string& text) {
        put_head(Major::text, text.size());
        out_ += text;
    }
    void put_held(const Bytes& bytes) {
        put_head(Major::bytes, bytes.size());
        out_ += as_text(bytes);
    }
    void put_held(const Array& array) {
        put_head(Major::array, array.size());
        for (const Value& item : array) put(item);
    }
    void put_held(const Map& map) {
        put_head(Major::map, map.size());
        for (const auto& [key, value] : map) {
            put_held(key);
            put(value);
        }
    }

    void put_head(Major major, std::uint64_t argument) {
        const auto first = static_cast<std::uint8_t>(static_cast<unsigned>(major) << 5);
        if (argument < 24) {
            out_ += static_cast<char>(first | argument);
            return;
        }
        unsigned size_code = 24; // one, two, four or eight bytes follow
        unsigned bytes = 1;
        while (bytes < 8 && argument >> (8 * bytes) != 0) {
            ++size_code;
            bytes *= 2;
        }
        out_ += static_cast<char>(first | size_code);
        for (unsigned i = bytes; i-- > 0;) out_ += static_cast<char>(argument >> (8 * i) & 0xff);
    }

    std::string out_;
};

} // namespace

std::string encode(const Value& value) {
    Encoder encoder;
    encoder.put(value);
    return encoder.take();
}

} // namespace minewarden::cbor
