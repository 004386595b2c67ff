// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/reporter.h"

#include "agent/findings/saved_state.h"
#include "common/log.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t complaint_interval_ns = 60'000'000'000;
constexpr std::size_t replay_bytes = 1 << 20; ///< read at once

} // namespace

Reporter::Reporter(FindingBook book, Outbox& outbox, std::filesystem::path state_file,
                   std::function<void()> on_appended)
    : book_(std::move(book)),
      outbox_(outbox),
      state_file_(std::move(state_file)),
      on_appended_(std::move(on_appended)),
      unkept_(state_file_.parent_path() / "unkept") {
}

void Reporter::restore(rules::Engine& engine) {
    report_left_unkept();
    auto state = load_state(state_file_);
    if (!state) {
        log::error("open findings are lost: {}", state.error().message);
        report_gap("agent-state", 1, {}, wall_now(), state.error().message);
        replay(outbox_.stream(), 0);
        return;
    }
    if (!*state) {
        replay(outbox_.stream(), 0);
        return;
    }
    saved_something_ = true;
    auto closed = book_.restore((*state)->findings, wall_now());
    if (!closed) {
        log::error("open findings are lost: {}", closed.error().message);
        report_gap("agent-state", 1, {}, wall_now(), closed.error().message);
        return;
    }
    replay((*state)->stream, (*state)->sequence);
    for (wire::Finding& finding : *closed) {
        wire::Record record;
        *record.mutable_finding() = std::move(finding);
        append(record);
    }
    // Without findings of this boot, the engine starts empty.
    if (book_.subjects().empty()) return;
    if (auto restored = engine.restore((*state)->engine); !restored)
        log::error("evidence gathered before the restart is lost: {}", restored.error().message);
}

/// After a kill between an append and the next save, the finding is known from the outbox.
void Reporter::replay(const StreamId& stream, std::uint64_t after) {
    if (stream != outbox_.stream()) return;
    outbox_.skip_to(after + 1);
    std::size_t adopted = 0;
    for (;;) {
        const auto records = outbox_.read(after + 1, replay_bytes);
        if (!records) log::error("{}", records.error().message);
        if (!records || records->empty()) break;
        for (const OutboxRecord& kept : *records) {
            wire::Record record;
            if (!record.ParseFromString(kept.payload) || !record.has_finding()) continue;
            if (const auto taken = book_.adopt(record.finding()); taken && *taken) ++adopted;
        }
        after = records->back().sequence;
    }
    if (adopted > 0)
        log::info("{} versions of findings were reported after the last save", adopted);
}

void Reporter::save_if_changed(const rules::Engine& engine) {
    if (changed_) save(engine);
}

void Reporter::save(const rules::Engine& engine) {
    if (!waiting_.empty()) return;
    changed_ = false;
    const std::uint64_t sequence = outbox_.next_sequence() - 1;
    // Without findings, it still keeps the number, in case the newest segment is lost.
    if (book_.subjects().empty() && !saved_something_ && saved_sequence_ == sequence) return;
    saved_something_ = !book_.subjects().empty();
    const SavedState state{engine.save(), book_.save(), outbox_.stream(), sequence};
    auto saved = save_state(state_file_, state);
    if (saved) {
        saved_sequence_ = sequence;
        return;
    }
    const BootTime now = boot_now();
    if (now < next_save_complaint_) return;
    next_save_complaint_ = {now.ns + complaint_interval_ns};
    log::error("cannot save the open findings: {}", saved.error().message);
}

void Reporter::report(const rules::VerdictRecord& change, const Process* process) {
    const bool opens = change.carried.held == rules::Certainty::none;
    SubjectDetails details;
    if (opens && process != nullptr) details = subjects_.read(*process);
    if (const auto* workload = std::get_if<rules::WorkloadSubject>(&change.subject))
        details.workload = subjects_.find_by_cgroup(workload->cgroup_id);
    wire::Record record;
    *record.mutable_finding() = book_.apply(change, details, wall_now());
    append(record);
}

void Reporter::report_gone(const rules::Subject& subject, CloseReason reason) {
    for (wire::Finding& finding : book_.close_subject(subject, reason, wall_now())) {
        wire::Record record;
        *record.mutable_finding() = std::move(finding);
        append(record);
    }
}

void Reporter::report_rules(const rules::RuleSet& rules) {
    wire::Record record;
    wire::RuleSet& set = *record.mutable_rule_set();
    set.set_digest(std::string(as_text(rules.digest().view())));
    for (const rules::RuleFile& file : rules.files()) {
        wire::RuleFile& item = *set.add_files();
        item.set_name(file.name);
        item.set_content(file.content);
    }
    append(record);
}

void Reporter::report_gap(std::string_view place, std::uint64_t lost, WallTime from, WallTime until,
                          std::string_view detail) {
    wire::Record record;
    wire::Gap& gap = *record.mutable_gap();
    gap.set_place(std::string(place));
    gap.set_lost(lost);
    gap.set_from_ns(std::min(from.ns, until.ns)); // the clock can have been set back
    gap.set_until_ns(until.ns);
    gap.set_detail(std::string(detail));
    append(record);
}

void Reporter::append(const wire::Record& record) {
    waiting_.push_back(record.SerializeAsString());
    waiting_bytes_ += waiting_.back().size();
    changed_ = true;
    while (waiting_.size() > 1 &&
           (waiting_.size() > maximum_waiting || waiting_bytes_ > maximum_waiting_bytes))
        give_up_oldest();
    retry();
}

void Reporter::give_up_oldest() {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
    ++given_up_;
    if (not_reported_++ == 0) given_up_since_ = wall_now();
}

void Reporter::retry() {
    bool appended = false;
    while (!waiting_.empty()) {
        const auto kept = outbox_.append(waiting_.front());
        if (!kept && kept.error().kind == ErrorKind::internal) {
            // It can never be appended. It must not block the others.
            log::error("a record is given up: {}", kept.error().message);
            give_up_oldest();
            continue;
        }
        if (!kept) {
            // There are four attempts a second, and the log can be on the same full disk.
            const BootTime now = boot_now();
            if (now >= next_complaint_) {
                next_complaint_ = {now.ns + complaint_interval_ns};
                log::error("outbox: {}; {} records wait in memory", kept.error().message,
                           waiting_.size());
            }
            break;
        }
        waiting_bytes_ -= waiting_.front().size();
        waiting_.pop_front();
        appended = true;
    }
    unkept_.set(waiting_.size() + not_reported_);
    if (appended) on_appended_();
    if (waiting_.empty() && not_reported_ > 0) report_given_up();
}

void Reporter::report_given_up() {
    const std::uint64_t lost = std::exchange(not_reported_, 0);
    report_gap("agent", lost, given_up_since_, wall_now(),
               "records were given up because the outbox could not append them");
}

void Reporter::report_left_unkept() {
    const UnkeptCount::Value left = unkept_.take_left();
    if (left.records == 0) return;
    report_gap("agent", left.records, left.since, wall_now(),
               "records were in memory only, because the disk was full, when the agent ended");
}

} // namespace minewarden::agent
