// SPDX-License-Identifier: Apache-2.0
#include "collector/api/query_reader.h"

#include "common/text.h"
#include "common/wire/activity.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace minewarden::collector {

std::optional<std::string> QueryReader::text(std::string_view name) {
    known_.push_back(name);
    std::optional<std::string> value;
    for (const auto& [key, given] : request_.query) {
        if (key != name) continue;
        if (value) report(name, "is given twice");
        value = given;
    }
    return value;
}

std::optional<WallTime> QueryReader::time(std::string_view name) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto time = parse_time(*given, wall_now());
    if (!time)
        report(name, "expected a time such as 2026-11-20T15:01:56Z, a date such as 2026-11-20, or "
                     "an age such as 2h");
    return time;
}

std::optional<std::uint64_t> QueryReader::number(std::string_view name, std::uint64_t least,
                                                 std::uint64_t most) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    std::uint64_t value = 0;
    const char* end = given->data() + given->size();
    const auto [stopped, error] = std::from_chars(given->data(), end, value);
    if (error == std::errc{} && stopped == end && value >= least && value <= most) return value;
    report(name, fmt::format("expected a whole number from {} to {}", least, most));
    return std::nullopt;
}

std::optional<bool> QueryReader::boolean(std::string_view name) {
    static constexpr std::array<std::string_view, 2> choices{"false", "true"};
    const auto at = choice(name, choices);
    return at ? std::optional(*at == 1) : std::nullopt;
}

std::optional<std::size_t> QueryReader::choice(std::string_view name,
                                               std::span<const std::string_view> choices) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto found = std::ranges::find(choices, *given);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    report(name, fmt::format("expected one of: {}{}", fmt::join(choices, ", "),
                             did_you_mean(*given, choices)));
    return std::nullopt;
}

std::optional<std::string> QueryReader::activity(std::string_view name) {
    auto given = text(name);
    if (!given) return std::nullopt;
    const auto all = Activity::all();
    const bool exists =
        std::ranges::any_of(all, [&](const Activity& one) { return one.is_under(*given); });
    if (exists) return given;
    report(name, fmt::format("expected an activity or a prefix, such as mining or "
                             "mining.pow.cpu{}",
                             did_you_mean(*given, activity_names())));
    return std::nullopt;
}

std::optional<CurvePublicKey> QueryReader::agent(std::string_view name, FleetQueries& store) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto agents = store.agents();
    if (!agents) {
        problem_ = Problem{503, "", agents.error().message};
        return std::nullopt;
    }
    std::vector<CurvePublicKey> matches;
    for (const StoredAgent& agent : *agents) {
        const bool by_fingerprint =
            given->size() >= 4 && fingerprint(agent.key).starts_with(*given);
        if (agent.name == *given || by_fingerprint || to_hex(agent.key) == *given)
            matches.push_back(agent.key);
    }
    if (matches.size() == 1) return matches.front();
    report(name, fmt::format("{} agents have this name or key; see /api/v1/agents",
                             matches.empty() ? "no" : "several"));
    return std::nullopt;
}

std::optional<Cursor> QueryReader::cursor(std::string_view name) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto cursor = Cursor::parse(*given);
    if (!cursor) report(name, "expected a cursor from this list");
    return cursor;
}

void QueryReader::report(std::string_view name, std::string detail) {
    if (problem_) return;
    problem_ = Problem{400, "", fmt::format("{}: {}", name, detail), std::string(name)};
}

std::optional<Problem> QueryReader::finish() {
    for (const auto& [key, value] : request_.query) {
        if (std::ranges::find(known_, key) == known_.end())
            report(key, fmt::format("unknown parameter{}", did_you_mean(key, known_)));
    }
    return problem_;
}

Response store_failed(const Error& error) {
    return to_response({503, "", error.message});
}

} // namespace minewarden::collector
