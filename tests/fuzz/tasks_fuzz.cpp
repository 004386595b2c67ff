// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/connections.h"
#include "agent/processes/task_table.h"
#include "common/bytes.h"

#include <cstring>

using namespace minewarden;
using namespace minewarden::agent;

/// What the kernel hands over: iterator records and flow events.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TaskTable table;
    (void)parse_tasks(as_text({data, size}), table);
    static const auto no_lists = *rules::IndicatorSet::load({});
    const ProcessTable processes([](const abi::subject_id&) { return true; });
    Connections connections(processes, no_lists, 4);
    ByteView rest(data, size);
    while (rest.size() >= sizeof(abi::flow_payload_event)) {
        abi::flow_payload_event event;
        std::memcpy(&event, rest.data(), sizeof(event));
        rest = rest.subspan(sizeof(event));
        event.flow_id %= 8;
        abi::flow_event flow{};
        flow.flow_id = event.flow_id;
        if (event.header.type % 3 == 0) (void)connections.on_open(flow);
        if (event.header.type % 3 == 1) (void)connections.on_close(flow);
        const std::size_t length = std::min<std::size_t>(event.length, rest.size());
        (void)connections.on_payload(event, rest.first(length));
        rest = rest.subspan(length);
        (void)connections.sessions({1});
    }
    return 0;
}
