// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/value.h"

namespace minewarden::rules {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace

std::string_view to_string(ValueType type) {
    switch (type) {
    case ValueType::boolean:
        return "true or false";
    case ValueType::integer:
        return "a whole number";
    case ValueType::text:
        return "text";
    case ValueType::address:
        return "an address";
    }
    return "";
}

std::string to_display(const Value& value) {
    return std::visit(
        Overloaded{[](std::monostate) { return std::string("?"); },
                   [](bool held) { return std::string(held ? "true" : "false"); },
                   [](std::int64_t held) { return std::to_string(held); },
                   [](const Boxed<std::string>& held) { return *held; },
                   [](const Boxed<IpAddress>& held) { return minewarden::to_string(*held); }},
        value);
}

cbor::Value to_cbor(const Value& value) {
    return std::visit(Overloaded{[](std::monostate) { return cbor::Value(); },
                                 [](bool held) { return cbor::Value(held); },
                                 [](std::int64_t held) { return cbor::Value(held); },
                                 [](const Boxed<std::string>& held) { return cbor::Value(*held); },
                                 [](const Boxed<IpAddress>& held) {
                                     return cbor::Value(minewarden::to_string(*held));
                                 }},
                      value);
}

std::optional<Value> from_cbor(const cbor::Value& encoded, ValueType type) {
    if (encoded.get_if<cbor::Null>() != nullptr) return Value();
    switch (type) {
    case ValueType::boolean:
        if (const bool* held = encoded.get_if<bool>()) return Value(*held);
        break;
    case ValueType::integer:
        if (const auto* held = encoded.get_if<std::int64_t>()) return Value(*held);
        break;
    case ValueType::text:
        if (const auto* held = encoded.get_if<std::string>()) return Value(*held);
        break;
    case ValueType::address:
        if (const auto* held = encoded.get_if<std::string>()) {
            if (const auto address = parse_ip_address(*held)) return Value(*address);
        }
        break;
    }
    return std::nullopt;
}

} // namespace minewarden::rules
