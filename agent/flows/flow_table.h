// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "kernel/flow_abi.h"
#include "rules/observation/observation.h"
#include "rules/recognise/payload.h"

#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

struct FlowObservation {
    abi::subject_id owner; ///< as it was at connect
    rules::Observation observation;
};

/// Follows outbound connections: puts their first payload into order, recognises pool protocols in
/// it and remembers which connections speak one while they stay open.
class FlowTable {
  public:
    explicit FlowTable(std::size_t maximum_flows = 65536) : maximum_flows_(maximum_flows) {}

    std::vector<FlowObservation> on_open(const abi::flow_event& event);
    /// `data` are the valid bytes of the event.
    std::vector<FlowObservation> on_payload(const abi::flow_payload_event& event, ByteView data);
    void on_close(const abi::flow_event& event);

    /// One stratum.session observation for each open connection on which Stratum was recognised.
    [[nodiscard]] std::vector<FlowObservation> sessions(BootTime now) const;

    [[nodiscard]] std::size_t size() const { return flows_.size(); }
    /// Connections forgotten because there were too many at once.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

  private:
    struct Assembly {
        std::array<rules::StreamHead, 2> heads;
        rules::PayloadRecogniser recogniser;
    };
    struct Flow {
        bool open_seen = false;
        abi::subject_id owner{};
        IpAddress remote_address;
        std::uint16_t remote_port = 0;
        BootTime opened;
        std::unique_ptr<Assembly> assembly; ///< nullptr once there is nothing more to look for
        /// Recognised before the opening was seen (payload on the SYN).
        std::vector<std::pair<rules::StratumMessage, rules::Direction>> early;
        // of a recognised session
        bool recognised = false;
        rules::StratumDialect dialect = rules::StratumDialect::monero;
        bool process_is_client = true;
        std::int64_t client_messages = 0;
        std::int64_t server_messages = 0;
        std::list<std::uint64_t>::iterator place; ///< in order_
    };

    Flow& claim(std::uint64_t flow_id);
    static FlowObservation observe(std::uint64_t flow_id, Flow& flow,
                                   const rules::StratumMessage& message, rules::Direction direction,
                                   BootTime time);

    std::size_t maximum_flows_;
    std::unordered_map<std::uint64_t, Flow> flows_;
    std::list<std::uint64_t> order_; ///< flow ids, oldest first
    std::uint64_t forgotten_ = 0;
};

} // namespace minewarden::agent
