// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/socks.h"

#include "rules/recognise/preamble.h"

#include <array>

namespace minewarden::rules {
namespace {

constexpr unsigned char version = 5;
constexpr unsigned char version_4 = 4;
constexpr unsigned char granted_4 = 90;
constexpr unsigned char password_version = 1; // RFC 1929
constexpr unsigned char connect = 1;
constexpr unsigned char no_authentication = 0;
constexpr unsigned char by_password = 2;
constexpr unsigned char granted = 0;

/// Reads version, request or reply, reserved, address, port.
void read_address(Preamble& preamble, unsigned char code) {
    preamble.expect(version);
    preamble.expect(code);
    preamble.expect(0);
    switch (preamble.byte()) {
    case 1:
        preamble.skip(4);
        break;
    case 3: {
        const std::size_t length = preamble.byte();
        preamble.expect_that(length > 0);
        preamble.skip(length);
        break;
    }
    case 4:
        preamble.skip(16);
        break;
    default:
        preamble.expect_that(false);
    }
    preamble.skip(2);
}

Preamble read_client(std::string_view bytes) {
    Preamble preamble(bytes);
    preamble.expect(version);
    const std::size_t methods = preamble.byte();
    preamble.expect_that(methods > 0);
    preamble.skip(methods);
    if (preamble.good() && preamble.next_is(password_version)) {
        preamble.skip(1);
        preamble.skip(preamble.byte()); // name
        preamble.skip(preamble.byte()); // password
    }
    read_address(preamble, connect);
    return preamble;
}

Preamble read_server(std::string_view bytes) {
    Preamble preamble(bytes);
    preamble.expect(version);
    const std::size_t method = preamble.byte();
    preamble.expect_that(method == no_authentication || method == by_password);
    if (method == by_password) {
        preamble.expect(password_version);
        preamble.expect(granted);
    }
    read_address(preamble, granted);
    return preamble;
}

/// Reads version, request, port, address, user; in 4A also a name, if the address is 0.0.0.x.
Preamble read_client_4(std::string_view bytes) {
    constexpr std::size_t longest_text = 255;
    Preamble preamble(bytes);
    preamble.expect(version_4);
    preamble.expect(connect);
    preamble.skip(2);
    const std::array address{preamble.byte(), preamble.byte(), preamble.byte(), preamble.byte()};
    const bool is_name = address[0] == 0 && address[1] == 0 && address[2] == 0 && address[3] != 0;
    preamble.skip_text(longest_text);
    if (is_name) preamble.skip_text(longest_text);
    return preamble;
}

Preamble read_server_4(std::string_view bytes) {
    Preamble preamble(bytes);
    preamble.expect(0);
    preamble.expect(granted_4);
    preamble.skip(6); // port and address
    return preamble;
}

std::array<Preamble, 4> read_all(std::string_view bytes) {
    return {read_client(bytes), read_server(bytes), read_client_4(bytes), read_server_4(bytes)};
}

} // namespace

Begins starts_socks(std::string_view bytes) {
    Begins result = Begins::no;
    for (const Preamble& read : read_all(bytes)) {
        if (read.good()) return Begins::yes;
        if (read.state() == Preamble::State::more) result = Begins::perhaps;
    }
    return result;
}

void SocksLayer::feed(std::string_view bytes, Recognised& found) {
    if (tunnel_) {
        inner_.feed(bytes, found);
        return;
    }
    preamble_ += bytes;
    for (const Preamble& read : read_all(preamble_)) {
        if (read.state() == Preamble::State::more) return;
        if (!read.good()) continue;
        tunnel_ = true;
        const std::string rest = preamble_.substr(read.at());
        preamble_ = {};
        inner_.feed(rest, found);
        return;
    }
    wants_more_ = false;
}

} // namespace minewarden::rules
