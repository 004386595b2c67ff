// SPDX-License-Identifier: Apache-2.0
// minewarden-fleet honest|ATTACK ENDPOINT COLLECTOR.pub SECONDS KEY... [--rate FINDINGS_PER_SECOND]
//
// One thread for each key: an honest agent, or an attack (attacks.h). Prints one line of JSON.
//
// minewarden-fleet locked-down: what a process can do that has locked itself down (locked_down.h)
#include "tests/fleet/attacks.h"
#include "tests/fleet/locked_down.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <thread>

namespace minewarden::fleet {
namespace {

double percentile(std::vector<double>& values, double part) {
    if (values.empty()) return 0;
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

nlohmann::json run_honest(const Target& target, const std::vector<CurveKeyPair>& keys,
                          std::uint64_t rate, std::chrono::seconds duration) {
    std::mutex mutex;
    HonestResult all;
    {
        std::vector<std::jthread> threads;
        for (const CurveKeyPair& pair : keys)
            threads.emplace_back([&, pair] {
                auto one = run_honest_agent(target, pair, rate / keys.size(), duration);
                const std::lock_guard guard(mutex);
                all.acknowledged += one.acknowledged;
                all.connections += one.connections;
                all.latencies_ms.insert(all.latencies_ms.end(), one.latencies_ms.begin(),
                                        one.latencies_ms.end());
            });
    }
    return {{"acknowledged", all.acknowledged},
            {"connections", all.connections},
            {"ack_ms_p50", percentile(all.latencies_ms, 0.5)},
            {"ack_ms_p99", percentile(all.latencies_ms, 0.99)},
            {"ack_ms_max", percentile(all.latencies_ms, 1)}};
}

int run(const std::vector<std::string>& arguments) {
    std::uint64_t rate = 1000;
    std::vector<std::string> plain;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--rate" && i + 1 < arguments.size())
            rate = std::stoull(arguments[++i]);
        else
            plain.push_back(arguments[i]);
    }
    if (plain == std::vector<std::string>{"locked-down"}) {
        fmt::print("{}\n", try_locked_down().dump());
        return 0;
    }
    const auto attack = plain.empty() ? std::nullopt : attack_of(plain[0]);
    if (plain.size() < 5 || (plain[0] != "honest" && !attack)) {
        fmt::print(stderr, "usage: minewarden-fleet honest|hellos|resets|handshakes|idle|large "
                           "ENDPOINT COLLECTOR.pub SECONDS KEY... [--rate N]\n");
        return exit_code(ErrorKind::usage);
    }
    const auto collector = read_public_key(plain[2]);
    std::vector<CurveKeyPair> keys;
    for (std::size_t i = 4; i < plain.size(); ++i) {
        auto pair = read_key_pair(plain[i]);
        if (!pair) {
            fmt::print(stderr, "minewarden-fleet: {}\n", pair.error().message);
            return exit_code(pair.error().kind);
        }
        keys.push_back(*pair);
    }
    if (!collector) {
        fmt::print(stderr, "minewarden-fleet: {}\n", collector.error().message);
        return exit_code(collector.error().kind);
    }
    const Target target{plain[1], *collector};
    const std::chrono::seconds duration(std::stoul(plain[3]));
    if (!attack) {
        fmt::print("{}\n", run_honest(target, keys, rate, duration).dump());
        return 0;
    }
    std::atomic<std::uint64_t> times = 0;
    {
        std::vector<std::jthread> threads;
        const auto deadline = std::chrono::steady_clock::now() + duration;
        for (const CurveKeyPair& pair : keys)
            threads.emplace_back([&, pair] { times += (*attack)(target, pair, deadline); });
    }
    fmt::print("{}\n", nlohmann::json{{"times", times.load()}}.dump());
    return 0;
}

} // namespace
} // namespace minewarden::fleet

int main(int argc, char** argv) {
    try {
        return minewarden::fleet::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden-fleet: {}\n", error.what());
        return 70;
    }
}
