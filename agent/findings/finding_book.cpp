// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/finding_book.h"

#include "common/wire/workload.h"
#include "rules/wire/subject.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

wire::Certainty to_wire(rules::Certainty certainty) {
    switch (certainty) {
    case rules::Certainty::none:
        return wire::CERTAINTY_UNSPECIFIED;
    case rules::Certainty::suspected:
        return wire::CERTAINTY_SUSPECTED;
    case rules::Certainty::probable:
        return wire::CERTAINTY_PROBABLE;
    case rules::Certainty::confirmed:
        return wire::CERTAINTY_CONFIRMED;
    }
    return wire::CERTAINTY_UNSPECIFIED;
}

void fill_subject(wire::Subject& message, const rules::Subject& subject, const BootId& boot,
                  const SubjectDetails& details, WallTime now) {
    message.set_boot_id(std::string(as_text(boot.view())));
    message.set_booted_ns(now.ns - static_cast<std::int64_t>(boot_now().ns));
    rules::set_subject(message, subject);
    if (message.has_process()) {
        wire::ProcessSubject& process = *message.mutable_process();
        process.set_command(details.command);
        process.set_executable(details.executable);
        process.set_user_id(details.user_id);
        process.set_pid_inside(details.pid_inside);
        process.set_loader(details.loader);
        process.set_started_ns(details.started.ns);
        set_workload(*process.mutable_workload(), details.workload);
    } else if (message.has_workload()) {
        set_workload(*message.mutable_workload()->mutable_workload(), details.workload);
    } else if (message.has_network_namespace()) {
        set_workload(*message.mutable_network_namespace()->mutable_workload(), details.workload);
    }
}

SubjectDetails read_details(const wire::Subject& message) {
    SubjectDetails details;
    if (message.has_process()) {
        const wire::ProcessSubject& process = message.process();
        details.command = process.command();
        details.executable = process.executable();
        details.user_id = process.user_id();
        details.pid_inside = process.pid_inside();
        details.loader = process.loader();
        details.started = {process.started_ns()};
        details.workload = workload_of(process.workload());
    } else if (message.has_workload()) {
        details.workload = workload_of(message.workload().workload());
    } else if (message.has_network_namespace()) {
        details.workload = workload_of(message.network_namespace().workload());
    }
    return details;
}

} // namespace

std::string_view to_string(CloseReason reason) {
    switch (reason) {
    case CloseReason::evidence_ended:
        return "evidence-ended";
    case CloseReason::process_exited:
        return "process-exited";
    case CloseReason::program_replaced:
        return "program-replaced";
    case CloseReason::process_gone:
        return "process-gone";
    case CloseReason::host_rebooted:
        return "host-rebooted";
    }
    return "";
}

FindingBook::FindingBook(ByteView agent_key, const BootId& boot)
    : agent_key_(as_text(agent_key)), boot_(boot) {
}

wire::Finding FindingBook::to_wire(const Key& key, const Entry& entry, WallTime now,
                                   std::string_view close_reason) {
    wire::Finding finding;
    finding.set_id(std::string(as_text(entry.id.view())));
    finding.set_version(entry.version);
    finding.set_state(entry.open ? wire::FINDING_STATE_OPEN : wire::FINDING_STATE_CLOSED);
    finding.set_activity(key.second.name());
    finding.set_certainty(agent::to_wire(entry.certainty));
    finding.set_opened_ns(entry.opened.ns);
    finding.set_changed_ns(now.ns);
    finding.set_close_reason(std::string(close_reason));
    fill_subject(*finding.mutable_subject(), key.first, entry.boot, entry.details, now);
    rules::set_attributes(*finding.mutable_attributes(), entry.attributes);
    finding.set_record(entry.record);
    const Digest digest = sha256(as_bytes(entry.record));
    finding.set_record_sha256(std::string(as_text(digest.view())));
    return finding;
}

wire::Finding FindingBook::apply(const rules::VerdictRecord& change, const SubjectDetails& details,
                                 WallTime now) {
    const Key key{change.subject, change.activity};
    Entry& entry = entries_[key];
    if (entry.version == 0) {
        entry.id = rules::finding_id(as_bytes(agent_key_), boot_, change.subject, key.second);
        entry.boot = boot_;
    }
    if (!entry.open) {
        entry.opened = now;
        entry.details = details;
    }
    ++entry.version;
    entry.record = rules::encode_record(change);
    entry.open = change.verdict.certainty != rules::Certainty::none;
    entry.attributes = change.attributes;
    if (entry.open) entry.certainty = change.verdict.certainty;
    return to_wire(key, entry, now, entry.open ? "" : to_string(CloseReason::evidence_ended));
}

wire::Finding FindingBook::close(const Key& key, Entry& entry, CloseReason reason, WallTime now) {
    ++entry.version;
    entry.open = false;
    return to_wire(key, entry, now, to_string(reason));
}

std::vector<wire::Finding> FindingBook::close_subject(const rules::Subject& subject,
                                                      CloseReason reason, WallTime now) {
    std::vector<wire::Finding> closed;
    for (auto& [key, entry] : entries_) {
        if (key.first == subject && entry.open) closed.push_back(close(key, entry, reason, now));
    }
    std::erase_if(entries_, [&](const auto& item) { return item.first.first == subject; });
    return closed;
}

bool FindingBook::knows(const rules::Subject& subject) const {
    // Called for every process that ends, so it uses that the entries are ordered by subject.
    const auto found = std::ranges::lower_bound(
        entries_, subject, {},
        [](const auto& item) -> const rules::Subject& { return item.first.first; });
    return found != entries_.end() && found->first.first == subject;
}

std::size_t FindingBook::open_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](const auto& item) { return item.second.open; }));
}

std::vector<rules::Subject> FindingBook::subjects() const {
    std::vector<rules::Subject> result;
    result.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) result.push_back(key.first);
    const auto [first, last] = std::ranges::unique(result);
    result.erase(first, last);
    return result;
}

// Saves the last version of each finding in its wire format, so that there is only one encoding.
cbor::Value FindingBook::save() const {
    cbor::Array findings;
    for (const auto& [key, entry] : entries_) {
        const std::string bytes = to_wire(key, entry, {}, "").SerializeAsString();
        findings.emplace_back(as_bytes(bytes));
    }
    return findings;
}

Result<std::pair<FindingBook::Key, FindingBook::Entry>>
FindingBook::from_wire(const wire::Finding& finding) {
    const auto subject = rules::subject_of(finding.subject());
    const auto activity = Activity::find(finding.activity());
    const auto id = FindingId::from(as_bytes(finding.id()));
    const auto boot = BootId::from(as_bytes(finding.subject().boot_id()));
    if (!subject || !activity || !id || !boot)
        return fail(ErrorKind::data, "a saved finding is incomplete");
    Entry entry;
    entry.id = *id;
    entry.version = finding.version();
    entry.open = finding.state() == wire::FINDING_STATE_OPEN;
    entry.certainty = static_cast<rules::Certainty>(finding.certainty());
    entry.opened = {finding.opened_ns()};
    entry.boot = *boot;
    entry.attributes = rules::attributes_of(finding.attributes());
    entry.record = finding.record();
    entry.details = read_details(finding.subject());
    return std::pair{Key{*subject, *activity}, std::move(entry)};
}

Result<bool> FindingBook::adopt(const wire::Finding& finding) {
    TRY_ASSIGN(auto read, from_wire(finding));
    auto& [key, entry] = read;
    if (entry.boot != boot_) return false;
    const auto known = entries_.find(key);
    if (known != entries_.end() && known->second.version >= entry.version) return false;
    entries_.insert_or_assign(key, std::move(entry));
    return true;
}

Result<std::vector<wire::Finding>> FindingBook::restore(const cbor::Value& saved, WallTime now) {
    const auto* findings = saved.get_if<cbor::Array>();
    if (findings == nullptr) return fail(ErrorKind::data, "saved findings are not a list");
    std::vector<wire::Finding> closed;
    for (const cbor::Value& item : *findings) {
        const auto* bytes = item.get_if<cbor::Bytes>();
        wire::Finding finding;
        if (bytes == nullptr ||
            !finding.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())))
            return fail(ErrorKind::data, "a saved finding cannot be read");
        TRY_ASSIGN(auto read, from_wire(finding));
        auto& [key, entry] = read;
        if (entry.boot == boot_) {
            entries_.emplace(key, std::move(entry));
        } else if (entry.open) {
            closed.push_back(close(key, entry, CloseReason::host_rebooted, now));
        }
    }
    return closed;
}

} // namespace minewarden::agent
