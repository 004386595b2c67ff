// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Builds valid and invalid DNS messages byte by byte.
namespace minewarden::rules {

inline std::string be16(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string dns_name(std::string_view name) {
    std::string wire;
    while (!name.empty()) {
        const std::size_t dot = name.find('.');
        const std::string_view label = name.substr(0, dot);
        wire += static_cast<char>(label.size());
        wire += label;
        name = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    }
    wire += '\0';
    return wire;
}

inline std::string dns_header(unsigned answers, unsigned flags = 0x8180, unsigned questions = 1) {
    return be16(0x1234) + be16(flags) + be16(questions) + be16(answers) + be16(0) + be16(0);
}

inline std::string dns_question(std::string_view name, unsigned type = 1) {
    return dns_name(name) + be16(type) + be16(1);
}

/// `owner`: encoded name, from dns_name(...) or a pointer.
inline std::string dns_record(const std::string& owner, unsigned type, std::string_view data,
                              unsigned ttl_s = 60) {
    return owner + be16(type) + be16(1) + be16(ttl_s >> 16) + be16(ttl_s & 0xffff) +
           be16(static_cast<unsigned>(data.size())) + std::string(data);
}

inline std::string dns_pointer(unsigned offset) {
    return be16(0xc000 | offset);
}

/// An answer with one A record for the queried name.
inline std::string dns_a(std::string_view name, std::string_view four, unsigned ttl_s = 60) {
    return dns_header(1) + dns_question(name) + dns_record(dns_pointer(12), 1, four, ttl_s);
}

} // namespace minewarden::rules
