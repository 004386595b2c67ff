// SPDX-License-Identifier: Apache-2.0
#include "common/endpoint.h"

#include "common/text.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>

namespace minewarden {
namespace {

constexpr std::string_view tcp = "tcp://";
constexpr std::string_view ipc = "ipc://";
/// sockaddr_un of unix(7) holds 108 bytes with the zero at the end.
constexpr std::size_t longest_path = 107;

bool is_port(std::string_view text, EndpointUse use) {
    if (use == EndpointUse::listen && text == "*") return true;
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port > UINT16_MAX) return false;
    return port != 0 || use == EndpointUse::listen;
}

Result<Endpoint> parse_tcp(std::string_view text, EndpointUse use) {
    const std::string_view rest = text.substr(tcp.size());
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || !is_port(rest.substr(colon + 1), use))
        return fail(ErrorKind::config, "expected a port from 1 to 65535 at the end");
    std::string_view host = rest.substr(0, colon);
    if (use == EndpointUse::listen && host == "*") return Endpoint{std::string(text), true};
    const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (in_brackets) host = host.substr(1, host.size() - 2);
    const auto address = parse_ip_address(host);
    if (!address)
        return fail(ErrorKind::config, "expected an IP address, because no name is resolved");
    const bool has_colon = host.find(':') != std::string_view::npos;
    if (has_colon != in_brackets)
        return fail(ErrorKind::config, has_colon ? "an IPv6 address needs brackets: [::1]"
                                                 : "an IPv4 address takes no brackets");
    return Endpoint{std::string(text), has_colon};
}

} // namespace

Result<Endpoint> parse_endpoint(std::string_view text, EndpointUse use) {
    if (text.starts_with(tcp)) return parse_tcp(text, use);
    if (!text.starts_with(ipc))
        return fail(ErrorKind::config, "expected tcp://ADDRESS:PORT or ipc://PATH");
    const std::string_view path = text.substr(ipc.size());
    if (path.empty() || path.size() > longest_path)
        return fail(ErrorKind::config,
                    fmt::format("expected a path of 1 to {} bytes after ipc://", longest_path));
    return Endpoint{std::string(text), false};
}

} // namespace minewarden
