// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/payload_reading.h"

#include <algorithm>

namespace minewarden::agent {

void PayloadReading::begin(std::uint64_t flow_id, rules::StreamStart start, bool keep) {
    stop(flow_id);
    const auto place = order_.insert(order_.end(), flow_id);
    readers_.try_emplace(flow_id, Reader{{}, rules::PayloadRecogniser(start), keep, place});
    if (keep) ++kept_;
    make_room();
}

void PayloadReading::keep(std::uint64_t flow_id) {
    const auto reader = readers_.find(flow_id);
    if (reader == readers_.end() || reader->second.keep) return;
    reader->second.keep = true;
    ++kept_;
}

void PayloadReading::stop(std::uint64_t flow_id) {
    const auto reader = readers_.find(flow_id);
    if (reader == readers_.end()) return;
    if (reader->second.keep) --kept_;
    order_.erase(reader->second.place);
    readers_.erase(reader);
}

void PayloadReading::forget(std::uint64_t flow_id) {
    stop(flow_id);
    to_read_again_.remove(flow_id);
}

void PayloadReading::pause(std::uint64_t flow_id) {
    stop(flow_id);
    queue(flow_id);
}

// A program that opens many connections and sends half a message in each must not use up memory.
void PayloadReading::make_room() {
    for (std::size_t looked = order_.size(); readers_.size() > maximum && looked > 0; --looked) {
        const std::uint64_t oldest = order_.front();
        if (readers_.at(oldest).keep && kept_ <= maximum / 2) {
            order_.splice(order_.end(), order_, order_.begin());
            continue;
        }
        pause(oldest);
        ++displaced_;
    }
}

std::vector<RecognisedMessage> PayloadReading::feed(std::uint64_t flow_id,
                                                    rules::Direction direction,
                                                    std::uint32_t offset, ByteView piece,
                                                    BootTime time) {
    const auto found = readers_.find(flow_id);
    if (found == readers_.end()) {
        queue(flow_id); // or the event of its being read again was lost
        return {};
    }
    Reader& reader = found->second;
    rules::StreamHead& head = reader.heads[static_cast<std::size_t>(direction)];
    const std::string_view fresh = head.add(offset, piece);
    std::vector<RecognisedMessage> recognised;
    for (rules::MiningMessage& message : reader.recogniser.feed(direction, fresh))
        recognised.push_back({std::move(message), direction, time});
    for (auto& [handshake, side] : reader.recogniser.take_handshakes())
        recognised.push_back({std::move(handshake), side, time});
    const auto is_full = [](const rules::StreamHead& each) {
        return each.contiguous() >= rules::StreamHead::window;
    };
    if (!reader.recogniser.wants_more() || std::ranges::all_of(reader.heads, is_full))
        pause(flow_id);
    else if (std::ranges::any_of(reader.heads, is_full))
        queue(flow_id); // the other direction is read on until then
    return recognised;
}

} // namespace minewarden::agent
