// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/shipped.h"

#include <rapidcheck/gtest.h>

/// What may weigh for and against mining.pow.cpu, so that an honest program is not accused by one
/// sign and a miner does not talk itself out.
namespace minewarden::rules {
namespace {

using test::Holdings;
using test::Samples;
using test::Suspect;

const Activity pow = *Activity::find("mining.pow.cpu");
constexpr std::string_view rounding = "rounding-modes";

MilliNats weight_of(const Rule& rule) {
    const auto found = std::ranges::find(rule.weights, pow, &Weight::activity);
    return found == rule.weights.end() ? 0 : found->milli_nats;
}

/// What weighs against a whole program, added up.
MilliNats all_against() {
    MilliNats sum = 0;
    for (const Rule& rule : test::shipped_rules()->rules())
        sum += std::min<MilliNats>(weight_of(rule), 0);
    return -sum;
}

MilliNats all_load() {
    MilliNats sum = 0;
    for (const Rule& rule : test::shipped_rules()->rules())
        if (rule.family == Family::load) sum += std::max<MilliNats>(weight_of(rule), 0);
    return sum;
}

TEST(ShippedBalance, NothingAgainstTakesAwayWhatWasSeenOfRandomx) {
    const Numbers& numbers = test::shipped_rules()->numbers();
    EXPECT_LT(all_against(), numbers.refuting_lowers_from) << "it would lower what was reached";
    for (const Rule& rule : test::shipped_rules()->rules()) {
        if (rule.group != rounding) continue;
        EXPECT_GE(numbers.prior + weight_of(rule) - all_against(), numbers.suspected_from)
            << rule.id;
    }
}

TEST(ShippedBalance, ARuleThatHonestProgramsCanMeetIsASuspicionAlone) {
    const Numbers& numbers = test::shipped_rules()->numbers();
    for (const Rule& rule : test::shipped_rules()->rules()) {
        if (rule.family != Family::compute || weight_of(rule) <= 0) continue;
        const bool needs_dataset = rule.id.find("dataset") != std::string::npos;
        EXPECT_EQ(numbers.prior + weight_of(rule) + all_load() >= numbers.probable_from,
                  needs_dataset)
            << rule.id;
        if (rule.id.starts_with("random") || rule.id.starts_with("rounding")) {
            EXPECT_EQ(rule.group, rounding) << rule.id << " must not add to the others";
        }
    }
}

// --- what costs nothing

struct Window {
    Samples samples;
    bool idle = false;
    bool in_workers = false;
    bool yields = false;
};

/// Made up by a program that wants to look harmless, at no cost worth mentioning.
struct Pretence {
    std::int64_t copied_kib_per_s = 0; ///< from /dev/zero to /dev/null
    std::int64_t more_file_mib = 0;    ///< mapped files
    std::int64_t more_shared_mib = 0;
    bool another_thread = false; ///< that keeps the default mode, at a twentieth of a core
    bool flow = false;           ///< traffic with itself
    bool handshake = false;      ///< of a node
};

Holdings with(Holdings holdings, const Pretence& pretence) {
    holdings.written_kib_per_s += pretence.copied_kib_per_s;
    holdings.private_mib += pretence.more_shared_mib;
    holdings.resident_mib += pretence.more_shared_mib + pretence.more_file_mib;
    holdings.largest_mapping_mib = std::max(holdings.largest_mapping_mib, pretence.more_shared_mib);
    holdings.largest_range_mib =
        std::max({holdings.largest_range_mib, pretence.more_file_mib, pretence.more_shared_mib});
    return holdings;
}

void observe_pretence(Suspect& suspect, const Pretence& pretence, const Holdings& holdings) {
    const Samples default_mode{.nearest = 2, .down = 0, .up = 0, .to_zero = 0, .cpu_permille = 50};
    if (pretence.another_thread) suspect.observe(test::of_thread(default_mode, holdings, 90));
    if (pretence.flow)
        suspect.observe(test::observe(
            ObservationType::flow_window,
            {{"sent_bytes", test::integer(1 << 30)}, {"received_bytes", test::integer(1 << 30)}},
            5));
    if (pretence.handshake)
        suspect.observe(test::observe(ObservationType::node_handshake,
                                      {{"network", test::text("monero")},
                                       {"variant", test::text("mainnet")},
                                       {"role", test::text("initiator")},
                                       {"sent", true}},
                                      6));
}

/// The certainty at the end of each window.
std::vector<Certainty> run(const std::vector<Window>& windows, const Holdings& holdings,
                           const std::vector<Pretence>& pretences) {
    Suspect suspect;
    std::vector<Certainty> certainties;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const Window& window = windows[i];
        const Pretence pretence = pretences.empty() ? Pretence{} : pretences[i];
        const Holdings shown = with(holdings, pretence);
        if (!window.idle) {
            if (window.in_workers)
                suspect.observe(test::of_workers(window.samples, shown));
            else
                suspect.observe(test::of_thread(window.samples, shown));
            // Workers that are forks are processes of their own.
            Samples process = window.in_workers
                                  ? Samples{.nearest = 0, .down = 0, .up = 0, .to_zero = 0}
                                  : window.samples;
            if (pretence.another_thread) process.nearest += 2;
            suspect.observe(test::of_process(process, shown));
        }
        const std::int64_t copies = pretence.copied_kib_per_s / 4;
        if (window.yields)
            suspect.observe(
                test::of_calls({.total = 50 + 2 * copies, .yields = 50, .copies = copies}));
        observe_pretence(suspect, pretence, shown);
        certainties.push_back(suspect.end_window());
    }
    return certainties;
}

std::ostream& operator<<(std::ostream& out, const Window& window) {
    return out << window.samples.nearest << '/' << window.samples.down << '/' << window.samples.up
               << '/' << window.samples.to_zero << " cpu " << window.samples.cpu_permille
               << (window.samples.flushes ? "" : " no-flush") << (window.idle ? " idle" : "")
               << (window.yields ? " yields" : "") << (window.in_workers ? " workers" : "");
}

std::ostream& operator<<(std::ostream& out, const Pretence& pretence) {
    return out << pretence.copied_kib_per_s << " KiB/s, files " << pretence.more_file_mib
               << ", shared " << pretence.more_shared_mib << " MiB"
               << (pretence.another_thread ? ", thread" : "") << (pretence.flow ? ", flow" : "")
               << (pretence.handshake ? ", handshake" : "");
}

rc::Gen<Window> any_window(bool in_workers) {
    return rc::gen::exec([in_workers] {
        Window window;
        window.samples.nearest = *rc::gen::inRange<std::int64_t>(0, 20);
        window.samples.down = *rc::gen::inRange<std::int64_t>(0, 10);
        window.samples.up = *rc::gen::inRange<std::int64_t>(0, 10);
        window.samples.to_zero = *rc::gen::inRange<std::int64_t>(0, 10);
        window.samples.cpu_permille = *rc::gen::inRange<std::int64_t>(100, 1001);
        window.samples.flushes = *rc::gen::weightedElement<bool>({{9, true}, {1, false}});
        window.idle = *rc::gen::weightedElement<bool>({{1, true}, {9, false}});
        window.yields = *rc::gen::weightedElement<bool>({{1, true}, {4, false}});
        window.in_workers = in_workers;
        return window;
    });
}

rc::Gen<Pretence> any_pretence() {
    return rc::gen::exec([] {
        Pretence pretence;
        pretence.copied_kib_per_s = *rc::gen::element<std::int64_t>(0, 100, 100'000, 4'000'000);
        pretence.more_file_mib = *rc::gen::element<std::int64_t>(0, 500, 5000);
        pretence.more_shared_mib = *rc::gen::element<std::int64_t>(0, 500, 5000);
        pretence.another_thread = *rc::gen::arbitrary<bool>();
        pretence.flow = *rc::gen::arbitrary<bool>();
        pretence.handshake = *rc::gen::arbitrary<bool>();
        return pretence;
    });
}

RC_GTEST_PROP(ShippedBalance, NoObservationThatCostsNothingLowersAVerdict, ()) {
    const bool in_workers = *rc::gen::arbitrary<bool>();
    const auto windows = *rc::gen::container<std::vector<Window>>(16, any_window(in_workers));
    const auto pretences = *rc::gen::container<std::vector<Pretence>>(16, any_pretence());
    const Holdings holdings = *rc::gen::element(test::light, test::dataset, test::dataset_in_file);
    const auto honest = run(windows, holdings, {});
    const auto pretended = run(windows, holdings, pretences);
    for (std::size_t i = 0; i < windows.size(); ++i)
        if (pretended[i] < honest[i]) RC_FAIL("lower in window " + std::to_string(i));
}

// A thread in the default mode that takes half a core or more, beside workers that are forks.
TEST(ShippedBalance, AThreadInTheDefaultModeDoesNotHideWorkers) {
    const Samples decoy{.nearest = 40, .down = 0, .up = 0, .to_zero = 0};
    for (const bool yields : {false, true}) {
        Suspect suspect;
        Certainty certainty = Certainty::none;
        for (int i = 0; i < 30; ++i) {
            suspect.observe(test::of_workers({}, test::light));
            suspect.observe(test::of_process(decoy, test::light));
            if (yields && i == 6) suspect.observe(test::of_calls({.total = 50, .yields = 50}));
            certainty = suspect.end_window();
        }
        EXPECT_TRUE(suspect.rests_on("rounding.default"));
        EXPECT_EQ(certainty, yields ? Certainty::probable : Certainty::suspected);
    }
}

} // namespace
} // namespace minewarden::rules
