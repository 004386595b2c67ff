// SPDX-License-Identifier: Apache-2.0
// minewarden-rules-bench: how many observations a second the engine takes with 200 rules, on one
// core, windows and verdicts included. Written with Google Benchmark; `items_per_second` counts
// observations.
#include "rules/engine/engine.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace minewarden;
using namespace minewarden::rules;

constexpr std::size_t rule_count = 200;
constexpr std::uint32_t images = 1000;

/// Conditions as the shipped pack has them: comparisons, sets, aggregates over windows. Of the busy
/// processes below about one in thirty has a rule that holds, many more than on any real host.
std::string condition_of(ObservationType type, std::size_t number) {
    const auto threshold = static_cast<unsigned>(number);
    switch (type) {
    case ObservationType::thread_window:
        if (number % 4 == 0)
            return fmt::format("max(fp_modes over 5 windows) = 3 and sum(cpu_permille over 5 "
                               "windows) >= {}",
                               4900 + threshold);
        return fmt::format("cpu_permille >= {} and voluntary_per_s <= {} and nice >= 0",
                           960 + threshold % 40, threshold);
    case ObservationType::process_window:
        if (number % 4 == 0)
            return fmt::format("min(cpu_permille over 6 windows) >= {} and hot_threads >= 1",
                               900 + threshold);
        return fmt::format("private_mib >= {} and read_kib_per_s * 2 < cpu_permille",
                           threshold * 64);
    default:
        return fmt::format("dialect = \"monero\" and message in (\"login\", \"submit\") and "
                           "remote_port = {} and wallet != \"none\"",
                           3000 + threshold);
    }
}

std::shared_ptr<const RuleSet> two_hundred_rules() {
    constexpr std::array types{ObservationType::thread_window, ObservationType::process_window,
                               ObservationType::stratum_message};
    std::string text =
        "pack:\n  id: bench\n  version: 1.0.0\n  title: {en: Bench, zh: 基准}\nrules:\n";
    for (std::size_t i = 0; i < rule_count; ++i) {
        const ObservationType type = types[i % types.size()];
        text += fmt::format("  - id: bench.{}\n    title: {{en: A rule, zh: 规则}}\n    on: {}\n"
                            "    condition: >\n      {}\n    family: compute\n"
                            "    weights: {{mining.pow.cpu: 10000}}\n"
                            "    explain: {{en: It held., zh: 成立。}}\n",
                            i, spec_of(type).name, condition_of(type, i));
    }
    auto rules = RuleSet::load({{"bench.yaml", text}});
    if (!rules) {
        std::fputs(yaml::to_error(rules.error()).message.c_str(), stderr);
        std::exit(70);
    }
    return *rules;
}

Observation thread_observation(std::uint32_t image, std::int64_t window) {
    namespace field = thread_window;
    Observation observation(ObservationType::thread_window);
    observation.entity = image;
    observation.set(field::thread, std::int64_t{image});
    observation.set(field::cpu_permille, std::int64_t{image} % 1000);
    observation.set(field::voluntary_per_s, std::int64_t{image} % 300);
    observation.set(field::fp_samples, std::int64_t{30});
    observation.set(field::fp_modes, window % 4);
    observation.set(field::nice, std::int64_t{0});
    return observation;
}

Observation process_observation(std::uint32_t image) {
    namespace field = process_window;
    Observation observation(ObservationType::process_window);
    observation.set(field::cpu_permille, std::int64_t{image} % 2000);
    observation.set(field::hot_threads, std::int64_t{1});
    observation.set(field::private_mib, std::int64_t{image} % 4096);
    observation.set(field::read_kib_per_s, std::int64_t{image} % 500);
    return observation;
}

Observation message_observation(std::uint32_t image) {
    namespace field = stratum_message;
    Observation observation(ObservationType::stratum_message);
    observation.entity = image;
    observation.set(field::dialect, std::string("monero"));
    observation.set(field::message, std::string("submit"));
    observation.set(field::remote_port, std::int64_t{image} % 5000);
    observation.set(field::wallet, std::string("monero"));
    return observation;
}

/// A window of a host with a thousand busy processes: each is seen as a thread and as a process,
/// and one in ten sends a message.
void evaluate(benchmark::State& state) {
    Engine engine(two_hundred_rules(), BootId{}, std::chrono::seconds(10));
    std::int64_t window = 0;
    std::int64_t observations = 0;
    std::size_t held = 0;
    for (auto step : state) {
        for (std::uint32_t image = 1; image <= images; ++image) {
            const ImageKey key{image, 1, 1};
            engine.observe(key, thread_observation(image, window));
            engine.observe(key, process_observation(image));
            if (image % 10 == 0) engine.observe(key, message_observation(image));
        }
        engine.judge_news();
        engine.end_window();
        held = std::max(held, engine.take_changes().size());
        ++window;
        observations += images * 2 + images / 10;
    }
    state.SetItemsProcessed(observations);
    state.counters["subjects_with_verdicts"] = static_cast<double>(held);
}
BENCHMARK(evaluate)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
