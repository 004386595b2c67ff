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

Certainty certainty_of(MilliNats log_odds, std::span<const MilliNats, family_count> by_family) {
    if (log_odds < suspected_from) return Certainty::none;
    int supporting = 0;
    bool decisive = false;
    bool beyond_load = false;
    for (std::size_t i = 0; i < family_count; ++i) {
        const auto family = static_cast<Family>(i);
        if (by_family[i] < family_supports_from) continue;
        ++supporting;
        beyond_load = beyond_load || family != Family::load;
        decisive = decisive || is_decisive(family);
    }
    if (log_odds >= confirmed_from && supporting >= 2 && decisive) return Certainty::confirmed;
    if (log_odds >= probable_from && beyond_load) return Certainty::probable;
    return Certainty::suspected;
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

MilliNats cap_of(Family family) {
    switch (family) {
    case Family::protocol:
    case Family::compute:
        return 16'000;
    case Family::destination:
        return 9'000;
    case Family::flow_shape:
        return 6'000;
    case Family::memory:
        return 5'000;
    case Family::preparation:
    case Family::concealment:
        return 4'000;
    case Family::provenance:
    case Family::load:
        return 3'000;
    }
    return 0;
}

MilliNats strength(const WeighedEvidence& evidence) {
    const std::span<const std::int64_t> table =
        evidence.weight < 0 ? std::span<const std::int64_t>(refuting_decay) : decay;
    if (evidence.age < 0 || evidence.age >= static_cast<std::int64_t>(table.size())) return 0;
    return evidence.weight * table[static_cast<std::size_t>(evidence.age)] / 1000;
}

Verdict judge(std::span<const WeighedEvidence> evidence, const CarriedState& carried) {
    Verdict verdict;
    MilliNats refuting = 0;
    for (const WeighedEvidence& item : evidence) {
        const MilliNats counted = strength(item);
        verdict.by_family[static_cast<std::size_t>(item.family)] += counted;
        if (counted < 0) refuting -= counted;
    }
    for (std::size_t i = 0; i < family_count; ++i) {
        const MilliNats cap = cap_of(static_cast<Family>(i));
        verdict.by_family[i] = std::clamp(verdict.by_family[i], -cap, cap);
        verdict.log_odds += verdict.by_family[i];
    }
    const Certainty raw = certainty_of(verdict.log_odds, verdict.by_family);
    const bool only_aged =
        raw != Certainty::none && raw < carried.held && refuting <= carried.refuting;
    verdict.certainty = only_aged ? carried.held : raw;
    verdict.next =
        verdict.certainty == carried.held ? carried : CarriedState{verdict.certainty, refuting};
    if (verdict.certainty == Certainty::none) verdict.next = {};
    return verdict;
}

} // namespace minewarden::rules
