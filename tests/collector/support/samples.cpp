// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/samples.h"

#include "common/wire/workload.h"

namespace minewarden::test {

wire::Finding sample_finding() {
    wire::Finding finding;
    finding.set_id(std::string(as_text(random_id<FindingId>().view())));
    finding.set_version(1);
    finding.set_state(wire::FINDING_STATE_OPEN);
    finding.set_activity("mining.pool.client");
    finding.set_certainty(wire::CERTAINTY_PROBABLE);
    finding.set_opened_ns(new_year.ns);
    finding.set_changed_ns(new_year.ns);
    wire::Subject& subject = *finding.mutable_subject();
    subject.set_boot_id(std::string(16, 'b'));
    wire::ProcessSubject& process = *subject.mutable_process();
    process.set_pid(4242);
    process.set_start_boottime_ns(123456789);
    process.set_image(1);
    process.set_command("kworker/0:1");
    process.set_executable("/tmp/.X11-unix/kworker");
    process.set_user_id(1000);
    process.set_started_ns(new_year.ns - 5'000'000'000);
    set_workload(*process.mutable_workload(), parse_workload("0::/system.slice/nginx.service\n"));
    set_record(finding, "not really a record");
    return finding;
}

void set_record(wire::Finding& finding, std::string record) {
    finding.set_record_sha256(std::string(as_text(sha256(as_bytes(record)).view())));
    finding.set_record(std::move(record));
}

wire::FromAgent sample_batch(const StreamId& stream, std::uint64_t first, std::uint64_t last) {
    wire::FromAgent message;
    message.mutable_batch()->set_stream(std::string(as_text(stream.view())));
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
        wire::Record& record = *message.mutable_batch()->add_records();
        record.set_sequence(sequence);
        *record.mutable_finding() = sample_finding();
    }
    return message;
}

SampleDelivery& SampleDelivery::add(std::uint64_t sequence, const wire::Finding& finding) {
    records_.push_back(std::make_shared<std::string>(finding.record()));
    wire::Finding head = finding;
    head.clear_record();
    delivery_.records.push_back(
        {sequence, collector::FindingArrival{*FindingId::from(as_bytes(finding.id())),
                                             finding.version(),
                                             finding.state(),
                                             finding.certainty(),
                                             finding.activity(),
                                             {finding.changed_ns()},
                                             head.SerializeAsString(),
                                             as_bytes(*records_.back())}});
    return *this;
}

SampleDelivery& SampleDelivery::add(std::uint64_t sequence,
                                    decltype(collector::Record::body) body) {
    delivery_.records.push_back({sequence, std::move(body)});
    return *this;
}

collector::Opening sample_opening(const collector::StreamKey& stream, std::string name) {
    return {stream, random_id<BootId>(), std::move(name), "host.example", "0.1.0", 0};
}

} // namespace minewarden::test
