// SPDX-License-Identifier: Apache-2.0
#include "collector/render/finding_json.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace minewarden::collector {
namespace {

/// A collector that was never sent any rules.
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

TEST(FindingJson, ASummaryHasTheSubjectInShortAndNoEvidence) {
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

TEST(FindingJson, ARecordThatCannotBeReadIsSaid) {
    wire::Finding finding = test::sample_finding();
    test::set_record(finding, "\xff\xff no CBOR");
    const auto json = render_finding(stored(finding), NoRules());
    EXPECT_TRUE(json["record_problem"].is_string());
    EXPECT_FALSE(json.contains("evidence"));
}

// A compromised host has a valid key and sends what it likes.
TEST(FindingJson, TimesFromTheEndsOfTheWorldAreShownAndDoNoHarm) {
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

TEST(FindingJson, TextThatIsNoUtf8IsReplacedInOutput) {
    const nlohmann::json broken{{"name", "a\xff"}};
    EXPECT_EQ(to_text(broken), "{\"name\":\"a\xef\xbf\xbd\"}");
}

} // namespace
} // namespace minewarden::collector
