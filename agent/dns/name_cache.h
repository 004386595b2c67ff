// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bounded_map.h"
#include "common/clock.h"
#include "rules/intel/indicators.h"
#include "rules/observation/observation.h"
#include "rules/recognise/dns.h"

#include <vector>

namespace minewarden::agent {

/// How close the process that connects is to the one that received the answer with the name.
enum class NameLevel {
    process,           ///< the same process, running the same program
    network_namespace, ///< another process in the same network namespace
    host,              ///< any process of this host, for example the host's own resolver
};

[[nodiscard]] std::string_view to_string(NameLevel level);

/// The process that received an answer. An image with pid 0 is unknown: the socket is older than
/// the agent.
struct Asker {
    rules::ImageKey image;
    std::uint32_t network_namespace = 0; ///< inode; 0: unknown
};

/// What is known of an address that a process connects to.
struct KnownDestination {
    NameLevel level = NameLevel::host;
    rules::Indicator indicator;
    /// The address also serves other names than the listed one, so the connection can be for them.
    bool ambiguous = false;
};

/// Knows which addresses belong to names on the indicator lists. Of other names it keeps only
/// hashes, to know that an address is shared. Bounded; what is forgotten is counted.
class NameCache {
  public:
    /// Programs connect after an answer has expired: an address keeps its name for the TTL, of at
    /// most an hour, and half an hour more.
    static constexpr std::uint64_t maximum_ttl_s = 3600;
    static constexpr std::uint64_t hold_s = 1800;
    static constexpr std::size_t maximum_askers = 32; ///< per address; the oldest is dropped

    struct Limits {
        std::size_t addresses = 16384; ///< known to be shared or not
        std::size_t indicators = 4096; ///< addresses of listed names
    };

    explicit NameCache(std::shared_ptr<const rules::IndicatorSet> lists)
        : NameCache(std::move(lists), Limits{}) {}
    NameCache(std::shared_ptr<const rules::IndicatorSet> lists, Limits limits)
        : lists_(std::move(lists)), addresses_(limits.addresses), named_(limits.indicators) {}

    /// Adds an answer. The same answer again (to a client and to its forwarder, or at both ends of
    /// loopback) only extends the time.
    void learn(const rules::DnsAnswer& answer, const Asker& asker, BootTime now);

    /// What is known of the address, at the most specific level.
    [[nodiscard]] std::optional<KnownDestination> find(const IpAddress& address,
                                                       const Asker& connecting, BootTime now);

    [[nodiscard]] bool is_ambiguous(const IpAddress& address);

    /// What was learnt with the old lists stays.
    void replace_lists(std::shared_ptr<const rules::IndicatorSet> lists) {
        lists_ = std::move(lists);
    }
    [[nodiscard]] const rules::IndicatorSet& lists() const { return *lists_; }

    /// Addresses of listed names that were forgotten because there were too many.
    [[nodiscard]] std::uint64_t forgotten() const { return named_.forgotten(); }

  private:
    struct Sharing {
        std::array<std::uint32_t, 4> domains{}; ///< hashes of registrable domains; 0: none
        bool is_shared_network = false;
    };
    struct NamedFor {
        Asker asker;
        rules::Indicator indicator;
        BootTime until;
    };

    void note_sharing(const IpAddress& address, std::string_view domain, bool is_shared_network);

    std::shared_ptr<const rules::IndicatorSet> lists_;
    BoundedMap<IpAddress, Sharing> addresses_;
    BoundedMap<IpAddress, std::vector<NamedFor>> named_;
};

} // namespace minewarden::agent
