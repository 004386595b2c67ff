// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/message_reader.h"

#include "collector/intake/finding_checks.h"
#include "collector/intake/wire_fields.h"
#include "collector/visibility/presence.h"

#include <map>

namespace minewarden::collector {
namespace {

/// Bounds the memory for a message of many empty records.
constexpr std::size_t maximum_records = 65536;
constexpr std::size_t maximum_name = 256;

template <class Parsed>
bool parse(Parsed& message, ByteView bytes) {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

decltype(Record::body) read_rule_set(ByteView bytes) {
    wire::RuleSet rules;
    if (!parse(rules, bytes)) return RejectedRecord{"rule set is not protobuf"};
    if (const auto reason = check(rules); !reason.empty()) return RejectedRecord{reason};
    return RuleSetArrival{*Digest::from(as_bytes(rules.digest())), bytes};
}

decltype(Record::body) read_gap(ByteView bytes) {
    wire::Gap gap;
    if (!parse(gap, bytes)) return RejectedRecord{"gap is not protobuf"};
    if (const auto reason = check(gap); !reason.empty()) return RejectedRecord{reason};
    return GapArrival{gap.place(), gap.lost(), {gap.from_ns()}, {gap.until_ns()}, gap.detail()};
}

/// Splits a finding into its verdict record and the rest. If there are several records, uses the
/// last one, as protobuf does.
void split(ByteView bytes, FindingArrival& arrival) {
    WireFields fields(bytes);
    ByteView kept = bytes; // after the last record
    const auto keep_until = [&](ByteView end) {
        arrival.head += as_text(kept.first(kept.size() - end.size()));
    };
    for (ByteView before = bytes; const auto field = fields.next(); before = fields.rest()) {
        if (field->id != wire::Finding::kRecordFieldNumber ||
            field->type != WireFields::Type::bytes)
            continue;
        keep_until(before);
        arrival.record = field->bytes;
        kept = fields.rest();
    }
    keep_until({});
}

decltype(Record::body) read_finding(wire::Finding& finding, ByteView bytes) {
    if (!parse(finding, bytes)) return RejectedRecord{"finding is not protobuf"};
    if (const auto reason = check(finding); !reason.empty()) return RejectedRecord{reason};
    FindingArrival arrival{*FindingId::from(as_bytes(finding.id())),
                           finding.version(),
                           finding.state(),
                           finding.certainty(),
                           finding.activity(),
                           {finding.changed_ns()},
                           {},
                           {}};
    split(bytes, arrival);
    return arrival;
}

/// Sorted by name, so that the stored problems do not depend on the order in the heartbeat.
std::vector<CapabilityProblem> problems_of(const wire::Heartbeat& heartbeat) {
    std::map<std::string, std::string> problems;
    for (const wire::Capability& capability : heartbeat.capabilities()) {
        if (problems.size() == HeartbeatMessage::maximum_problems) break;
        if (!capability.working() || !capability.problem().empty())
            problems.emplace(capability.name(), capability.problem());
    }
    std::vector<CapabilityProblem> list;
    list.reserve(problems.size());
    for (auto& [capability, problem] : problems) list.push_back({capability, std::move(problem)});
    return list;
}

} // namespace

Result<Message, MessageFault> MessageReader::read(ByteView message) {
    if (message.size() > maximum_message) return fail(MessageFault::oversized);
    WireFields fields(message);
    const auto body = fields.next();
    // Exactly one body: protobuf would silently use the last of two.
    if (!body || body->type != WireFields::Type::bytes || fields.next() || !fields.is_whole())
        return fail(MessageFault::malformed);
    switch (body->id) {
    case wire::FromAgent::kHelloFieldNumber:
        return read_hello(body->bytes);
    case wire::FromAgent::kBatchFieldNumber:
        return read_batch(body->bytes);
    case wire::FromAgent::kHeartbeatFieldNumber:
        return read_heartbeat(body->bytes);
    case wire::FromAgent::kGoodbyeFieldNumber:
        return Message(GoodbyeMessage{});
    default:
        return fail(MessageFault::malformed);
    }
}

Result<Message, MessageFault> MessageReader::read_hello(ByteView bytes) {
    wire::Hello hello;
    if (!parse(hello, bytes)) return fail(MessageFault::malformed);
    if (hello.protocol() != protocol_version) return fail(MessageFault::wrong_version);
    const auto stream = StreamId::from(as_bytes(hello.stream()));
    const auto boot_id = BootId::from(as_bytes(hello.boot_id()));
    if (!stream || !boot_id || hello.agent_version().size() > maximum_name ||
        hello.host_name().size() > maximum_name)
        return fail(MessageFault::malformed);
    // SQLite and PostgreSQL only have signed integers.
    if (hello.first_sequence() > INT64_MAX) return fail(MessageFault::malformed);
    return Message(HelloMessage{*stream, *boot_id, hello.agent_version(), hello.host_name(),
                                hello.first_sequence(),
                                to_interval(hello.heartbeat_interval_ns())});
}

Result<Message, MessageFault> MessageReader::read_batch(ByteView bytes) {
    BatchMessage batch;
    bool has_stream = false;
    WireFields fields(bytes);
    while (const auto field = fields.next()) {
        if (field->type != WireFields::Type::bytes) continue; // from a newer version
        if (field->id == wire::Batch::kStreamFieldNumber) {
            const auto stream = StreamId::from(field->bytes);
            if (!stream || has_stream) return fail(MessageFault::malformed);
            batch.stream = *stream;
            has_stream = true;
        } else if (field->id == wire::Batch::kRecordsFieldNumber) {
            auto record = read_record(field->bytes);
            if (!record || batch.records.size() == maximum_records)
                return fail(MessageFault::malformed);
            batch.records.push_back(std::move(*record));
        }
    }
    if (!fields.is_whole() || !has_stream) return fail(MessageFault::malformed);
    return Message(std::move(batch));
}

Result<Message, MessageFault> MessageReader::read_heartbeat(ByteView bytes) {
    wire::Heartbeat heartbeat;
    if (!parse(heartbeat, bytes) || !check(heartbeat).empty()) return fail(MessageFault::malformed);
    return Message(HeartbeatMessage{bytes, to_interval(heartbeat.heartbeat_interval_ns()),
                                    problems_of(heartbeat),
                                    Digest::from(as_bytes(heartbeat.rule_set()))});
}

std::optional<Record> MessageReader::read_record(ByteView bytes) {
    Record record{0, RejectedRecord{"unknown content"}};
    bool has_body = false;
    WireFields fields(bytes);
    while (const auto field = fields.next()) {
        if (field->id == wire::Record::kSequenceFieldNumber &&
            field->type == WireFields::Type::number) {
            record.sequence = field->number;
            continue;
        }
        const bool is_body = field->id == wire::Record::kFindingFieldNumber ||
                             field->id == wire::Record::kRuleSetFieldNumber ||
                             field->id == wire::Record::kGapFieldNumber;
        if (!is_body) continue; // from a newer version
        if (field->type != WireFields::Type::bytes || has_body) return std::nullopt;
        has_body = true;
        if (field->id == wire::Record::kFindingFieldNumber)
            record.body = read_finding(finding_, field->bytes);
        else if (field->id == wire::Record::kRuleSetFieldNumber)
            record.body = read_rule_set(field->bytes);
        else
            record.body = read_gap(field->bytes);
    }
    // SQLite and PostgreSQL only have signed integers.
    const bool has_sequence = record.sequence > 0 && record.sequence <= INT64_MAX;
    if (!fields.is_whole() || !has_sequence) return std::nullopt;
    return record;
}

} // namespace minewarden::collector
