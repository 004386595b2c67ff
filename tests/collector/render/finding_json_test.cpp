// SPDX-License-Identifier: Apache-2.0
#include "collector/render/finding_json.h"
#include "common/wire/workload.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace minewarden::collector {
namespace {

/// A collector without rules.
class NoRules : public RuleSource {
  public:
    std::shared_ptr<const rules::RuleSet> find(const Digest&) const override { return nullptr; }
};

StoredFinding stored(wire::Finding finding) {
    StoredFinding result;
    result.host_name = "web-1.example";
    result.agent_name = "web-1";
    result.received_at = test::new_year;
    result.finding = std::move(finding);
    return result;
}

TEST(FindingJson, NamesStateCertaintyAndTimes) {
    const wire::Finding finding = test::sample_finding();
    const auto json = render_finding(stored(finding), NoRules());
    EXPECT_EQ(json["state"], "open");
    EXPECT_EQ(json["certainty"], certainty_name(finding.certainty()));
    EXPECT_EQ(json["id"], to_hex(as_bytes(finding.id())));
    EXPECT_EQ(json["received_at"], "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(json["agent"]["name"], "web-1");
    EXPECT_EQ(json["host_name"], "web-1.example");
}

TEST(FindingJson, ASummaryHasAShortSubjectAndNoEvidence) {
    const StoredFinding finding = stored(test::sample_finding());
    const auto json = render_summary(finding);
    const auto whole = render_finding(finding, NoRules());
    for (const char* key : {"id", "version", "state", "activity", "activity_title", "certainty",
                            "opened_at", "changed_at", "received_at", "host_name", "agent",
                            "close_reason", "current", "recomputed", "cursor"})
        EXPECT_EQ(json[key], whole[key]) << key;
    EXPECT_EQ(json["subject"], (nlohmann::json{{"kind", "process"},
                                               {"pid", 4242},
                                               {"command", "kworker/0:1"},
                                               {"executable", "/tmp/.X11-unix/kworker"},
                                               {"user_id", 1000},
                                               {"workload", {{"label", "nginx.service"}}}}));
    EXPECT_FALSE(json.contains("evidence"));
    EXPECT_FALSE(json.contains("record_sha256"));
}

TEST(FindingJson, ReportsAnUnreadableRecord) {
    wire::Finding finding = test::sample_finding();
    test::set_record(finding, "\xff\xff no CBOR");
    const auto json = render_finding(stored(finding), NoRules());
    EXPECT_TRUE(json["record_problem"].is_string());
    EXPECT_FALSE(json.contains("evidence"));
}

/// The names of a finding's notes. Each must have a text in both languages.
std::vector<std::string> note_names(const nlohmann::json& finding) {
    std::vector<std::string> names;
    for (const nlohmann::json& note : finding["subject"]["notes"]) {
        EXPECT_FALSE(note["text"]["en"].get<std::string>().empty());
        EXPECT_FALSE(note["text"]["zh"].get<std::string>().empty());
        names.push_back(note["name"]);
    }
    return names;
}

TEST(FindingJson, NotesUncertainWorkloads) {
    using Names = std::vector<std::string>;
    struct Case {
        const char* path;
        HostNamespaces namespaces;
        Names notes;
    };
    const std::string id(64, 'a');
    const std::string docker = "/docker/" + id;
    const std::string claimed = "/user.slice/user-1.slice/user@1.service/docker-" + id + ".scope";
    const std::string inner = docker + docker;
    for (const Case& each :
         {Case{"/a.service", HostNamespaces::shared, {}}, Case{"/", HostNamespaces::shared, {}},
          Case{"/", HostNamespaces::other, {"other-namespaces"}},
          Case{"/", HostNamespaces::unknown, {"namespaces-unknown"}},
          Case{docker.c_str(), HostNamespaces::other, {"pod-unknown"}},
          Case{claimed.c_str(), HostNamespaces::other, {"named-by-user"}},
          Case{inner.c_str(), HostNamespaces::other, {"named-by-container", "pod-unknown"}},
          Case{"/default/app", HostNamespaces::other, {"form-only", "pod-unknown"}}}) {
        wire::Finding finding = test::sample_finding();
        const CgroupView view{.namespaces = each.namespaces, .has_pods = true};
        set_workload(*finding.mutable_subject()->mutable_process()->mutable_workload(),
                     parse_workload(std::string("0::") + each.path + "\n", view));
        const auto json = render_finding(stored(finding), NoRules());
        EXPECT_EQ(note_names(json), each.notes) << each.path;
    }
}

TEST(FindingJson, HasAllPartsOfTheWorkload) {
    wire::Finding finding = test::sample_finding();
    wire::Workload& workload = *finding.mutable_subject()->mutable_process()->mutable_workload();
    set_workload(workload, parse_workload("0::/slurm/uid_1000/job_123/step_0\n"));
    workload.set_kind("newer-kind");
    const auto json = render_finding(stored(finding), NoRules())["subject"]["workload"];
    EXPECT_EQ(json["kind"], "newer-kind") << "of a newer agent";
    EXPECT_EQ(json["runtime"], "slurm");
    EXPECT_EQ(json["group_kind"], "job");
    EXPECT_EQ(json["group"], "123");
    EXPECT_EQ(json["step"], "0");
    EXPECT_EQ(json["user"], "1000");
    EXPECT_EQ(json["named_by"], "host");
}

TEST(FindingJson, NotesAProgramStartedThroughTheLoader) {
    wire::Finding finding = test::sample_finding();
    EXPECT_TRUE(render_finding(stored(finding), NoRules())["subject"]["loader"].is_null());
    wire::ProcessSubject& process = *finding.mutable_subject()->mutable_process();
    process.set_loader("/lib64/ld.so");
    const auto known = render_finding(stored(finding), NoRules());
    EXPECT_EQ(known["subject"]["loader"], "/lib64/ld.so");
    EXPECT_EQ(note_names(known), std::vector<std::string>{"started-through-loader"});
    process.set_executable("/lib64/ld.so");
    const auto unknown = render_finding(stored(finding), NoRules());
    EXPECT_NE(unknown["subject"]["notes"], known["subject"]["notes"]);
}

// A compromised host has a valid key and can send anything.
TEST(FindingJson, ShowsExtremeTimes) {
    for (const std::int64_t time :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        wire::Finding finding = test::sample_finding();
        finding.set_opened_ns(time);
        finding.set_changed_ns(time);
        finding.mutable_subject()->mutable_process()->set_started_ns(time);
        finding.mutable_subject()->mutable_process()->set_start_boottime_ns(
            std::numeric_limits<std::uint64_t>::max());
        EXPECT_TRUE(render_finding(stored(finding), NoRules())["opened_at"].is_string());
    }
}

TEST(FindingJson, WritesIntegersAsTextThatADoubleWouldRound) {
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    const nlohmann::json numbers{
        {"list", {exact, exact + 1, -exact, -exact - 1}},
        {"nested", {{"unsigned", std::numeric_limits<std::uint64_t>::max()}, {"fraction", 1.5}}}};
    EXPECT_EQ(
        to_text(numbers),
        R"({"list":[9007199254740992,"9007199254740993",-9007199254740992,)"
        R"("-9007199254740993"],"nested":{"fraction":1.5,"unsigned":"18446744073709551615"}})");
}

TEST(FindingJson, WritesTheNumbersOfAnIdentityAlwaysAsText) {
    wire::Finding finding = test::sample_finding();
    finding.mutable_subject()->mutable_process()->set_start_boottime_ns(5);
    EXPECT_EQ(render_finding(stored(finding), NoRules())["subject"]["start_boottime_ns"], "5");
    finding.mutable_subject()->mutable_workload()->set_cgroup_id(6);
    EXPECT_EQ(render_finding(stored(finding), NoRules())["subject"]["cgroup_id"], "6");
}

TEST(FindingJson, ReplacesInvalidUtf8) {
    const nlohmann::json broken{{"name", "a\xff"}};
    EXPECT_EQ(to_text(broken), "{\"name\":\"a\xef\xbf\xbd\"}");
}

} // namespace
} // namespace minewarden::collector
