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

/// Who the client says it is.
struct Credentials {
    std::string wallet; ///< the worker's name in the Bitcoin dialect
    std::string password = "x";
    std::string agent;
};

/// What a line from the pool means to a client.
struct Reaction {
    std::string send; ///< to be sent at once; empty: nothing
    std::string sent; ///< event that tells of it; empty: none
    bool logged_in = false;
    std::optional<Job> job;
    struct ShareAnswer {
        bool accepted = false;
        std::string reason;
    };
    std::optional<ShareAnswer> answer;
};

/// The client's side of one dialect, without I/O.
class ClientProtocol {
  public:
    virtual ~ClientProtocol() = default;
    /// The method that hello() sends first, for events.
    [[nodiscard]] virtual std::string_view login_method() const = 0;
    /// The first bytes of the connection.
    [[nodiscard]] virtual std::string hello() = 0;
    /// An error if the pool refuses the login or does not speak the dialect.
    virtual Result<Reaction> on_line(std::string_view line) = 0;
    /// REQUIRES: a job was received, the share is of this dialect.
    [[nodiscard]] virtual std::string submit(const Share& share) = 0;
    /// Empty if the dialect, or this pool, has no keepalive.
    [[nodiscard]] virtual std::string keepalive() = 0;
};

[[nodiscard]] std::unique_ptr<ClientProtocol> make_monero_client(const WireForm& form,
                                                                 Credentials credentials);
/// `configure`: negotiates version rolling before the subscription, as ASIC firmware does.
[[nodiscard]] std::unique_ptr<ClientProtocol>
make_bitcoin_client(const WireForm& form, Credentials credentials, bool configure);

} // namespace minewarden::lab
