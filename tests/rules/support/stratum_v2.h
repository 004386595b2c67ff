// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/rules/support/dialects.h"

/// Frames of Stratum V2, written by hand from its specification (3.2, 3.6 and 5.3).
namespace minewarden::rules::test::v2 {

inline std::string number(std::uint32_t value, int bytes) {
    std::string made;
    for (int i = 0; i < bytes; ++i) made += static_cast<char>(value >> (8 * i) & 0xff);
    return made;
}
inline std::string text(const std::string& value) {
    return number(static_cast<std::uint32_t>(value.size()), 1) + value;
}
inline std::string frame(std::uint32_t type, const std::string& payload) {
    return number(0, 2) + number(type, 1) + number(static_cast<std::uint32_t>(payload.size()), 3) +
           payload;
}
/// A message of a channel: the top bit of the extension is set.
inline std::string channel_frame(std::uint32_t type, const std::string& payload) {
    return number(0x8000, 2) + frame(type, payload).substr(2);
}
/// SetupConnection of the Mining Protocol. `more`: fields of extensions.
inline std::string setup(std::uint32_t least = 2, std::uint32_t greatest = 2,
                         const std::string& more = "") {
    return frame(0x00, number(0, 1) + number(least, 2) + number(greatest, 2) + number(5, 4) +
                           text("pool.test") + number(34254, 2) + text("Acme") + text("S9") +
                           text("1.0") + text("rig-7") + more);
}
inline std::string success() {
    return frame(0x01, number(2, 2) + number(4, 4));
}
inline std::string open_channel() {
    return frame(0x10, number(1, 4) + text("wallet.rig") + number(0x4b000000, 4) +
                           std::string(32, '\xff'));
}
inline std::string channel_opened() {
    return frame(0x11, number(1, 4) + number(7, 4) + std::string(32, '\xff') + text("abcd") +
                           number(0, 4));
}
inline std::string job() {
    return channel_frame(0x15, number(7, 4) + number(1, 4) + number(0, 1) + number(0x20000000, 4) +
                                   std::string(32, 'm'));
}
inline std::string previous_hash() {
    return channel_frame(0x20, number(7, 4) + number(1, 4) + std::string(24, 'p') +
                                   std::string(8, '\0') + number(1700000000, 4) +
                                   number(0x17053894, 4));
}
inline std::string submit(const std::string& more = "") {
    return channel_frame(0x1a, number(7, 4) + number(1, 4) + number(1, 4) + number(0xd0030040, 4) +
                                   number(1700000001, 4) + number(0x20000000, 4) + more);
}
inline std::string submit_extended() {
    return channel_frame(0x1b, submit().substr(6) + text("abcd"));
}
inline std::string client() {
    return setup() + open_channel() + submit();
}
inline std::string server() {
    return success() + channel_opened() + job() + previous_hash();
}

} // namespace minewarden::rules::test::v2
