// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/engine.h"

#include "rules/verdict/recompute.h"
#include "rules/verdict/shown_attributes.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {
namespace {

/// Windows without an observation after which a subject without evidence is dropped.
constexpr std::int64_t idle_windows = 30;

/// Returns false if there is no room for the entity.
bool note_entity(RuleMemory& memory, const Observation& observation) {
    if (spec_of(observation.type).entity == EntityKind::whole) return true;
    const auto place = std::ranges::lower_bound(memory.entities, observation.entity);
    if (place != memory.entities.end() && *place == observation.entity) return true;
    if (memory.entities.size() >= RuleMemory::maximum_entities) return false;
    memory.entities.insert(place, observation.entity);
    return true;
}

/// True if no memory or history is later than `window`, before the first window, or longer than
/// `window` windows.
bool is_before(const SubjectState& state, WindowIndex window) {
    const auto good = [&](WindowIndex index) { return index.number >= 0 && index <= window; };
    return good(state.last_seen) && state.history.is_within(window) &&
           std::ranges::all_of(state.memories, [&](const auto& item) {
               const RuleMemory& memory = item.second;
               return good(memory.first) && good(memory.last) && memory.windows_held >= 1 &&
                      memory.windows_held <= window.number;
           });
}

} // namespace

Engine::Engine(std::shared_ptr<const RuleSet> rules, const BootId& boot,
               std::chrono::nanoseconds window_span)
    : rules_(std::move(rules)), boot_(boot), window_span_(window_span) {
}

void Engine::observe(const Subject& subject, Observation observation) {
    if (kind_of(subject) != spec_of(observation.type).subject) return;
    auto found = subjects_.find(subject);
    if (found == subjects_.end()) {
        if (rules_->rules_on(observation.type).empty()) return;
        found = subjects_.try_emplace(subject).first;
    }
    SubjectState& state = found->second;
    state.last_seen = window_;
    const auto shared = std::make_shared<const Observation>(std::move(observation));
    if (spec_of(shared->type).per_window())
        state.history.add(window_, shared, rules_->windows_of(shared->type));
    evaluate(subject, state, shared);
}

void Engine::evaluate(const Subject& subject, SubjectState& state,
                      const SharedObservation& observation) {
    const ObservationType type = observation->type;
    // Build the longest row of windows that any rule looks at, once for all rules.
    windows_seen_.assign(std::max<std::size_t>(1, rules_->windows_of(type)), nullptr);
    const auto earlier = state.history.of(type, observation->entity);
    for (const History::Entry& entry : earlier) {
        const auto back = static_cast<std::size_t>(window_.number - entry.window.number);
        if (back < windows_seen_.size()) windows_seen_[back] = entry.observation.get();
    }
    windows_seen_[0] = observation.get();
    summaries_.begin_row();
    const conditions::WindowSpan span(windows_seen_, &summaries_);
    bool any_held = false;
    for (const RuleToTry& each : rules_->rules_on(type)) {
        const auto is_met = [&](const auto& required) { return required.is_met(span); };
        if (!std::ranges::all_of(each.requirements, is_met)) continue;
        if (each.condition->evaluate(span) != conditions::Truth::yes) continue;
        any_held = true;
        remember(*each.rule, state, observation, earlier);
    }
    // Window observations arrive together at the end of a window; end_window() judges them once.
    if (any_held && !spec_of(type).per_window()) news_.insert(subject);
}

void Engine::remember(const Rule& rule, SubjectState& state, const SharedObservation& observation,
                      std::span<const History::Entry> earlier) const {
    RuleMemory& memory = state.memories[rule.id];
    memory.rule = &rule;
    if (memory.windows_held == 0) memory.first = window_;
    if (memory.windows_held == 0 || memory.last != window_) {
        ++memory.windows_held;
        memory.entities.clear();
    }
    memory.last = window_;
    if (!note_entity(memory, *observation)) return;
    memory.observations.clear();
    memory.observations.push_back({0, observation});
    for (const History::Entry& entry : earlier) {
        const std::int64_t back = window_.number - entry.window.number;
        if (back > 0 && back < static_cast<std::int64_t>(rule.condition.windows()))
            memory.observations.push_back({back, entry.observation});
    }
}

void Engine::judge_news() {
    for (const Subject& subject : news_) {
        const auto state = subjects_.find(subject);
        if (state != subjects_.end()) judge_all(subject, state->second, false);
    }
    news_.clear();
}

void Engine::judge_now(const Subject& subject) {
    const auto state = subjects_.find(subject);
    if (state != subjects_.end()) judge_all(subject, state->second, false);
}

void Engine::end_window() {
    news_.clear();
    std::vector<Subject> idle;
    for (auto& [subject, state] : subjects_) {
        judge_all(subject, state, true);
        std::erase_if(state.memories, [&](const auto& item) {
            return window_.number - item.second.last.number >=
                   static_cast<std::int64_t>(rules_->numbers().decay.size()) - 1;
        });
        state.history.prune(window_, conditions::maximum_windows);
        if (!state.is_open() && state.memories.empty() &&
            window_.number - state.last_seen.number >= idle_windows)
            idle.push_back(subject);
    }
    for (const Subject& subject : idle) subjects_.erase(subject);
    // Sort the changes of this window: hash order must not be visible.
    std::ranges::stable_sort(changes_, {}, [](const VerdictRecord& change) {
        return std::pair(change.subject, change.activity);
    });
    ++window_.number;
}

void Engine::forget(const Subject& subject) {
    subjects_.erase(subject);
}

void Engine::replace_rules(std::shared_ptr<const RuleSet> rules) {
    rules_ = std::move(rules);
    for (auto& [subject, state] : subjects_) forget_what_no_rule_says(state);
}

void Engine::forget_what_no_rule_says(SubjectState& state) const {
    for (auto item = state.memories.begin(); item != state.memories.end();) {
        RuleMemory& memory = item->second;
        memory.rule = rules_->find(item->first);
        const bool says_it = memory.rule != nullptr && holds_on(*memory.rule, memory.placed());
        item = says_it ? std::next(item) : state.memories.erase(item);
    }
}

void Engine::judge_all(const Subject& subject, SubjectState& state, bool window_ended) {
    std::vector<Activity> concerned;
    const auto add = [&](Activity activity) {
        const auto place = std::ranges::lower_bound(concerned, activity);
        if (place == concerned.end() || *place != activity) concerned.insert(place, activity);
    };
    for (const auto& [activity, unused] : state.activities) add(activity);
    for (const auto& [id, memory] : state.memories) {
        for (const Weight& weight : memory.rule->weights) add(weight.activity);
    }
    for (const Activity activity : concerned) judge_one(subject, state, activity, window_ended);
}

void Engine::judge_one(const Subject& subject, SubjectState& state, Activity activity,
                       bool window_ended) {
    const auto open = state.activities.find(activity);
    std::vector<WeighedEvidence> evidence;
    bool further = false; // there is evidence that was not reported yet
    for (const auto& [id, memory] : state.memories) {
        const WeighedEvidence item = weighed(memory, activity);
        if (strength(item, rules_->numbers()) == 0) continue;
        evidence.push_back(item);
        further = further || open == state.activities.end() || !open->second.reported.contains(id);
    }
    const CarriedState carried =
        open == state.activities.end() ? CarriedState{} : open->second.carried;
    const Verdict verdict = judge(evidence, carried, rules_->numbers());
    // Between windows only new evidence counts; ageing happens at the end of a window.
    if (!window_ended && verdict.certainty < carried.held) return;
    const bool same_certainty = verdict.certainty == carried.held;
    const bool nothing_new = open == state.activities.end() ? verdict.certainty == Certainty::none
                                                            : same_certainty && !further;
    if (nothing_new) return;
    changes_.push_back(record_of(subject, state, activity, carried, verdict));
    if (verdict.certainty == Certainty::none) {
        state.activities.erase(activity);
        return;
    }
    ActivityState& now = state.activities[activity];
    now.carried = verdict.next;
    now.reported.clear();
    for (const auto& [id, memory] : state.memories) {
        if (strength(weighed(memory, activity), rules_->numbers()) != 0) now.reported.insert(id);
    }
}

WeighedEvidence Engine::weighed(const RuleMemory& memory, Activity activity) const {
    return {memory.rule->family, memory.rule->weight_for(activity),
            window_.number - memory.last.number, memory.entities};
}

VerdictRecord Engine::record_of(const Subject& subject, const SubjectState& state,
                                Activity activity, const CarriedState& carried,
                                const Verdict& verdict) const {
    VerdictRecord record{.rule_set = rules_->digest(),
                         .boot = boot_,
                         .subject = subject,
                         .activity = activity,
                         .window_span = window_span_,
                         .window = window_,
                         .carried = carried,
                         .evidence = {},
                         .verdict = verdict,
                         .prior = rules_->numbers().prior,
                         .attributes = {}};
    std::vector<AttributeSource> sources;
    for (const auto& [id, memory] : state.memories) {
        const WeighedEvidence item = weighed(memory, activity);
        const MilliNats counted = strength(item, rules_->numbers());
        if (counted == 0) continue;
        record.evidence.push_back({id, item.family, item.weight, item.age, memory.windows_held,
                                   memory.entities, memory.placed()});
        sources.push_back({memory.rule, memory.observations.front().observation.get(), counted});
    }
    record.attributes = shown_attributes(sources);
    return record;
}

cbor::Value Engine::save() const {
    std::map<Subject, const SubjectState*> open; // ordered
    for (const auto& [subject, state] : subjects_) {
        if (state.is_open()) open.emplace(subject, &state);
    }
    cbor::Array subjects;
    for (const auto& [subject, state] : open) {
        cbor::Map map;
        map.emplace("subject", to_cbor(subject));
        map.emplace("state", rules::save(*state));
        subjects.emplace_back(std::move(map));
    }
    cbor::Map root;
    root.emplace("window", window_.number);
    root.emplace("subjects", std::move(subjects));
    return root;
}

Result<void> Engine::restore(const cbor::Value& saved) {
    const auto give_up = [this](const char* what) {
        subjects_.clear();
        window_ = {1};
        return fail(ErrorKind::data, fmt::format("not a saved engine state: {}", what));
    };
    const auto integer = [](const cbor::Map& map, std::string_view key) -> const std::int64_t* {
        const auto found = map.find(key);
        return found == map.end() ? nullptr : found->second.get_if<std::int64_t>();
    };
    const auto* root = saved.get_if<cbor::Map>();
    const auto* window = root ? integer(*root, "window") : nullptr;
    const auto subjects_at = root ? root->find("subjects") : cbor::Map::const_iterator{};
    if (!window || subjects_at == root->end()) return give_up("a key is missing");
    // With windows of one second this is a billion years.
    constexpr std::int64_t last_window = std::int64_t{1} << 55;
    if (*window < 1 || *window > last_window) return give_up("the window number is out of range");
    const auto* subjects = subjects_at->second.get_if<cbor::Array>();
    if (subjects == nullptr) return give_up("subjects is not a list");
    for (const cbor::Value& item : *subjects) {
        const auto* map = item.get_if<cbor::Map>();
        if (map == nullptr) return give_up("a subject is not a map");
        const auto subject_at = map->find("subject");
        const auto state_at = map->find("state");
        if (subject_at == map->end() || state_at == map->end())
            return give_up("a subject is incomplete");
        const auto subject = subject_from_cbor(subject_at->second);
        if (!subject) return give_up(subject.error().message.c_str());
        SubjectState state;
        if (!rules::restore(state_at->second, state)) return give_up("a subject is incomplete");
        if (!is_before(state, {*window})) return give_up("a window is in the future");
        forget_what_no_rule_says(state);
        subjects_.emplace(*subject, std::move(state));
    }
    window_ = {*window};
    return {};
}

} // namespace minewarden::rules
