// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/reporter.h"

#include "agent/findings/saved_state.h"

#include <spdlog/spdlog.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t complaint_interval_ns = 60'000'000'000;

} // namespace

Reporter::Reporter(FindingBook book, Outbox& outbox, std::filesystem::path state_file,
                   std::function<void()> on_appended)
    : book_(std::move(book)),
      outbox_(outbox),
      state_file_(std::move(state_file)),
      on_appended_(std::move(on_appended)) {
}

void Reporter::restore(rules::Engine& engine) {
    auto state = load_state(state_file_);
    if (!state) {
        spdlog::error("open findings are lost: {}", state.error().message);
        report_gap("agent-state", 1, {}, wall_now(), state.error().message);
        return;
    }
    if (!*state) return;
    saved_something_ = true;
    auto closed = book_.restore((*state)->findings, wall_now());
    if (!closed) {
        spdlog::error("open findings are lost: {}", closed.error().message);
        report_gap("agent-state", 1, {}, wall_now(), closed.error().message);
        return;
    }
    for (wire::Finding& finding : *closed) {
        wire::Record record;
        *record.mutable_finding() = std::move(finding);
        append(record);
    }
    // Verdicts are about this boot; with none left of it the engine starts afresh.
    if (book_.images().empty()) return;
    if (auto restored = engine.restore((*state)->engine); !restored)
        spdlog::error("evidence gathered before the restart is lost: {}", restored.error().message);
}

void Reporter::save(const rules::Engine& engine) {
    if (book_.images().empty() && !saved_something_) return;
    saved_something_ = !book_.images().empty();
    if (auto saved = save_state(state_file_, {engine.save(), book_.save()}); !saved)
        spdlog::error("cannot save the open findings: {}", saved.error().message);
}

void Reporter::report(const rules::VerdictChange& change, const Process& process) {
    const bool opens = change.record.carried.held == rules::Certainty::none;
    const SubjectDetails details = opens ? read_details(process) : SubjectDetails{};
    wire::Record record;
    *record.mutable_finding() = book_.apply(change, details, wall_now());
    append(record);
}

void Reporter::report_gone(const rules::ImageKey& image, CloseReason reason) {
    for (wire::Finding& finding : book_.close_image(image, reason, wall_now())) {
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
    gap.set_from_ns(from.ns);
    gap.set_until_ns(until.ns);
    gap.set_detail(std::string(detail));
    append(record);
}

void Reporter::append(const wire::Record& record) {
    waiting_.push_back(record.SerializeAsString());
    if (waiting_.size() > maximum_waiting) {
        waiting_.pop_front();
        ++given_up_;
    }
    retry();
}

void Reporter::retry() {
    bool appended = false;
    while (!waiting_.empty()) {
        const auto kept = outbox_.append(waiting_.front());
        if (!kept && kept.error().kind == ErrorKind::internal) {
            // It can never be kept; it must not stand in the way of the others.
            spdlog::error("a record is given up: {}", kept.error().message);
            waiting_.pop_front();
            ++given_up_;
            continue;
        }
        if (!kept) {
            // It is tried four times a second, and the log may be on the same full disk.
            const BootTime now = boot_now();
            if (now >= next_complaint_) {
                next_complaint_ = {now.ns + complaint_interval_ns};
                spdlog::error("outbox: {}; {} records wait in memory", kept.error().message,
                              waiting_.size());
            }
            break;
        }
        waiting_.pop_front();
        appended = true;
    }
    if (appended) on_appended_();
}

} // namespace minewarden::agent
