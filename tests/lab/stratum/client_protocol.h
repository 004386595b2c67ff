// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/stratum/bitcoin_job.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/monero_job.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace minewarden::lab {

using Job = std::variant<MoneroJob, BitcoinWork>;
using Share = std::variant<MoneroShare, BitcoinShare>;

[[nodiscard]] const std::string& job_id_of(const Job& job);

/// The identity that the client sends.
struct Credentials {
    std::string wallet; ///< worker name in the Bitcoin dialect
    std::string password = "x";
    std::string agent;
};

/// The reaction of a client to a line from the pool.
struct Reaction {
    std::string send; ///< bytes to send; may be empty
    std::string sent; ///< event to emit for it; may be empty
    bool logged_in = false;
    std::optional<Job> job;
    struct ShareAnswer {
        bool accepted = false;
        std::string reason;
    };
    std::optional<ShareAnswer> answer;
};

/// The client side of one dialect, without I/O.
class ClientProtocol {
  public:
    virtual ~ClientProtocol() = default;
    /// Name of the first method that hello() sends, for events.
    [[nodiscard]] virtual std::string_view login_method() const = 0;
    /// The first bytes of the connection.
    [[nodiscard]] virtual std::string hello() = 0;
    /// Returns an error if the pool refuses the login or does not use the dialect.
    virtual Result<Reaction> on_line(std::string_view line) = 0;
    /// REQUIRES: a job was received, and the share is of this dialect.
    [[nodiscard]] virtual std::string submit(const Share& share) = 0;
    /// Empty if the dialect or the pool has no keepalive.
    [[nodiscard]] virtual std::string keepalive() = 0;
};

[[nodiscard]] std::unique_ptr<ClientProtocol> make_monero_client(const WireForm& form,
                                                                 Credentials credentials);
/// `configure`: negotiates version rolling before the subscription, as ASIC firmware does.
[[nodiscard]] std::unique_ptr<ClientProtocol>
make_bitcoin_client(const WireForm& form, Credentials credentials, bool configure);

} // namespace minewarden::lab
