// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

/// The same input gives the same bytes, in any order of images, and across a restart.
namespace minewarden::rules {
namespace {

using test::engine_rules;
using test::image;
using test::new_engine;

/// One call of the engine.
struct Step {
    enum class Kind { observe, judge_news, end_window, forget };
    Kind kind = Kind::end_window;
    ImageKey image;
    Observation observation;
};

Observation any_observation() {
    const auto id = *rc::gen::inRange<std::int64_t>(70, 73);
    switch (*rc::gen::inRange(0, 6)) {
    case 0:
        return test::message("login", id);
    case 1:
        return test::message("submit", id);
    case 2:
        return test::process(*rc::gen::element<std::int64_t>(10, 600, 4000),
                             *rc::gen::element<std::int64_t>(0, 0, 2000));
    default:
        return test::thread(id, *rc::gen::element<std::int64_t>(100, 950),
                            *rc::gen::element<std::int64_t>(0, 20, 40));
    }
}

std::vector<Step> any_steps(int most) {
    std::vector<Step> steps;
    const int count = *rc::gen::inRange(1, most);
    for (int i = 0; i < count; ++i) {
        Step step;
        step.image =
            image(*rc::gen::inRange<std::uint32_t>(1, 5), *rc::gen::inRange<std::uint64_t>(1, 3));
        const int kind = *rc::gen::inRange(0, 12);
        if (kind < 6) {
            step.kind = Step::Kind::observe;
            step.observation = any_observation();
        } else if (kind < 8) {
            step.kind = Step::Kind::judge_news;
        } else if (kind == 8) {
            step.kind = Step::Kind::forget;
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

void run(Engine& engine, const Step& step) {
    switch (step.kind) {
    case Step::Kind::observe:
        return engine.observe(step.image, step.observation);
    case Step::Kind::judge_news:
        return engine.judge_news();
    case Step::Kind::end_window:
        return engine.end_window();
    case Step::Kind::forget:
        return engine.forget(step.image);
    }
}

std::vector<std::string> encoded(Engine& engine) {
    std::vector<std::string> records;
    for (const VerdictRecord& change : engine.take_changes())
        records.push_back(encode_record(change));
    return records;
}

RC_GTEST_PROP(EngineDeterminism, TheSameCallsGiveTheSameBytes, ()) {
    const auto steps = any_steps(80);
    Engine first = new_engine();
    Engine second = new_engine();
    for (const Step& step : steps) {
        run(first, step);
        run(second, step);
    }
    RC_ASSERT(encoded(first) == encoded(second));
    RC_ASSERT(cbor::encode(first.save()) == cbor::encode(second.save()));
}

RC_GTEST_PROP(EngineDeterminism, EveryChangeCanBeRecomputed, ()) {
    Engine engine = new_engine();
    for (const Step& step : any_steps(80)) run(engine, step);
    for (const std::string& record : encoded(engine)) {
        const auto again = recompute_record(as_bytes(record), *engine_rules());
        if (!again) RC_LOG(again.error().message);
        RC_ASSERT(again.has_value());
    }
}

RC_GTEST_PROP(EngineDeterminism, EachChainIsLinkedByItsDigests, ()) {
    Engine engine = new_engine();
    std::map<std::pair<ImageKey, std::string>, CarriedState> open;
    for (const Step& step : any_steps(80)) {
        run(engine, step);
        if (step.kind == Step::Kind::forget)
            std::erase_if(open, [&](const auto& entry) { return entry.first.first == step.image; });
        for (const VerdictRecord& change : engine.take_changes()) {
            const auto key = std::pair(std::get<ImageKey>(change.subject), change.activity.name());
            RC_ASSERT(change.carried == (open.contains(key) ? open[key] : CarriedState{}));
            RC_ASSERT(change.verdict.certainty != Certainty::none || open.contains(key));
            open[key] = change.verdict.next;
            if (change.verdict.certainty == Certainty::none) open.erase(key);
        }
    }
}

RC_GTEST_PROP(EngineDeterminism, TheOrderOfImagesDoesNotMatter, ()) {
    // Generate the steps of each image in each window; the order of images is random.
    constexpr int images = 6;
    Engine first = new_engine();
    Engine second = new_engine();
    const int windows = *rc::gen::inRange(1, 8);
    for (int window = 0; window < windows; ++window) {
        std::map<int, std::vector<Observation>> happened;
        for (int i = 0; i < images; ++i)
            for (int k = *rc::gen::inRange(0, 4); k > 0; --k)
                happened[i].push_back(any_observation());
        const auto feed = [&](Engine& engine, const std::vector<int>& order) {
            for (const int i : order)
                for (const Observation& one : happened[i])
                    engine.observe(image(static_cast<std::uint32_t>(1000 - 37 * i)), one);
        };
        std::vector<int> order{0, 1, 2, 3, 4, 5};
        feed(first, order);
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
        feed(second, order);
        if (*rc::gen::arbitrary<bool>()) {
            first.judge_news();
            second.judge_news();
        }
        first.end_window();
        second.end_window();
        RC_ASSERT(encoded(first) == encoded(second));
    }
    RC_ASSERT(cbor::encode(first.save()) == cbor::encode(second.save()));
}

RC_GTEST_PROP(EngineRestart, ContinuesAsWithoutARestart, ()) {
    Engine engine = new_engine();
    std::map<std::pair<ImageKey, std::string>, bool> open;
    std::set<ImageKey> seen;
    const auto note = [&] {
        for (const VerdictRecord& change : engine.take_changes())
            open[{std::get<ImageKey>(change.subject), change.activity.name()}] =
                change.verdict.certainty != Certainty::none;
    };
    for (const Step& step : any_steps(60)) {
        run(engine, step);
        note();
        seen.insert(step.image);
        if (step.kind == Step::Kind::forget)
            std::erase_if(open, [&](const auto& entry) { return entry.first.first == step.image; });
    }
    engine.judge_news();
    note();
    // Only images with an open verdict survive a restart.
    for (const ImageKey& one : seen) {
        const bool is_open = std::ranges::any_of(
            open, [&](const auto& entry) { return entry.first.first == one && entry.second; });
        if (!is_open) engine.forget(one);
    }

    const auto saved = cbor::decode(as_bytes(cbor::encode(engine.save())));
    RC_ASSERT(saved.has_value());
    Engine restarted = new_engine();
    RC_ASSERT(restarted.restore(*saved).has_value());
    RC_ASSERT(restarted.subjects() == engine.subjects());
    RC_ASSERT(restarted.window() == engine.window());
    RC_ASSERT(cbor::encode(restarted.save()) == cbor::encode(engine.save()));

    for (const Step& step : any_steps(60)) {
        run(engine, step);
        run(restarted, step);
        RC_ASSERT(encoded(restarted) == encoded(engine));
    }
}

} // namespace
} // namespace minewarden::rules
