// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/proven.h"

#include "rules/wire/subject.h"
#include "tests/collector/support/samples.h"

namespace minewarden::test {
namespace {

constexpr auto pack = R"(
pack:
  id: test
  version: 1.0.0
  title: {en: A pack, zh: 规则包}
rules:
  - id: test.login
    title: {en: A login, zh: 登录}
    on: stratum.message
    condition: message = "login"
    family: protocol
    weights: {mining.pool.client: 9500}
    explain: {en: It logged in., zh: 已登录。}
)";

} // namespace

std::shared_ptr<const rules::RuleSet> proven_rules() {
    static const auto rules = *rules::RuleSet::load({{"test.yaml", pack}});
    return rules;
}

wire::RuleSet to_wire(const rules::RuleSet& rules) {
    wire::RuleSet sent;
    sent.set_digest(std::string(as_text(rules.digest().view())));
    for (const rules::RuleFile& file : rules.files()) {
        wire::RuleFile& one = *sent.add_files();
        one.set_name(file.name);
        one.set_content(file.content);
    }
    return sent;
}

rules::VerdictRecord proven_record(std::uint32_t pid) {
    rules::Observation login(rules::ObservationType::stratum_message);
    login.time = {5'000'000'000};
    login.entity = 7;
    login.set(rules::stratum_message::message, std::string("login"));
    rules::VerdictRecord record{
        .rule_set = proven_rules()->digest(),
        .boot = *BootId::from(as_bytes(std::string(16, 'b'))),
        .subject = rules::ImageKey{pid, 123'456'789, 1},
        .activity = *Activity::find("mining.pool.client"),
        .window_span = std::chrono::seconds(10),
        .window = {5},
        .carried = {},
        .evidence = {{"test.login", rules::Family::protocol, 9500, 0, 1, {7}, {{0, login}}}},
        .verdict = {},
        .prior = proven_rules()->numbers().prior,
        .attributes = {}};
    const std::vector<rules::WeighedEvidence> weighed{{rules::Family::protocol, 9500, 0}};
    record.verdict = rules::judge(weighed, record.carried, proven_rules()->numbers());
    return record;
}

rules::VerdictRecord invented_record(std::uint32_t pid) {
    rules::VerdictRecord record = proven_record(pid);
    record.verdict.certainty = rules::Certainty::confirmed;
    record.verdict.next = {rules::Certainty::confirmed, 0};
    return record;
}

wire::Finding finding_of(const rules::VerdictRecord& record, const CurvePublicKey& agent) {
    wire::Finding finding = sample_finding();
    const FindingId id =
        rules::finding_id(agent.view(), record.boot, record.subject, record.activity);
    finding.set_id(std::string(as_text(id.view())));
    finding.set_activity(std::string(record.activity.name()));
    finding.set_certainty(static_cast<wire::Certainty>(record.verdict.certainty));
    wire::Subject& subject = *finding.mutable_subject();
    subject.set_boot_id(std::string(as_text(record.boot.view())));
    rules::set_subject(subject, record.subject);
    set_record(finding, rules::encode_record(record));
    return finding;
}

} // namespace minewarden::test
