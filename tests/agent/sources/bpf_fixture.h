// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/registry/source_registry.h"
#include "common/text.h"
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

/// How much slower this machine is than a real one; set on the emulated ones of tests/kernels.
inline int time_scale() {
    const char* text = std::getenv("MINEWARDEN_TEST_TIME_SCALE");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

/// The reason if BPF cannot be used here at all. Any other failure is a defect.
inline std::optional<std::string> why_no_bpf() {
    if (::geteuid() != 0) return "needs root";
    const Fd map(::bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, nullptr));
    if (!map) return std::string("no BPF here: ") + std::strerror(errno);
    return std::nullopt;
}

/// The setting MINEWARDEN_AGENT_DISABLED_HOOKS: the tests also run without these hooks.
inline std::vector<std::string> disabled_hooks() {
    std::vector<std::string> hooks;
    const char* text = std::getenv("MINEWARDEN_AGENT_DISABLED_HOOKS");
    for (const std::string_view hook : split(text == nullptr ? "" : text, ','))
        if (!hook.empty()) hooks.emplace_back(hook);
    return hooks;
}

/// All sources of this kernel, attached. Events are kept for the tests. Tests are skipped by name
/// if BPF cannot be used.
class BpfTest : public testing::Test {
  protected:
    /// True if all tests of the suite share one set of sources, because attaching them takes
    /// seconds on an emulated machine. For tests that use up no budget and look only at their own
    /// events.
    [[nodiscard]] virtual bool shares_sources() const { return false; }

    void SetUp() override {
        if (const auto reason = why_no_bpf()) GTEST_SKIP() << *reason;
        listening_ = this;
        if (kept_) {
            sources_ = std::move(kept_);
            sources_->ring().drain();
            events_.clear();
            errors_before_ = sources_->errors();
            return;
        }
        auto attached = SourceRegistry::attach(
            [](ByteView event) { listening_->events_.emplace_back(event.begin(), event.end()); },
            disabled_hooks());
        ASSERT_TRUE(attached) << attached.error().message;
        sources_ = std::move(*attached);
        for (const Capability& capability : sources_->capabilities())
            ASSERT_NE(capability.coverage, Coverage::none)
                << capability.name << ": " << capability.problem;
    }
    void TearDown() override {
        if (shares_sources() && !HasFailure()) kept_ = std::move(sources_);
    }
    static void TearDownTestSuite() { kept_.reset(); }

    /// Drains until `done` is true, for at most two seconds on a real machine.
    bool drain_until(const std::function<bool()>& done) {
        using namespace std::chrono_literals;
        for (int i = 0; i < 40 * time_scale(); ++i) {
            sources_->ring().drain();
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

    /// Since the test began.
    std::uint64_t errors_at(std::string_view place) const {
        const auto count = [&](const std::vector<ErrorCount>& errors) -> std::uint64_t {
            const auto found = std::ranges::find(errors, place, &ErrorCount::place);
            return found == errors.end() ? 0 : found->count;
        };
        return count(sources_->errors()) - count(errors_before_);
    }

    std::vector<std::vector<std::uint8_t>> events_;
    std::unique_ptr<SourceRegistry> sources_;

  private:
    std::vector<ErrorCount> errors_before_;
    static inline BpfTest* listening_ = nullptr;
    static inline std::unique_ptr<SourceRegistry> kept_; ///< between two tests of a suite
};

} // namespace minewarden::agent
