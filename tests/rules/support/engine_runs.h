// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/engine/engine.h"
#include "tests/rules/support/evidence.h"
#include "tests/rules/support/observations.h"
#include "tests/rules/support/packs.h"

/// A small pack, and helpers to feed an engine.
namespace minewarden::rules::test {

/// Rules: login (12,500 for the pool client, 2,000 for mining), share (same family), hot (mining,
/// from one window), steady (mining, from three windows), calm (refutes), load (load).
inline std::string engine_pack() {
    return pack("engine",
                "rules:\n" +
                    rule({.id = "login",
                          .on = "stratum.message",
                          .condition = "message = \"login\"",
                          .family = "protocol",
                          .weights = "{mining.pool.client: 12500, mining.pow.cpu: 2000}"}) +
                    rule({.id = "share",
                          .on = "stratum.message",
                          .condition = "message = \"submit\"",
                          .family = "protocol",
                          .weights = "{mining.pool.client: 12500, mining.pow.cpu: 2500}"}) +
                    rule({.id = "hot",
                          .condition = "cpu_permille >= 900",
                          .weights = "{mining.pow.cpu: 16000}"}) +
                    rule({.id = "steady",
                          .condition = "sum(fp_samples over 3 windows) >= 60",
                          .weights = "{mining.pow.cpu: 12500}"}) +
                    rule({.id = "calm",
                          .on = "process.window",
                          .condition = "voluntary_per_s >= 1000",
                          .family = "load",
                          .weights = "{mining.pow.cpu: -3000, mining.pool.client: -2500}"}) +
                    rule({.id = "busy",
                          .on = "process.window",
                          .condition = "min(cpu_permille over 2 windows) >= 500",
                          .family = "load",
                          .weights = "{mining.pow.cpu: 3000}"}));
}

inline std::shared_ptr<const RuleSet> engine_rules() {
    static const auto rules = load({{"engine.yaml", engine_pack()}});
    return rules;
}

inline Engine new_engine(std::shared_ptr<const RuleSet> rules = engine_rules()) {
    BootId boot;
    boot.bytes.fill(0xb0);
    return Engine(std::move(rules), boot, std::chrono::seconds(10));
}

inline ImageKey image(std::uint32_t pid, std::uint64_t number = 1) {
    return {pid, 1'000'000'000ULL * pid, number};
}

inline Observation message(std::string_view name, std::int64_t flow = 1) {
    return observe(ObservationType::stratum_message,
                   {{"message", text(name)}, {"sent", true}, {"role", text("client")}}, flow);
}
inline Observation thread(std::int64_t id, std::int64_t cpu, std::int64_t samples = 0) {
    return observe(
        ObservationType::thread_window,
        {{"thread", integer(id)}, {"cpu_permille", integer(cpu)}, {"fp_samples", integer(samples)}},
        id);
}
inline Observation process(std::int64_t cpu, std::int64_t voluntary = 0) {
    return observe(ObservationType::process_window,
                   {{"cpu_permille", integer(cpu)}, {"voluntary_per_s", integer(voluntary)}});
}

/// "pid image activity certainty [rules]", short enough to compare.
inline std::string shown(const VerdictRecord& change) {
    const ImageKey& image = std::get<ImageKey>(change.subject);
    std::string text = std::to_string(image.pid) + "/" + std::to_string(image.image) + " " +
                       change.activity.name() + " " +
                       std::string(to_string(change.verdict.certainty)) + " [";
    for (const RecordedEvidence& evidence : change.evidence)
        text +=
            (text.back() == '[' ? "" : " ") + evidence.rule + "@" + std::to_string(evidence.age);
    return text + "]";
}

inline std::vector<std::string> shown(const std::vector<VerdictRecord>& changes) {
    std::vector<std::string> texts;
    for (const VerdictRecord& change : changes) texts.push_back(shown(change));
    return texts;
}

inline std::vector<std::string> judged_news(Engine& engine) {
    engine.judge_news();
    return shown(engine.take_changes());
}
inline std::vector<std::string> ended_window(Engine& engine) {
    engine.end_window();
    return shown(engine.take_changes());
}

} // namespace minewarden::rules::test
