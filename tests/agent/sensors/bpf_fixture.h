// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/sensors.h"
#include "kernel/flow_abi.h"
#include "kernel/process_abi.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>
#include <unistd.h>

namespace minewarden::agent {

/// How much slower than a real machine this one is: the emulated ones of tests/kernels say so.
inline int time_scale() {
    const char* text = std::getenv("MINEWARDEN_TEST_TIME_SCALE");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

/// Why BPF cannot be used here at all; nothing if it can. Whatever else fails is a defect.
inline std::optional<std::string> why_no_bpf() {
    if (::geteuid() != 0) return "needs root";
    const Fd map(::bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, nullptr));
    if (!map) return std::string("no BPF here: ") + std::strerror(errno);
    return std::nullopt;
}

/// All sensors of this kernel, attached; events are kept for the test to look through. Skipped by
/// name where BPF cannot be used.
class BpfTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto reason = why_no_bpf()) GTEST_SKIP() << *reason;
        auto attached = Sensors::attach(
            [this](ByteView event) { events_.emplace_back(event.begin(), event.end()); });
        ASSERT_TRUE(attached) << attached.error().message;
        sensors_ = std::move(*attached);
        for (const SensorStatus& status : sensors_->status())
            ASSERT_TRUE(status.working) << status.name << ": " << status.problem;
    }

    /// Drains until `done` is true, for at most two seconds on a real machine.
    bool drain_until(const std::function<bool()>& done) {
        using namespace std::chrono_literals;
        for (int i = 0; i < 40 * time_scale(); ++i) {
            sensors_->ring().drain();
            if (done()) return true;
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }

    /// Events of this type, in order.
    template <class Event>
    std::vector<Event> events_of(std::uint32_t type) const {
        std::vector<Event> found;
        for (const auto& bytes : events_) {
            abi::event_header header;
            std::memcpy(&header, bytes.data(), sizeof(header));
            if (header.type != type || bytes.size() < sizeof(Event)) continue;
            std::memcpy(&found.emplace_back(), bytes.data(), sizeof(Event));
        }
        return found;
    }

    std::uint64_t errors_at(std::string_view place) const {
        for (const ErrorCount& error : sensors_->errors()) {
            if (error.place == place) return error.count;
        }
        return 0;
    }

    std::vector<std::vector<std::uint8_t>> events_;
    std::unique_ptr<Sensors> sensors_;
};

} // namespace minewarden::agent
