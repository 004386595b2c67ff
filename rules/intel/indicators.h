// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "common/ip_address.h"
#include "common/yaml/document.h"

#include <map>
#include <memory>
#include <span>

/// Names of mining pools, known only by keyed hashes: a list can tell whether a name it is shown is
/// on it, and neither the list nor the program holds the names (docs/intel-format.md).
namespace minewarden::rules {

/// What a name says of who connects to its address.
enum class IndicatorKind {
    pool, ///< where miners connect: a pool, a miner's donation host
    site, ///< the pool's pages for people: visiting them is no mining
};

[[nodiscard]] std::string_view to_string(IndicatorKind kind);

/// 16 bytes of BLAKE2b (RFC 7693), keyed with the list's salt, over the lower-case name.
using NameDigest = Opaque<struct NameDigestTag, 16>;
using IntelSalt = Opaque<struct IntelSaltTag, 16>;

/// `name`: lower case, without a dot at the end; "=" before it: this name alone and none below it.
[[nodiscard]] NameDigest digest_of_name(const IntelSalt& salt, std::string_view name);

/// A name that is on a list.
struct Indicator {
    IndicatorKind kind = IndicatorKind::pool;
    std::string list;   ///< id of the list
    std::string suffix; ///< the part of the name shown that is on it
    std::string coin;   ///< "" if the list names none
    bool operator==(const Indicator&) const = default;
};

/// The lists in force. Immutable; shared between threads freely.
class IndicatorSet {
  public:
    static constexpr std::size_t entries_maximum = 200'000;

    /// All problems, each with file:line:column.
    static Result<std::shared_ptr<const IndicatorSet>, yaml::Diagnostics>
    load(std::vector<TextFile> files);

    /// The longest suffix of `name` (labels, lower case) that is on a list; of two lists the first
    /// by id. An entry for this very name goes before suffixes.
    [[nodiscard]] std::optional<Indicator> find(std::string_view name) const;

    /// True for a name of a network that serves many unrelated customers from the same addresses.
    [[nodiscard]] bool is_shared_name(std::string_view name) const;
    [[nodiscard]] bool is_shared_address(const IpAddress& address) const;
    /// True for a public resolver that is asked in encrypted form.
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

/// Makes a list's YAML from plain text, one entry a line: "pool NAME [COIN]" or "site NAME [COIN]",
/// NAME perhaps with "=" before it; '#' begins a comment. Equal input gives equal bytes.
Result<std::string, yaml::Diagnostics> make_indicator_list(const TextFile& plain,
                                                           std::string_view id,
                                                           std::string_view version,
                                                           const IntelSalt& salt);

/// The name under which somebody registered: the last two labels, three where the second is a
/// country's usual category (com.cn, co.uk). A guess without a list of public suffixes: it errs
/// toward two names being related.
[[nodiscard]] std::string_view registrable_domain(std::string_view name);

} // namespace minewarden::rules
