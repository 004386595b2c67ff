// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/message_reader.h"
#include "collector/intake/wire_fields.h"
#include "rules/rule_set/rule_set.h"
#include "tests/collector/support/proven.h"
#include "tests/collector/support/samples.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace minewarden::collector {
namespace {

using test::random_id;
using test::sample_batch;
using test::sample_finding;

/// The records of a valid batch.
std::vector<Record> records_of(MessageReader& reader, std::string_view bytes) {
    auto message = reader.read(as_bytes(bytes));
    if (!message || !std::holds_alternative<BatchMessage>(*message)) return {};
    return std::get<BatchMessage>(std::move(*message)).records;
}

std::string_view reason_of(const Record& record) {
    const auto* rejected = std::get_if<RejectedRecord>(&record.body);
    return rejected == nullptr ? "" : rejected->reason;
}

TEST(MessageReader, SplitsTheRecordFromAFindingAndKeepsTheRest) {
    wire::FromAgent message = sample_batch(random_id<StreamId>(), 1, 3);
    wire::Finding head = message.batch().records(1).finding();
    const std::string record = head.record();
    head.clear_record();
    const std::string bytes = message.SerializeAsString();
    MessageReader reader;
    const auto records = records_of(reader, bytes);
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[1].sequence, 2u);
    const auto& finding = std::get<FindingArrival>(records[1].body);
    EXPECT_EQ(finding.head, head.SerializeAsString());
    EXPECT_EQ(as_text(finding.record), record);
    EXPECT_EQ(finding.activity, "mining.pool.client");
    EXPECT_EQ(finding.certainty, wire::CERTAINTY_PROBABLE);
    EXPECT_EQ(finding.changed_at, test::new_year);
}

// As in protobuf: fields in any order, the last of a repeated field, unknown fields kept.
TEST(MessageReader, UsesTheLastOfSeveralRecords) {
    wire::Finding finding = sample_finding();
    wire::Finding head = finding;
    head.clear_record();
    const std::string bytes = std::string("\x52\x05", 2) + "first" + head.SerializeAsString() +
                              std::string("\x52\x13", 2) + finding.record() +
                              std::string("\xfa\x01\x02hi", 5);
    ASSERT_EQ(finding.record().size(), 0x13u);
    wire::FromAgent message;
    message.mutable_batch()->set_stream(std::string(16, 's'));
    message.mutable_batch()->add_records()->set_sequence(1);
    std::string record = message.batch().records(0).SerializeAsString();
    record += static_cast<char>(0x12);
    record += static_cast<char>(0x80 | (bytes.size() & 0x7f));
    record += static_cast<char>(bytes.size() >> 7);
    record += bytes;
    message.mutable_batch()->clear_records();
    std::string batch = message.batch().SerializeAsString();
    batch += static_cast<char>(0x12);
    batch += static_cast<char>(0x80 | (record.size() & 0x7f));
    batch += static_cast<char>(record.size() >> 7);
    batch += record;
    std::string whole = "\x12";
    whole += static_cast<char>(0x80 | (batch.size() & 0x7f));
    whole += static_cast<char>(batch.size() >> 7);
    whole += batch;
    MessageReader reader;
    const auto records = records_of(reader, whole);
    ASSERT_EQ(records.size(), 1u);
    ASSERT_EQ(reason_of(records[0]), "");
    const auto& arrival = std::get<FindingArrival>(records[0].body);
    EXPECT_EQ(as_text(arrival.record), finding.record());
    EXPECT_EQ(arrival.head, head.SerializeAsString() + std::string("\xfa\x01\x02hi", 5));
}

TEST(MessageReader, SkipsFieldsFromNewerVersions) {
    std::string bytes = sample_batch(random_id<StreamId>(), 1, 1).batch().SerializeAsString();
    bytes += std::string("\xf8\x01\x05", 3);          // field 31, a number
    bytes += std::string("\xfa\x01\x02hi", 5);        // field 31, bytes
    bytes += std::string("\xfd\x01", 2) + "four";     // field 31, 32 bits
    bytes += std::string("\xf9\x01", 2) + "eightbyt"; // field 31, 64 bits
    std::string message = "\x12";
    message += static_cast<char>(0x80 | (bytes.size() & 0x7f));
    message += static_cast<char>(bytes.size() >> 7);
    message += bytes;
    MessageReader reader;
    const auto records = records_of(reader, message);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(reason_of(records[0]), "");
}

TEST(MessageReader, ReportsTheFaultOfARecord) {
    struct Case {
        const char* reason;
        std::function<void(wire::Finding&)> spoil;
    };
    const std::vector<Case> cases{
        {"id is not 16 bytes", [](auto& finding) { finding.set_id("x"); }},
        {"version is 0", [](auto& finding) { finding.set_version(0); }},
        {"unknown state", [](auto& finding) { finding.clear_state(); }},
        {"unknown certainty", [](auto& finding) { finding.clear_certainty(); }},
        {"invalid activity", [](auto& finding) { finding.set_activity("Mining!"); }},
        {"close reason is too long",
         [](auto& finding) { finding.set_close_reason(std::string(300, 'r')); }},
        {"record does not match its SHA-256",
         [](auto& finding) { finding.set_record_sha256(std::string(32, 'x')); }},
        {"record is too long",
         [](auto& finding) { finding.set_record(std::string((1 << 20) + 1, 'x')); }},
        {"boot id is not 16 bytes",
         [](auto& finding) { finding.mutable_subject()->set_boot_id(""); }},
        {"boot id is not 16 bytes", [](auto& finding) { finding.clear_subject(); }},
        {"workload has a text that is too long",
         [](auto& finding) {
             finding.mutable_subject()->mutable_process()->mutable_workload()->set_unit(
                 std::string(300, 'u'));
         }},
        {"workload has a text that is too long",
         [](auto& finding) {
             finding.mutable_subject()->mutable_process()->mutable_workload()->set_claim(
                 std::string(300, 'u'));
         }},
        {"subject has a text that is too long",
         [](auto& finding) {
             finding.mutable_subject()->mutable_process()->set_loader(std::string(5000, 'l'));
         }},
    };
    MessageReader reader;
    for (const Case& wrong : cases) {
        wire::FromAgent message = sample_batch(random_id<StreamId>(), 1, 1);
        wrong.spoil(*message.mutable_batch()->mutable_records(0)->mutable_finding());
        const std::string bytes = message.SerializeAsString();
        const auto records = records_of(reader, bytes);
        ASSERT_EQ(records.size(), 1u) << wrong.reason;
        EXPECT_EQ(reason_of(records[0]), wrong.reason);
    }
}

TEST(MessageReader, ChecksTheDigestOfRules) {
    const auto rules = rules::RuleSet::load({});
    ASSERT_TRUE(rules);
    wire::FromAgent message;
    message.mutable_batch()->set_stream(std::string(16, 's'));
    wire::Record& record = *message.mutable_batch()->add_records();
    record.set_sequence(1);
    *record.mutable_rule_set() = test::to_wire(**rules);
    MessageReader reader;
    std::string bytes = message.SerializeAsString();
    EXPECT_TRUE(std::holds_alternative<RuleSetArrival>(records_of(reader, bytes).at(0).body));
    record.mutable_rule_set()->add_files()->set_name("other.yaml");
    bytes = message.SerializeAsString();
    EXPECT_EQ(reason_of(records_of(reader, bytes).at(0)), "rules do not match their digest");
}

TEST(MessageReader, RefusesInvalidSequences) {
    MessageReader reader;
    for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1} << 63, UINT64_MAX}) {
        wire::FromAgent message = sample_batch(random_id<StreamId>(), 1, 1);
        message.mutable_batch()->mutable_records(0)->set_sequence(sequence);
        const auto read = reader.read(as_bytes(message.SerializeAsString()));
        ASSERT_FALSE(read) << sequence;
        EXPECT_EQ(read.error(), MessageFault::malformed);
    }
}

TEST(MessageReader, RefusesABatchOfTooManyRecords) {
    wire::FromAgent message;
    message.mutable_batch()->set_stream(std::string(16, 's'));
    for (std::uint64_t i = 1; i <= 70000; ++i)
        message.mutable_batch()->add_records()->set_sequence(i);
    MessageReader reader;
    EXPECT_FALSE(reader.read(as_bytes(message.SerializeAsString())));
}

TEST(MessageReader, ListsIncompleteCapabilities) {
    wire::FromAgent message;
    wire::Heartbeat& heartbeat = *message.mutable_heartbeat();
    heartbeat.set_heartbeat_interval_ns(5'000'000'000);
    const auto add = [&](const char* name, bool works, const char* problem) {
        wire::Capability& capability = *heartbeat.add_capabilities();
        capability.set_name(name);
        capability.set_working(works);
        capability.set_problem(problem);
    };
    add("task", true, "");
    add("flow", false, "no BPF");
    add("fp-mode", true, "not prompt");
    add("flow", false, "named twice");
    const std::string bytes = message.SerializeAsString();
    const auto read = MessageReader().read(as_bytes(bytes));
    ASSERT_TRUE(read);
    const auto& heard = std::get<HeartbeatMessage>(*read);
    EXPECT_EQ(heard.interval, std::chrono::seconds(5));
    EXPECT_EQ(heard.problems,
              (std::vector<CapabilityProblem>{{"flow", "no BPF"}, {"fp-mode", "not prompt"}}));
    for (int i = 0; i < 900; ++i) add(("s" + std::to_string(i)).c_str(), false, "");
    const std::string many = message.SerializeAsString();
    const auto bounded = MessageReader().read(as_bytes(many));
    ASSERT_TRUE(bounded);
    EXPECT_EQ(std::get<HeartbeatMessage>(*bounded).problems.size(),
              HeartbeatMessage::maximum_problems);
}

TEST(MessageReader, RefusesAHeartbeatWithLongTexts) {
    wire::FromAgent message;
    message.mutable_heartbeat()->add_capabilities()->set_problem(std::string(5000, 'p'));
    MessageReader reader;
    EXPECT_FALSE(reader.read(as_bytes(message.SerializeAsString())));
}

// With sanitizers: the reader never reads past the end of a message.
TEST(MessageReader, SurvivesMutatedMessages) {
    std::mt19937 random(1);
    const auto below = [&](std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    wire::FromAgent message = sample_batch(random_id<StreamId>(), 1, 3);
    message.mutable_batch()->add_records()->mutable_gap()->set_place("outbox");
    const std::string good = message.SerializeAsString();
    MessageReader reader;
    std::size_t read = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string bytes = good;
        for (std::size_t i = below(4) + 1; i > 0; --i)
            bytes[below(bytes.size())] = static_cast<char>(below(256));
        if (below(4) == 0) bytes.resize(below(bytes.size()) + 1);
        // A separate copy, so that a read past the end is detected.
        const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
        if (reader.read(exact)) ++read;
    }
    EXPECT_GT(read, 0u);
}

TEST(WireFields, DetectsInvalidEncodings) {
    const auto is_whole = [](std::string_view bytes) {
        WireFields fields(as_bytes(bytes));
        while (fields.next()) {
        }
        return fields.is_whole();
    };
    using namespace std::string_view_literals;
    EXPECT_TRUE(is_whole(""sv));
    EXPECT_TRUE(is_whole("\x08\x01"sv));
    EXPECT_TRUE(is_whole("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv));
    EXPECT_TRUE(is_whole("\x0a\x02hi\x0d\x01\x02\x03\x04"sv));
    EXPECT_FALSE(is_whole("\x08"sv));                                         // no value
    EXPECT_FALSE(is_whole("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv)); // more than 64 bits
    EXPECT_FALSE(is_whole("\x0a\x05hi"sv));                                   // past the end
    EXPECT_FALSE(is_whole("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv)); // far past the end
    EXPECT_FALSE(is_whole("\x00\x01"sv));                                     // field 0
    EXPECT_FALSE(is_whole("\x0d\x01\x02\x03"sv));                             // 3 of 4 bytes
    EXPECT_FALSE(is_whole("\x88\x80\x80\x80\x10\x01"sv));     // field above 2^29 - 1
    EXPECT_FALSE(is_whole("\x88\x80\x80\x80\x80\x02\x01"sv)); // a tag that is too long
    EXPECT_FALSE(is_whole("\x0b\x0c"sv));                     // a group
}

} // namespace
} // namespace minewarden::collector
