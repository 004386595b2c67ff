// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace minewarden::agent {

/// What the agent counts in user space because it was lost, left out or not known. Places in the
/// kernel are in kernel/error_abi.h. docs/visibility.md explains all of them.
enum class Place : std::uint8_t {
    malformed_event,
    process_event_missed,
    flow_forgotten,
    flow_payload_unread,
    flow_holders_unfinished,
    flow_counts_unfinished,
    listener_forgotten,
    flow_message_without_owner,
    flow_owner_gone,
    flow_end_missed,
    dns_encrypted,
    dns_malformed,
    dns_owner_unknown,
    dns_stream_incomplete,
    dns_name_forgotten,
    fp_sample_skipped,
    record_given_up,
    outbox_lost,
};

struct PlaceSpec {
    Place place;
    std::string_view name; ///< in heartbeats and gaps
    bool is_gap;           ///< reported as a gap: a rule may have lost something
    std::string_view meaning;
};

/// All places, in the order of the enum. To add one, add a line here and in docs/visibility.md.
inline constexpr std::array<PlaceSpec, 18> place_specs{{
    {Place::malformed_event, "MALFORMED_EVENT", true, "malformed events of the kernel"},
    {Place::process_event_missed, "PROCESS_EVENT_MISSED", true,
     "processes first seen in a pull and not by their events"},
    {Place::flow_forgotten, "FLOW_FORGOTTEN", true, "connections forgotten to bound memory"},
    {Place::flow_payload_unread, "FLOW_PAYLOAD_UNREAD", true,
     "connections whose payload was not read on to bound memory"},
    {Place::flow_holders_unfinished, "FLOW_HOLDERS_UNFINISHED", true,
     "searches for owners that did not get through all descriptors of the host in a second"},
    {Place::flow_counts_unfinished, "FLOW_COUNTS_UNFINISHED", true,
     "looks at the traffic that did not get through all descriptors of the host in a second"},
    {Place::listener_forgotten, "LISTENER_FORGOTTEN", true,
     "listening sockets not remembered to bound memory"},
    {Place::flow_message_without_owner, "FLOW_MESSAGE_WITHOUT_OWNER", false,
     "recognised messages of connections whose owner was not found"},
    {Place::flow_owner_gone, "FLOW_OWNER_GONE", false,
     "recognised messages whose process had ended before they were judged"},
    {Place::flow_end_missed, "FLOW_END_MISSED", false,
     "connections that ended without an event and were found by a look"},
    {Place::dns_encrypted, "DNS_ENCRYPTED", false,
     "connections to resolvers for encrypted queries, whose answers are not seen"},
    {Place::dns_malformed, "DNS_MALFORMED", false, "malformed answers of name servers"},
    {Place::dns_owner_unknown, "DNS_OWNER_UNKNOWN", false,
     "answers on sockets that are older than the agent"},
    {Place::dns_stream_incomplete, "DNS_STREAM_INCOMPLETE", false,
     "TCP streams of name servers of which a part was missing"},
    {Place::dns_name_forgotten, "DNS_NAME_FORGOTTEN", false,
     "addresses of listed names forgotten to bound memory"},
    {Place::fp_sample_skipped, "FP_SAMPLE_SKIPPED", false,
     "samples of rounding modes not taken because the thread must not be interrupted"},
    {Place::record_given_up, "RECORD_GIVEN_UP", false,
     "records given up in memory, which a gap of place agent reports"},
    {Place::outbox_lost, "OUTBOX_LOST", false,
     "records lost in the outbox, which a gap of place stream reports"},
}};

/// How often each place was counted since the agent started.
class PlaceCounts {
  public:
    std::uint64_t& operator[](Place place) { return counts_[static_cast<std::size_t>(place)]; }
    std::uint64_t operator[](Place place) const { return counts_[static_cast<std::size_t>(place)]; }

  private:
    std::array<std::uint64_t, place_specs.size()> counts_{};
};

} // namespace minewarden::agent
