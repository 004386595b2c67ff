// SPDX-License-Identifier: Apache-2.0
#include "rules/intel/indicators.h"

#include "common/text.h"
#include "common/yaml/map_reader.h"
#include "rules/intel/names.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {

using yaml::Node;
using yaml::NodeKind;

/// Reads the files of one set, one after the other.
class IndicatorLoader {
  public:
    Result<std::shared_ptr<const IndicatorSet>, yaml::Diagnostics>
    load(std::vector<TextFile> files) {
        for (TextFile& file : files) load_file(file);
        if (set_->entries_ > IndicatorSet::entries_maximum)
            problems_.push_back(
                {"intel", {}, fmt::format("more than {} names", IndicatorSet::entries_maximum)});
        if (!problems_.empty()) return fail(std::move(problems_));
        std::ranges::sort(set_->lists_, {}, &IndicatorSet::List::id);
        for (const auto& list : set_->lists_) set_->ids_.push_back(list.id);
        return std::shared_ptr<const IndicatorSet>(std::move(set_));
    }

  private:
    void load_file(TextFile& file) {
        auto document = yaml::parse(std::move(file.content), file.name);
        if (!document) {
            problems_.insert(problems_.end(), document.error().begin(), document.error().end());
            return;
        }
        document_ = &*document;
        list_ = {};
        salt_.reset();
        yaml::MapReader reader(*document_, document_->root, problems_);
        if (const Node* intel = reader.required("intel")) load_head(*intel);
        if (const Node* names = reader.optional("names")) load_names(*names);
        if (const Node* shared = reader.optional("shared")) load_shared(*shared);
        if (const Node* resolvers = reader.optional("encrypted_resolvers"))
            each_text(*resolvers, [this](const Node& item) { load_resolver(item); });
        reader.finish();
        set_->entries_ += list_.names.size();
        set_->lists_.push_back(std::move(list_));
        document_ = nullptr;
    }

    void report(yaml::Mark mark, std::string message) {
        problems_.push_back({document_->file, mark, std::move(message)});
    }

    template <class Load>
    void each_text(const Node& list, Load load_item) {
        if (list.kind != NodeKind::sequence) {
            report(list.mark, "expected a list");
            return;
        }
        for (const Node& item : list.items) {
            if (item.kind != NodeKind::scalar)
                report(item.mark, "expected a text");
            else
                load_item(item);
        }
    }

    void load_head(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        list_.id = reader.text("id", true).value_or("");
        (void)reader.text("version", true);
        const std::string salt = reader.text("salt", false).value_or("");
        (void)reader.texts("sources", false);
        reader.finish();
        const bool is_id = is_host_name(list_.id) && list_.id.size() <= 100;
        if (!list_.id.empty() && !is_id)
            report(node.mark, fmt::format("\"{}\" is not an id: expected lower-case words joined "
                                          "by '.' or '-'",
                                          escape_for_terminal(list_.id)));
        const bool is_known = std::ranges::any_of(
            set_->lists_, [this](const auto& other) { return other.id == list_.id; });
        if (is_known) report(node.mark, fmt::format("duplicate list id \"{}\"", list_.id));
        const auto bytes = from_hex(salt);
        const auto read = bytes ? IntelSalt::from(as_bytes(*bytes)) : std::nullopt;
        if (read)
            salt_ = list_.salt = *read;
        else if (!salt.empty())
            report(node.mark, "the salt must be 32 hexadecimal digits");
    }

    void load_names(const Node& node) {
        if (!salt_) report(node.mark, "names need a \"salt\" in \"intel\"");
        if (node.kind != NodeKind::sequence) {
            report(node.mark, "\"names\" must be a list of groups");
            return;
        }
        for (const Node& item : node.items) load_group(item);
    }

    void load_group(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        const std::string kind = reader.text("kind", true).value_or("");
        const std::string coin = reader.text("coin", false).value_or("");
        const Node* digests = reader.required("digests");
        reader.finish();
        if (kind != "pool" && kind != "site" && !kind.empty())
            report(node.mark, fmt::format("\"{}\" is not a kind: expected pool or site",
                                          escape_for_terminal(kind)));
        if (!coin.empty() && !is_coin_name(coin))
            report(node.mark, "invalid coin: expected 1 to 32 lower-case letters, digits or '-'");
        if (digests == nullptr) return;
        const IndicatorSet::Entry entry{kind == "site" ? IndicatorKind::site : IndicatorKind::pool,
                                        coin};
        each_text(*digests, [&](const Node& item) {
            const auto bytes = from_hex(item.scalar);
            const auto digest = bytes ? NameDigest::from(as_bytes(*bytes)) : std::nullopt;
            if (!digest)
                report(item.mark, "a digest must be 32 hexadecimal digits");
            else if (!list_.names.emplace(*digest, entry).second)
                report(item.mark, "duplicate digest");
        });
    }

    void load_shared(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        const Node* suffixes = reader.optional("suffixes");
        const Node* networks = reader.optional("networks");
        reader.finish();
        if (suffixes != nullptr)
            each_text(*suffixes, [this](const Node& item) {
                if (is_host_name(item.scalar) && !parent_of(item.scalar).empty())
                    set_->shared_suffixes_.push_back(item.scalar);
                else
                    report(item.mark, "expected a host name of two labels or more, in lower case");
            });
        if (networks != nullptr)
            each_text(*networks, [this](const Node& item) {
                if (const auto network = parse_ip_network(item.scalar))
                    set_->shared_networks_.push_back(*network);
                else
                    report(item.mark, "expected a network such as 192.0.2.0/24 or 2001:db8::/32");
            });
    }

    void load_resolver(const Node& item) {
        if (const auto address = parse_ip_address(item.scalar))
            set_->encrypted_resolvers_.push_back(*address);
        else
            report(item.mark, "expected an address such as 192.0.2.1 or 2001:db8::1");
    }

    std::shared_ptr<IndicatorSet> set_ = std::make_shared<IndicatorSet>();
    yaml::Diagnostics problems_;
    const yaml::Document* document_ = nullptr;
    IndicatorSet::List list_;
    std::optional<IntelSalt> salt_; ///< of the current list
};

Result<std::shared_ptr<const IndicatorSet>, yaml::Diagnostics>
IndicatorSet::load(std::vector<TextFile> files) {
    return IndicatorLoader().load(std::move(files));
}

std::optional<Indicator> IndicatorSet::find(std::string_view name) const {
    const auto look = [&](std::string_view part, std::string_view shown) {
        std::optional<Indicator> found;
        for (const List& list : lists_) {
            const auto entry = list.names.find(digest_of_name(list.salt, part));
            if (entry == list.names.end()) continue;
            found = {entry->second.kind, list.id, std::string(shown), entry->second.coin};
            break;
        }
        return found;
    };
    if (name.empty()) return std::nullopt;
    if (auto exact = look("=" + std::string(name), name)) return exact;
    for (std::string_view suffix = name; !parent_of(suffix).empty(); suffix = parent_of(suffix)) {
        if (auto found = look(suffix, suffix)) return found;
    }
    return std::nullopt;
}

bool IndicatorSet::is_shared_name(std::string_view name) const {
    return std::ranges::any_of(shared_suffixes_, [&](const std::string& suffix) {
        return name.ends_with(suffix) &&
               (name.size() == suffix.size() || name[name.size() - suffix.size() - 1] == '.');
    });
}

bool IndicatorSet::is_shared_address(const IpAddress& address) const {
    return std::ranges::any_of(shared_networks_,
                               [&](const IpNetwork& network) { return network.contains(address); });
}

bool IndicatorSet::is_encrypted_resolver(const IpAddress& address) const {
    return std::ranges::find(encrypted_resolvers_, address) != encrypted_resolvers_.end();
}

} // namespace minewarden::rules
