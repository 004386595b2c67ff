// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/stored_rules.h"

#include "common/log.h"

#include <algorithm>

namespace minewarden::collector {
namespace {

/// A fleet uses a few rule sets at a time: the one that is rolled out, and the previous ones.
constexpr std::size_t kept = 8;

} // namespace

std::shared_ptr<const rules::RuleSet> StoredRules::find(const Digest& digest) const {
    const std::lock_guard guard(mutex_);
    const auto known = std::ranges::find(recent_, digest, &Entry::first);
    if (known != recent_.end()) {
        recent_.splice(recent_.begin(), recent_, known);
        return known->second;
    }
    auto rules = load(digest);
    // Missing rules may still arrive.
    if (rules == nullptr) return nullptr;
    recent_.emplace_front(digest, rules);
    if (recent_.size() > kept) recent_.pop_back();
    return rules;
}

std::shared_ptr<const rules::RuleSet> StoredRules::load(const Digest& digest) const {
    const auto stored = store_.rule_set(digest);
    if (!stored || !*stored) return nullptr;
    std::vector<rules::RuleFile> files;
    for (const wire::RuleFile& file : (*stored)->files())
        files.push_back({file.name(), file.content()});
    auto rules = rules::RuleSet::load(std::move(files));
    if (rules) return std::move(*rules);
    log::debug("this version cannot load the rule set {}: {}", to_hex(digest),
               yaml::to_error(rules.error()).message);
    return nullptr;
}

} // namespace minewarden::collector
