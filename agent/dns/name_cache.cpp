// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/name_cache.h"

#include <algorithm>
#include <cstring>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t ns_per_second = 1'000'000'000;

IpNetwork network(std::string_view text) {
    return *parse_ip_network(text);
}

/// Addresses of this host itself, or of none: the answers of a filtering resolver.
bool is_no_destination(const IpAddress& address) {
    static const std::array<IpNetwork, 4> networks{network("127.0.0.0/8"), network("0.0.0.0/8"),
                                                   network("::/128"), network("::1/128")};
    return std::ranges::any_of(networks, [&](const auto& n) { return n.contains(address); });
}

/// Such an address can be another machine in each network namespace.
bool is_private(const IpAddress& address) {
    static const std::array<IpNetwork, 7> networks{
        network("10.0.0.0/8"),     network("172.16.0.0/12"), network("192.168.0.0/16"),
        network("169.254.0.0/16"), network("100.64.0.0/10"), network("fc00::/7"),
        network("fe80::/10")};
    return std::ranges::any_of(networks, [&](const auto& n) { return n.contains(address); });
}

/// Never 0. Used for comparison only.
std::uint32_t domain_hash(std::string_view domain) {
    const Digest digest = sha256(as_bytes(domain));
    std::uint32_t hash = 0;
    std::memcpy(&hash, digest.bytes.data(), sizeof(hash));
    return hash | 1;
}

bool is_same(const Asker& one, const Asker& other) {
    return one.image == other.image && one.network_namespace == other.network_namespace;
}

} // namespace

std::string_view to_string(NameLevel level) {
    switch (level) {
    case NameLevel::process:
        return "process";
    case NameLevel::network_namespace:
        return "namespace";
    case NameLevel::host:
        return "host";
    }
    return "";
}

void NameCache::learn(const rules::DnsAnswer& answer, const Asker& asker, BootTime now) {
    if (answer.question.empty() || answer.addresses.empty()) return;
    std::optional<rules::Indicator> indicator = lists_->find(answer.question);
    bool is_shared_network = lists_->is_shared_name(answer.question);
    for (const std::string& alias : answer.aliases) {
        // A private name can be an alias of a pool's name.
        if (!indicator) indicator = lists_->find(alias);
        is_shared_network = is_shared_network || lists_->is_shared_name(alias);
    }
    for (const rules::DnsAddress& item : answer.addresses) {
        if (is_no_destination(item.address)) continue;
        if (!indicator) {
            note_sharing(item.address, rules::registrable_domain(answer.question),
                         is_shared_network);
            continue;
        }
        if (is_shared_network) note_sharing(item.address, {}, true);
        std::vector<NamedFor>& named = named_.claim(item.address);
        std::erase_if(named, [&](const NamedFor& old) {
            return old.until < now || (is_same(old.asker, asker) && old.indicator == *indicator);
        });
        if (named.size() >= maximum_askers) named.erase(named.begin());
        const std::uint64_t ttl_s = std::min<std::uint64_t>(item.ttl_s, maximum_ttl_s);
        named.push_back({asker, *indicator, {now.ns + (ttl_s + hold_s) * ns_per_second}});
    }
}

void NameCache::note_sharing(const IpAddress& address, std::string_view domain,
                             bool is_shared_network) {
    Sharing& sharing = addresses_.claim(address);
    sharing.is_shared_network = sharing.is_shared_network || is_shared_network;
    if (domain.empty()) return;
    const std::uint32_t hash = domain_hash(domain);
    for (std::uint32_t& known : sharing.domains) {
        if (known == hash) return;
        if (known != 0) continue;
        known = hash;
        return;
    }
}

bool NameCache::is_ambiguous(const IpAddress& address) {
    if (lists_->is_shared_address(address)) return true;
    const Sharing* sharing = addresses_.find(address);
    return sharing != nullptr && (sharing->is_shared_network || sharing->domains[0] != 0);
}

std::optional<KnownDestination> NameCache::find(const IpAddress& address, const Asker& connecting,
                                                BootTime now) {
    const std::vector<NamedFor>* named = named_.find(address);
    if (named == nullptr) return std::nullopt;
    std::optional<KnownDestination> best;
    for (const NamedFor& item : *named) {
        if (item.until < now) continue;
        NameLevel level = NameLevel::host;
        const bool is_known = item.asker.image.pid != 0;
        if (is_known && item.asker.image == connecting.image)
            level = NameLevel::process;
        else if (is_known && item.asker.network_namespace != 0 &&
                 item.asker.network_namespace == connecting.network_namespace)
            level = NameLevel::network_namespace;
        else if (is_private(address))
            continue;
        // On the same level a pool is preferred to a site, and then the latest one.
        const bool is_better = !best || std::pair(level, item.indicator.kind) <=
                                            std::pair(best->level, best->indicator.kind);
        if (is_better) best = {level, item.indicator, false};
    }
    if (best) best->ambiguous = is_ambiguous(address);
    return best;
}

} // namespace minewarden::agent
