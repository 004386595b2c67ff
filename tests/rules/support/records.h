// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "rules/verdict/recompute.h"
#include "tests/rules/support/evidence.h"
#include "tests/rules/support/observations.h"
#include "tests/rules/support/packs.h"

#include <gtest/gtest.h>

#include <algorithm>

/// The records of tests/rules/verdict/vectors, built in C++ from the same values as in generate.py.
namespace minewarden::rules::test {

inline std::string vector_file(const std::string& name) {
    const auto content = read_file(
        std::filesystem::path(MINEWARDEN_SOURCE_DIR "/tests/rules/verdict/vectors") / name,
        1 << 20);
    EXPECT_TRUE(content) << name;
    return content ? *content : "";
}

/// The bytes of a .hex file. Ignores line breaks.
inline std::string vector_bytes(const std::string& name) {
    std::string digits = vector_file(name);
    std::erase(digits, '\n');
    const auto bytes = from_hex(digits);
    EXPECT_TRUE(bytes) << name;
    return bytes.value_or("");
}

inline std::shared_ptr<const RuleSet> vector_rules() {
    return load({{"pack.yaml", vector_file("pack.yaml")}});
}

inline VerdictRecord empty_record(std::string_view name) {
    VerdictRecord record{.rule_set = vector_rules()->digest(),
                         .boot = {},
                         .subject = ImageKey{4242, 123'456'789'012, 2},
                         .activity = activity(name),
                         .window_span = std::chrono::seconds(10),
                         .window = {},
                         .carried = {},
                         .evidence = {},
                         .verdict = {},
                         .prior = -9210,
                         .attributes = {}};
    for (std::size_t i = 0; i < BootId::size; ++i)
        record.boot.bytes[i] = static_cast<std::uint8_t>(i);
    return record;
}

inline Observation at_second(Observation observation, std::uint64_t seconds) {
    observation.time = {seconds * 1'000'000'000};
    return observation;
}

inline RecordedEvidence login_evidence(MilliNats weight) {
    const Observation login = observe(ObservationType::stratum_message,
                                      {{"dialect", text("monero")},
                                       {"message", text("login")},
                                       {"sent", true},
                                       {"role", text("client")},
                                       {"remote_address", address("192.0.2.33")},
                                       {"remote_port", integer(3333)},
                                       {"wallet", text("monero")},
                                       {"software", text("XMRig")},
                                       {"algorithms", integer(3)}},
                                      7);
    return {"vector.login", Family::protocol, weight, 0, 1, {7}, {{0, at_second(login, 500)}}};
}

inline VerdictRecord login_record() {
    VerdictRecord record = empty_record("mining.pool.client");
    record.window = {50};
    record.evidence = {login_evidence(12'500)};
    record.verdict.certainty = Certainty::probable;
    record.verdict.log_odds = 3290;
    record.verdict.by_family[static_cast<std::size_t>(Family::protocol)] = 12'500;
    record.verdict.next = {Certainty::probable, 0};
    return record;
}

inline Observation rounding_thread(std::uint64_t seconds, std::int64_t samples) {
    return at_second(observe(ObservationType::thread_window,
                             {{"thread", integer(4243)},
                              {"cpu_permille", integer(997)},
                              {"fp_samples", integer(40)},
                              {"fp_nondefault", integer(samples)},
                              {"fp_modes", integer(3)}},
                             4243),
                     seconds);
}

inline VerdictRecord rounding_record() {
    VerdictRecord record = empty_record("mining.pow.cpu");
    record.window = {52};
    record.carried = {Certainty::suspected, 3000};
    const Observation data =
        at_second(observe(ObservationType::process_window, {{"cpu_permille", integer(3990)},
                                                            {"threads", integer(5)},
                                                            {"read_kib_per_s", integer(1500)}}),
                  510);
    record.evidence = {{"vector.data", Family::load, -3000, 1, 4, {}, {{0, data}}},
                       login_evidence(2000),
                       {"vector.rounding",
                        Family::compute,
                        16'000,
                        0,
                        2,
                        {4243, 4244, 4245, 4246},
                        {{0, rounding_thread(520, 17)}, {2, rounding_thread(500, 15)}}}};
    record.verdict.certainty = Certainty::probable;
    record.verdict.log_odds = 7290;
    record.verdict.by_family[static_cast<std::size_t>(Family::compute)] = 16'000;
    record.verdict.by_family[static_cast<std::size_t>(Family::load)] = -1500;
    record.verdict.by_family[static_cast<std::size_t>(Family::protocol)] = 2000;
    record.verdict.next = {Certainty::probable, 1500};
    return record;
}

} // namespace minewarden::rules::test
