// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace minewarden::collector {

/// Why the intake refuses a whole message. Each has its own counter.
enum class MessageFault {
    malformed,     ///< not a valid FromAgent
    oversized,     ///< larger than maximum_message
    wrong_version, ///< a Hello of another protocol
    unexpected,    ///< a batch or heartbeat before Hello, or of another stream
    revoked,       ///< the key is no longer enrolled
    over_quota,    ///< the key sends more than it may (quotas.h)
};
constexpr std::size_t message_faults = 6;

[[nodiscard]] constexpr std::string_view to_string(MessageFault fault) {
    switch (fault) {
    case MessageFault::malformed:
        return "malformed";
    case MessageFault::oversized:
        return "oversized";
    case MessageFault::wrong_version:
        return "wrong_version";
    case MessageFault::unexpected:
        return "unexpected";
    case MessageFault::revoked:
        return "revoked";
    case MessageFault::over_quota:
        return "over_quota";
    }
    return "unknown";
}

} // namespace minewarden::collector
