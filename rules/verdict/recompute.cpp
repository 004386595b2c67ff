// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"

#include "rules/verdict/shown_attributes.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {
namespace {

/// Why the evidence is invalid, or "".
std::string_view problem_of(const RecordedEvidence& evidence, const VerdictRecord& record,
                            const RuleSet& rules) {
    const Rule* rule = rules.find(evidence.rule);
    if (rule == nullptr) return "not in the rule set";
    if (rule->family != evidence.family) return "wrong family";
    if (rule->weight_for(record.activity) != evidence.weight) return "wrong weight";
    if (!holds_on(*rule, evidence.observations))
        return "its condition does not hold on the observations";
    const bool has_entities = spec_of(rule->on).entity != EntityKind::whole;
    if (has_entities != !evidence.entities.empty()) return "its entities do not fit its type";
    if (has_entities && !std::ranges::binary_search(
                            evidence.entities, evidence.observations.front().observation.entity))
        return "the first observation is about another entity";
    return "";
}

std::string families_text(const Verdict& verdict) {
    std::string text;
    for (std::size_t i = 0; i < family_count; ++i) {
        if (verdict.by_family[i] != 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                                to_string(static_cast<Family>(i)), verdict.by_family[i]);
    }
    return text;
}

std::string attributes_text(const Attributes& attributes) {
    std::string text;
    for (const auto& [attribute, value] : attributes)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(attribute), value);
    return text;
}

std::string state_text(const CarriedState& state) {
    return fmt::format("{}, refuting {}", to_string(state.held), state.refuting);
}

} // namespace

bool holds_on(const Rule& rule, std::span<const PlacedObservation> observations) {
    const std::size_t windows = rule.condition.windows();
    std::vector<const Observation*> row(windows, nullptr);
    for (const PlacedObservation& placed : observations) {
        const auto back = static_cast<std::size_t>(placed.windows_back);
        if (placed.windows_back < 0 || back >= windows || placed.observation.type != rule.on ||
            placed.observation.entity != observations.front().observation.entity)
            return false;
        row[back] = &placed.observation;
    }
    return row[0] != nullptr &&
           rule.condition.evaluate(conditions::WindowSpan(row)) == conditions::Truth::yes;
}

std::vector<Difference> differences_of(const VerdictRecord& record, ByteView bytes,
                                       const RuleSet& rules) {
    std::vector<Difference> differences;
    const auto compare = [&](std::string_view field, std::string reported, std::string recomputed) {
        if (reported != recomputed && differences.size() < most_differences)
            differences.push_back({std::string(field), std::move(reported), std::move(recomputed)});
    };
    compare("rule_set", to_hex(record.rule_set), to_hex(rules.digest()));
    if (!differences.empty()) return differences; // everything else would differ as a result
    const Numbers& numbers = rules.numbers();
    std::vector<WeighedEvidence> weighed;
    std::vector<AttributeSource> sources;
    for (const RecordedEvidence& evidence : record.evidence) {
        if (const auto problem = problem_of(evidence, record, rules); !problem.empty()) {
            compare("evidence", evidence.rule, std::string(problem));
            continue; // invalid evidence does not count
        }
        const Rule* rule = rules.find(evidence.rule);
        weighed.push_back(
            {evidence.family, evidence.weight, evidence.age, evidence.entities, rule->group});
        sources.push_back(
            {rule, &evidence.observations.front().observation, strength(weighed.back(), numbers)});
    }
    const Verdict& reported = record.verdict;
    const Verdict recomputed = judge(weighed, record.carried, numbers);
    compare("prior", std::to_string(record.prior), std::to_string(numbers.prior));
    compare("certainty", std::string(to_string(reported.certainty)),
            std::string(to_string(recomputed.certainty)));
    compare("log_odds", std::to_string(reported.log_odds), std::to_string(recomputed.log_odds));
    compare("families", families_text(reported), families_text(recomputed));
    compare("next", state_text(reported.next), state_text(recomputed.next));
    compare("attributes", attributes_text(record.attributes),
            attributes_text(shown_attributes(sources)));
    // Last: the content may be right but not encoded canonically.
    if (differences.empty() && !std::ranges::equal(as_bytes(encode_record(record)), bytes))
        compare("encoding", to_hex(sha256(bytes)), to_hex(sha256(as_bytes(encode_record(record)))));
    return differences;
}

std::string describe_newer(const std::vector<std::string>& newer) {
    constexpr std::size_t most = 8;
    std::string text = "needs a newer version of minewarden: unknown ";
    for (std::size_t i = 0; i < std::min(newer.size(), most); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ", ", newer[i]);
    if (newer.size() > most) text += fmt::format(" and {} more", newer.size() - most);
    return text;
}

Result<VerdictRecord> recompute_record(ByteView bytes, const RuleSet& rules) {
    TRY_ASSIGN(auto decoded, decode_record(bytes));
    if (!decoded.newer.empty()) return fail(ErrorKind::unavailable, describe_newer(decoded.newer));
    const auto differences = differences_of(decoded.record, bytes, rules);
    if (differences.empty()) return std::move(decoded.record);
    const Difference& first = differences.front();
    return fail(ErrorKind::data,
                fmt::format("{}: the record says {}, its evidence and rules give {}", first.field,
                            first.reported, first.recomputed));
}

} // namespace minewarden::rules
