// SPDX-License-Identifier: Apache-2.0
#include "rules/arithmetic/judge.h"

#include <algorithm>
#include <iterator>

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

std::vector<MilliNats> counted_strengths(std::span<const WeighedEvidence> evidence,
                                         const Numbers& numbers) {
    std::vector<MilliNats> counted;
    counted.reserve(evidence.size());
    std::vector<std::size_t> strongest; // of each group
    for (std::size_t i = 0; i < evidence.size(); ++i) {
        const std::string_view group = evidence[i].group;
        counted.push_back(strength(evidence[i], numbers));
        if (group.empty() || counted[i] <= 0) continue;
        const auto before = std::ranges::find(
            strongest, group, [&](std::size_t index) { return evidence[index].group; });
        if (before == strongest.end()) {
            strongest.push_back(i);
        } else if (counted[i] > counted[*before]) {
            counted[*before] = 0;
            *before = i;
        } else {
            counted[i] = 0;
        }
    }
    return counted;
}

namespace {

struct Sum {
    MilliNats log_odds = 0;
    std::array<MilliNats, family_count> by_family{};
    MilliNats refuting = 0; ///< refuting strength that was counted, >= 0
};

Sum add_up(std::span<const WeighedEvidence> evidence, const Numbers& numbers) {
    Sum sum;
    const std::vector<MilliNats> strengths = counted_strengths(evidence, numbers);
    for (std::size_t i = 0; i < evidence.size(); ++i) {
        const MilliNats counted = strengths[i];
        sum.by_family[static_cast<std::size_t>(evidence[i].family)] += counted;
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
    const Sum all = add_up(evidence, numbers);
    const std::vector<std::int64_t> refuted = refuted_entities(evidence, numbers);
    if (refuted.empty()) return all;
    std::vector<WeighedEvidence> not_refuted;
    std::ranges::copy_if(evidence, std::back_inserter(not_refuted), [&](const auto& item) {
        return item.entities.empty() || !std::ranges::includes(refuted, item.entities);
    });
    const Sum others = add_up(not_refuted, numbers);
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
    const bool only_aged = raw != Certainty::none && raw < carried.held &&
                           sum.refuting - carried.refuting < numbers.refuting_lowers_from;
    verdict.certainty = only_aged ? carried.held : raw;
    verdict.next =
        verdict.certainty == carried.held ? carried : CarriedState{verdict.certainty, sum.refuting};
    if (verdict.certainty == Certainty::none) verdict.next = {};
    return verdict;
}

} // namespace minewarden::rules
