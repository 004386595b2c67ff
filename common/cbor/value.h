// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The canonical encoding of everything that is hashed or recomputed: deterministic CBOR (RFC 8949,
/// section 4.2.1) without floating point and tags. Each value has exactly one encoding; decode
/// accepts no other. Used by docs/verdict-record.md.
namespace minewarden::cbor {

class Value;

/// Order of map keys by their encoded bytes. For text: shorter first, then bytewise.
struct KeyOrder {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

struct Null {
    bool operator==(const Null&) const = default;
};
using Bytes = std::vector<std::uint8_t>;
using Array = std::vector<Value>;
using Map = std::map<std::string, Value, KeyOrder>;

/// Integers are signed 64-bit. Text must be valid UTF-8 (REQUIRES of the constructor).
class Value {
  public:
    using Storage = std::variant<Null, bool, std::int64_t, std::string, Bytes, Array, Map>;

    Value() = default;
    Value(bool value) : storage_(value) {}
    Value(std::int64_t value) : storage_(value) {}
    Value(int value) : storage_(std::int64_t{value}) {}
    Value(std::string value) : storage_(std::move(value)) {}
    Value(std::string_view value) : storage_(std::string(value)) {}
    Value(const char* value) : storage_(std::string(value)) {}
    Value(ByteView value) : storage_(Bytes(value.begin(), value.end())) {}
    Value(Array value) : storage_(std::move(value)) {}
    Value(Map value) : storage_(std::move(value)) {}

    [[nodiscard]] const Storage& storage() const { return storage_; }
    template <class T>
    [[nodiscard]] const T* get_if() const {
        return std::get_if<T>(&storage_);
    }
    template <class T>
    [[nodiscard]] T* get_if() {
        return std::get_if<T>(&storage_);
    }

    bool operator==(const Value&) const = default;

  private:
    Storage storage_;
};

[[nodiscard]] std::string encode(const Value& value);

/// Limits for hostile input.
inline constexpr std::size_t maximum_depth = 16;
inline constexpr std::size_t maximum_items = 100'000;

/// Errors have kind `data` and name the byte offset. Refuses indefinite lengths, longer forms than
/// needed, unsorted or repeated keys, keys that are not text, floats, tags, invalid UTF-8, integers
/// beyond 64 signed bits, trailing bytes, and anything over the limits.
Result<Value> decode(ByteView bytes);

} // namespace minewarden::cbor
