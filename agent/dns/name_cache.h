// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bounded_map.h"
#include "common/clock.h"
#include "rules/intel/indicators.h"
#include "rules/observation/observation.h"
#include "rules/recognise/dns.h"

#include <vector>

namespace minewarden::agent {

/// How near the process that connects is to the one that was told the name.
enum class NameLevel {
    process,           ///< the same program of the same process
    network_namespace, ///< another process in the same network namespace
    host,              ///< anything on this host, the host's own resolver too
};

[[nodiscard]] std::string_view to_string(NameLevel level);

/// Who was told an answer. An image with pid 0: unknown, the socket is older than the agent.
struct Asker {
    rules::ImageKey image;
    std::uint32_t network_namespace = 0; ///< inode; 0: unknown
};

/// What is known of an address that a process connects to.
struct KnownDestination {
    NameLevel level = NameLevel::host;
    rules::Indicator indicator;
    /// Others than the pool are reached at this address too, so the connection may be theirs.
    bool ambiguous = false;
};

/// Which addresses belong to names on the indicator lists. Of names that are on no list only hashes
/// are kept, to know that an address is shared. Bounded; what is pushed out is counted.
class NameCache {
  public:
    /// Connections outlive what they were made with: an address keeps its name for its TTL, taken
    /// as at most an hour, and half an hour more.
    static constexpr std::uint64_t ttl_maximum_s = 3600;
    static constexpr std::uint64_t hold_s = 1800;
    static constexpr std::size_t askers_maximum = 32; ///< per address; the oldest go

    struct Limits {
        std::size_t addresses = 16384; ///< of which it is known whether they are shared
        std::size_t indicators = 4096; ///< addresses of names on a list
    };

    explicit NameCache(std::shared_ptr<const rules::IndicatorSet> lists)
        : NameCache(std::move(lists), Limits{}) {}
    NameCache(std::shared_ptr<const rules::IndicatorSet> lists, Limits limits)
        : lists_(std::move(lists)), addresses_(limits.addresses), named_(limits.indicators) {}

    /// Takes an answer in. The same answer twice (a client's and its forwarder's, or both ends of
    /// loopback) changes nothing but the time.
    void learn(const rules::DnsAnswer& answer, const Asker& asker, BootTime now);

    /// The most specific level that knows the address.
    [[nodiscard]] std::optional<KnownDestination> find(const IpAddress& address,
                                                       const Asker& connecting, BootTime now);

    [[nodiscard]] bool is_ambiguous(const IpAddress& address);

    /// What was learnt before stays.
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
    struct Told {
        Asker asker;
        rules::Indicator indicator;
        BootTime until;
    };

    void note_sharing(const IpAddress& address, std::string_view domain, bool is_shared_network);

    std::shared_ptr<const rules::IndicatorSet> lists_;
    BoundedMap<IpAddress, Sharing> addresses_;
    BoundedMap<IpAddress, std::vector<Told>> named_;
};

} // namespace minewarden::agent
