// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// The rules of rules/packs, and what windows of programs that compute look like to them.
namespace minewarden::rules::test {

inline std::shared_ptr<const RuleSet> shipped_rules() {
    static const auto rules = []() -> std::shared_ptr<const RuleSet> {
        const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
        const auto files = read_yaml_files(paths, yaml::maximum_bytes);
        EXPECT_TRUE(files) << files.error().message;
        if (!files) return nullptr;
        auto loaded = RuleSet::load(*files);
        EXPECT_TRUE(loaded) << yaml::to_error(loaded.error()).message;
        return loaded ? *loaded : nullptr;
    }();
    return rules;
}

/// What a program holds and moves.
struct Holdings {
    std::int64_t private_mib = 300;
    std::int64_t resident_mib = 310;
    std::int64_t largest_mapping_mib = 256;
    std::int64_t largest_range_mib = 256;
    std::int64_t written_kib_per_s = 0; ///< read as much
    std::int64_t device_written_kib_per_s = 0;
};

constexpr Holdings light{};
constexpr Holdings dataset{.private_mib = 2349,
                           .resident_mib = 2360,
                           .largest_mapping_mib = 2336,
                           .largest_range_mib = 2336};
constexpr Holdings dataset_in_file{
    .private_mib = 20, .resident_mib = 2110, .largest_mapping_mib = 8, .largest_range_mib = 2080};

/// Samples of a thread in a window, or of many workers.
struct Samples {
    std::int64_t nearest = 11;
    std::int64_t down = 9;
    std::int64_t up = 9;
    std::int64_t to_zero = 9;
    std::int64_t cpu_permille = 1000;
    bool flushes = true; ///< flushes denormals to zero, as RandomX does

    [[nodiscard]] std::int64_t nondefault() const { return down + up + to_zero; }
    [[nodiscard]] std::int64_t all() const { return nearest + nondefault(); }
    [[nodiscard]] std::int64_t modes() const { return (down > 0) + (up > 0) + (to_zero > 0); }
};

inline void set_all(Observation& observation, std::initializer_list<FieldValue> fields) {
    for (const auto& [name, value] : fields) {
        const auto field = find_field(observation.type, name);
        EXPECT_TRUE(field) << name;
        if (field) observation.set(*field, value);
    }
}

/// Of thread.window or workers.window.
inline void set_samples(Observation& observation, const Samples& samples,
                        const Holdings& holdings) {
    set_all(observation,
            {{"cpu_permille", integer(samples.cpu_permille)},
             {"fp_samples", integer(samples.all())},
             {"fp_nondefault", integer(samples.nondefault())},
             {"fp_modes", integer(samples.modes())},
             {"fp_flushed", integer(samples.flushes ? samples.nondefault() : 0)},
             {"rounding.nearest", integer(samples.nearest)},
             {"rounding.down", integer(samples.down)},
             {"rounding.up", integer(samples.up)},
             {"rounding.to_zero", integer(samples.to_zero)},
             {"private_mib", integer(holdings.private_mib)},
             {"resident_mib", integer(holdings.resident_mib)},
             {"device_written_kib_per_s", integer(holdings.device_written_kib_per_s)}});
    if (samples.modes() > 0)
        set_all(observation, {{"largest_mapping_mib", integer(holdings.largest_mapping_mib)},
                              {"largest_range_mib", integer(holdings.largest_range_mib)}});
}

inline Observation of_thread(const Samples& samples, const Holdings& holdings,
                             std::int64_t thread = 70) {
    Observation observation =
        observe(ObservationType::thread_window, {{"thread", integer(thread)}}, thread);
    set_samples(observation, samples, holdings);
    return observation;
}

inline Observation of_workers(const Samples& samples, const Holdings& holdings) {
    Observation observation =
        observe(ObservationType::workers_window,
                {{"ended", integer(3)}, {"living", integer(1)}, {"mean_life_ms", integer(3000)}});
    set_samples(observation, samples, holdings);
    return observation;
}

inline Observation of_process(const Samples& samples, const Holdings& holdings) {
    return observe(ObservationType::process_window,
                   {{"cpu_permille", integer(samples.cpu_permille)},
                    {"threads", integer(4)},
                    {"hot_threads", integer(1)},
                    {"even_permille", integer(1000)},
                    {"voluntary_per_s", integer(0)},
                    {"fp_samples", integer(samples.all())},
                    {"fp_nondefault", integer(samples.nondefault())},
                    {"read_kib_per_s", integer(holdings.written_kib_per_s)},
                    {"written_kib_per_s", integer(holdings.written_kib_per_s)},
                    {"device_read_kib_per_s", integer(0)},
                    {"device_written_kib_per_s", integer(holdings.device_written_kib_per_s)},
                    {"private_mib", integer(holdings.private_mib)},
                    {"resident_mib", integer(holdings.resident_mib)}});
}

struct Calls {
    std::int64_t total = 0;
    std::int64_t yields = 0;
    std::int64_t copies = 0; ///< reads, and as many writes
    std::int64_t cpu_permille = 1000;
};

inline Observation of_calls(const Calls& calls) {
    return observe(ObservationType::syscalls_window, {{"cpu_permille", integer(calls.cpu_permille)},
                                                      {"total_per_s", integer(calls.total)},
                                                      {"sched_yield_per_s", integer(calls.yields)},
                                                      {"read_per_s", integer(calls.copies)},
                                                      {"write_per_s", integer(calls.copies)}});
}

/// One process, and how certain it is that it mines (mining.pow.cpu).
class Suspect {
  public:
    Suspect() : engine_(new_engine(shipped_rules())) {}

    void observe(Observation observation) { engine_.observe(image(7), std::move(observation)); }
    Certainty end_window() {
        engine_.end_window();
        for (const VerdictRecord& change : engine_.take_changes()) {
            if (change.activity.name() != "mining.pow.cpu") continue;
            certainty_ = change.verdict.certainty;
            last_ = change;
        }
        return certainty_;
    }
    [[nodiscard]] bool rests_on(std::string_view rule) const {
        return last_ && std::ranges::any_of(last_->evidence, [&](const RecordedEvidence& one) {
                   return one.rule == rule;
               });
    }

  private:
    Engine engine_;
    Certainty certainty_ = Certainty::none;
    std::optional<VerdictRecord> last_;
};

} // namespace minewarden::rules::test
