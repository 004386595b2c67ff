// SPDX-License-Identifier: Apache-2.0
#include "rules/arithmetic/judge.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::array<std::string_view, 4> certainty_names{"none", "suspected", "probable",
                                                          "confirmed"};

bool is_decisive(Family family) {
    return family == Family::protocol || family == Family::compute || family == Family::destination;
}

} // namespace

std::string_view to_string(Certainty certainty) {
    return certainty_names[static_cast<std::size_t>(certainty)];
}

std::optional<Certainty> find_certainty(std::string_view name) {
    const auto found = std::ranges::find(certainty_names, name);
    if (found == certainty_names.end()) return std::nullopt;
    return static_cast<Certainty>(found - certainty_names.begin());
}

MilliNats strength(const WeighedEvidence& evidence, const Numbers& numbers) {
    const std::vector<std::int64_t>& table =
        evidence.weight < 0 ? numbers.refuting_decay : numbers.decay;
    if (evidence.age < 0 || evidence.age >= static_cast<std::int64_t>(table.size())) return 0;
    return evidence.weight * table[static_cast<std::size_t>(evidence.age)] / 1000;
}

namespace {

struct Sum {
    MilliNats log_odds = 0;
    std::array<MilliNats, family_count> by_family{};
    MilliNats refuting = 0; ///< refuting strength that was counted, >= 0
};

/// Adds up the evidence for which `counts` is true.
template <class Counts>
Sum add_up(std::span<const WeighedEvidence> evidence, const Numbers& numbers, Counts counts) {
    Sum sum;
    for (const WeighedEvidence& item : evidence) {
        if (!counts(item)) continue;
        const MilliNats counted = strength(item, numbers);
        sum.by_family[static_cast<std::size_t>(item.family)] += counted;
        if (counted < 0) sum.refuting -= counted;
    }
    sum.log_odds = numbers.prior;
    for (std::size_t i = 0; i < family_count; ++i) {
        const MilliNats cap = numbers.caps[i];
        sum.by_family[i] = std::clamp(sum.by_family[i], -cap, cap);
        sum.log_odds += sum.by_family[i];
    }
    return sum;
}

bool is_against_entities(const WeighedEvidence& item) {
    return item.weight < 0 && !item.entities.empty();
}

/// Connections that some evidence refutes, ascending.
std::vector<std::int64_t> refuted_entities(std::span<const WeighedEvidence> evidence,
                                           const Numbers& numbers) {
    std::vector<std::int64_t> refuted;
    for (const WeighedEvidence& item : evidence) {
        if (is_against_entities(item) && strength(item, numbers) != 0)
            refuted.insert(refuted.end(), item.entities.begin(), item.entities.end());
    }
    std::ranges::sort(refuted);
    return refuted;
}

Sum best_sum(std::span<const WeighedEvidence> evidence, const Numbers& numbers) {
    const Sum all = add_up(evidence, numbers, [](const auto&) { return true; });
    const std::vector<std::int64_t> refuted = refuted_entities(evidence, numbers);
    if (refuted.empty()) return all;
    const Sum others = add_up(evidence, numbers, [&](const WeighedEvidence& item) {
        return item.entities.empty() || !std::ranges::includes(refuted, item.entities);
    });
    return others.log_odds > all.log_odds ? others : all;
}

Certainty certainty_of(const Sum& sum, const Numbers& numbers) {
    if (sum.log_odds < numbers.suspected_from) return Certainty::none;
    int supporting = 0;
    bool decisive = false;
    bool beyond_load = false;
    for (std::size_t i = 0; i < family_count; ++i) {
        const auto family = static_cast<Family>(i);
        if (sum.by_family[i] < numbers.family_supports_from) continue;
        ++supporting;
        beyond_load = beyond_load || family != Family::load;
        decisive = decisive || is_decisive(family);
    }
    if (sum.log_odds >= numbers.confirmed_from && supporting >= 2 && decisive)
        return Certainty::confirmed;
    if (sum.log_odds >= numbers.probable_from && beyond_load) return Certainty::probable;
    return Certainty::suspected;
}

} // namespace

Verdict judge(std::span<const WeighedEvidence> evidence, const CarriedState& carried,
              const Numbers& numbers) {
    const Sum sum = best_sum(evidence, numbers);
    Verdict verdict;
    verdict.by_family = sum.by_family;
    verdict.log_odds = sum.log_odds;
    const Certainty raw = certainty_of(sum, numbers);
    const bool only_aged =
        raw != Certainty::none && raw < carried.held && sum.refuting <= carried.refuting;
    verdict.certainty = only_aged ? carried.held : raw;
    verdict.next =
        verdict.certainty == carried.held ? carried : CarriedState{verdict.certainty, sum.refuting};
    if (verdict.certainty == Certainty::none) verdict.next = {};
    return verdict;
}

} // namespace minewarden::rules
