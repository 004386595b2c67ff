// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "common/ip_address.h"
#include "common/yaml/document.h"

#include <map>
#include <memory>
#include <span>

/// Lists of mining pool names, stored as keyed hashes. A list can tell whether a given name is on
/// it, but neither the list nor the program contains the names (docs/intel-format.md).
namespace minewarden::rules {

/// What a connection to the address of a name means.
enum class IndicatorKind {
    pool, ///< miners connect there: a pool, or the donation host of a mining program
    site, ///< web site of a pool: a visit is not mining
};

[[nodiscard]] std::string_view to_string(IndicatorKind kind);

/// 16 bytes of BLAKE2b (RFC 7693), keyed with the list's salt, over the lower-case name.
using NameDigest = Opaque<struct NameDigestTag, 16>;
using IntelSalt = Opaque<struct IntelSaltTag, 16>;

/// `name`: lower case, without a final dot. A "=" prefix means: this name only, no names below it.
[[nodiscard]] NameDigest digest_of_name(const IntelSalt& salt, std::string_view name);

/// The list entry that a name matched.
struct Indicator {
    IndicatorKind kind = IndicatorKind::pool;
    std::string list;   ///< id of the list
    std::string suffix; ///< the part of the name that is on the list
    std::string coin;   ///< "" if the list names none
    bool operator==(const Indicator&) const = default;
};

/// The loaded lists. Immutable and thread-safe.
class IndicatorSet {
  public:
    static constexpr std::size_t entries_maximum = 200'000;

    /// Errors: all problems, each with file:line:column.
    static Result<std::shared_ptr<const IndicatorSet>, yaml::Diagnostics>
    load(std::vector<TextFile> files);

    /// Finds the longest suffix of `name` (whole labels, lower case) that is on a list. An entry
    /// for exactly this name goes first. If two lists match, the first by id counts.
    [[nodiscard]] std::optional<Indicator> find(std::string_view name) const;

    /// True for a name in a network that serves unrelated customers from the same addresses.
    [[nodiscard]] bool is_shared_name(std::string_view name) const;
    [[nodiscard]] bool is_shared_address(const IpAddress& address) const;
    /// True for a public resolver that accepts encrypted queries.
    [[nodiscard]] bool is_encrypted_resolver(const IpAddress& address) const;

    [[nodiscard]] std::size_t size() const { return entries_; }
    [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

  private:
    friend class IndicatorLoader;
    struct Entry {
        IndicatorKind kind;
        std::string coin;
    };
    struct List {
        std::string id;
        IntelSalt salt;
        std::map<NameDigest, Entry> names;
    };
    std::vector<List> lists_; ///< by id
    std::vector<std::string> ids_;
    std::vector<std::string> shared_suffixes_;
    std::vector<IpNetwork> shared_networks_;
    std::vector<IpAddress> encrypted_resolvers_;
    std::size_t entries_ = 0;
};

/// Makes the YAML of a list from plain text with one entry per line: "pool NAME [COIN]" or "site
/// NAME [COIN]", where NAME may have a "=" prefix. '#' begins a comment. Deterministic.
Result<std::string, yaml::Diagnostics> make_indicator_list(const TextFile& plain,
                                                           std::string_view id,
                                                           std::string_view version,
                                                           const IntelSalt& salt);

/// Estimates the registered domain: the last two labels, or three for common second-level domains
/// of a country (com.cn, co.uk). Uses no list of public suffixes, so unrelated names may share a
/// result.
[[nodiscard]] std::string_view registrable_domain(std::string_view name);

} // namespace minewarden::rules
