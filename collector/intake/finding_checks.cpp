// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/finding_checks.h"

#include "common/cbor/value.h"
#include "common/wire/activity.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace minewarden::collector {
namespace {

constexpr std::size_t maximum_word = 256;  ///< a name, a reason, an id
constexpr std::size_t maximum_path = 4096; ///< PATH_MAX
constexpr std::size_t maximum_record = std::size_t{1} << 20;
constexpr int maximum_list = 1024;

bool is_word(const std::string& text) {
    return text.size() <= maximum_word;
}

bool is_path(const std::string& text) {
    return text.size() <= maximum_path;
}

std::string_view check(const wire::Workload& workload) {
    if (!is_path(workload.path()) || !is_word(workload.kind()) || !is_word(workload.runtime()) ||
        !is_word(workload.container()) || !is_word(workload.pod()) || !is_word(workload.unit()) ||
        !is_word(workload.outer()) || !is_word(workload.group_kind()) ||
        !is_word(workload.group()) || !is_word(workload.step()) || !is_word(workload.user()) ||
        !is_word(workload.named_by()) || !is_word(workload.claim()) || !is_word(workload.doubt()))
        return "workload has a text that is too long";
    return "";
}

/// Accepts an unknown kind: the record names it.
std::string_view check(const wire::Subject& subject) {
    if (subject.boot_id().size() != BootId::size) return "boot id is not 16 bytes";
    const wire::ProcessSubject& process = subject.process();
    if (!is_path(process.command()) || !is_path(process.executable()) || !is_path(process.loader()))
        return "subject has a text that is too long";
    for (const wire::Workload* workload : {&process.workload(), &subject.workload().workload(),
                                           &subject.network_namespace().workload()}) {
        if (const auto problem = check(*workload); !problem.empty()) return problem;
    }
    return "";
}

/// Lower-case words separated by dots. Accepts unknown ones, of newer agents.
bool is_activity_name(const std::string& name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    return !name.empty() && is_word(name) && std::ranges::all_of(name, is_allowed);
}

bool is_short(const wire::Attributes& attributes) {
    return is_word(attributes.actor()) && is_word(attributes.algorithm()) &&
           is_word(attributes.chain()) && is_word(attributes.client()) &&
           is_word(attributes.role());
}

/// As rules::RuleSet::digest(): the canonical encoding of [[name, content], ...], sorted by name.
Digest digest_of(const wire::RuleSet& rules) {
    std::vector<std::pair<std::string_view, std::string_view>> files;
    for (const wire::RuleFile& file : rules.files())
        files.emplace_back(file.name(), file.content());
    std::ranges::sort(files);
    cbor::Array encoded;
    for (const auto& [name, content] : files) encoded.emplace_back(cbor::Array{name, content});
    return sha256(as_bytes(cbor::encode(encoded)));
}

} // namespace

std::string_view check(const wire::Finding& finding) {
    if (finding.id().size() != FindingId::size) return "id is not 16 bytes";
    if (finding.version() == 0) return "version is 0";
    if (finding.state() != wire::FINDING_STATE_OPEN &&
        finding.state() != wire::FINDING_STATE_CLOSED)
        return "unknown state";
    if (finding.certainty() < wire::CERTAINTY_SUSPECTED ||
        finding.certainty() > wire::CERTAINTY_CONFIRMED)
        return "unknown certainty";
    if (!is_activity_name(finding.activity())) return "invalid activity";
    if (!is_short(finding.attributes())) return "attribute is too long";
    if (!is_word(finding.close_reason())) return "close reason is too long";
    if (finding.record().size() > maximum_record) return "record is too long";
    if (as_text(sha256(as_bytes(finding.record())).view()) != finding.record_sha256())
        return "record does not match its SHA-256";
    return check(finding.subject());
}

std::string_view check(const wire::RuleSet& rules) {
    if (rules.files_size() > maximum_list) return "too many rule files";
    if (!std::ranges::all_of(rules.files(), is_path, &wire::RuleFile::name))
        return "rule file name is too long";
    if (as_text(digest_of(rules).view()) != rules.digest())
        return "rules do not match their digest";
    return "";
}

std::string_view check(const wire::Gap& gap) {
    if (!is_word(gap.place()) || !is_path(gap.detail())) return "gap has a text that is too long";
    return "";
}

std::string_view check(const wire::Heartbeat& heartbeat) {
    if (heartbeat.capabilities_size() > maximum_list || heartbeat.drops_size() > maximum_list)
        return "heartbeat has a list that is too long";
    for (const wire::Capability& capability : heartbeat.capabilities()) {
        if (!is_word(capability.name()) || !is_path(capability.problem()) ||
            !is_path(capability.source()))
            return "capability has a text that is too long";
    }
    if (!std::ranges::all_of(heartbeat.drops(), is_word, &wire::Drop::place))
        return "drop has a text that is too long";
    return "";
}

} // namespace minewarden::collector
