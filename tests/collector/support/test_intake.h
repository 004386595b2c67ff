// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/gate.h"
#include "collector/intake/intake.h"
#include "common/keys/enrolment.h"
#include "tests/collector/support/test_agent.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::test {

/// Gate and intake over the test's store, with a directory of enrolments.
class TestIntake {
  public:
    TestIntake() {
        auto allow_list = collector::AllowList::open(enrolled_directory());
        allow_list_ = std::move(*allow_list);
    }

    /// Fails if a part does not start. `store` must exist until stop().
    Result<void> start(collector::IntakeStore& store, std::string endpoint = "") {
        if (endpoint.empty()) endpoint = "ipc://" + (directory_.path() / "intake.sock").string();
        // A new context each time: sockets release their names with a delay.
        context_ = std::make_unique<zmq::context_t>();
        auto gate = collector::Gate::open(*context_, *allow_list_, counters);
        if (!gate) return fail(std::move(gate).error());
        gate_ = std::move(*gate);
        auto intake = collector::Intake::start({{endpoint}, keys_, quotas, on_commit}, *context_,
                                               *gate_, *allow_list_, store, counters);
        if (!intake) return fail(std::move(intake).error());
        intake_ = std::move(*intake);
        return {};
    }
    void stop() {
        intake_.reset();
        gate_.reset();
    }

    [[nodiscard]] std::filesystem::path enrolled_directory() const {
        return directory_.path() / "enrolled";
    }
    [[nodiscard]] std::string endpoint() const { return intake_->endpoints().front(); }
    [[nodiscard]] const CurvePublicKey& key() const { return keys_.public_key(); }
    [[nodiscard]] std::filesystem::path path(std::string_view name) const {
        return directory_.path() / name;
    }

    void enroll(const CurvePublicKey& key, std::string name = "web-1") {
        EXPECT_TRUE(minewarden::enroll(enrolled_directory(),
                                       {key, std::move(name), wall_now(), std::nullopt}));
        EXPECT_TRUE(allow_list_->reload());
    }
    void revoke(const CurvePublicKey& key) {
        EXPECT_TRUE(minewarden::revoke(enrolled_directory(), fingerprint(key), wall_now()));
    }
    /// Enrolled and connected.
    TestAgent agent(std::string name = "web-1") {
        const CurveKeyPair keys = CurveKeyPair::generate();
        enroll(keys.public_key(), std::move(name));
        return TestAgent(endpoint(), key(), keys);
    }

    std::uint64_t refused(collector::MessageFault fault) const {
        return counters.refused[static_cast<std::size_t>(fault)];
    }

    collector::Counters counters;
    collector::QuotaLimits quotas;
    std::function<void(const collector::Outcome&)> on_commit;

  private:
    TemporaryDirectory directory_;
    CurveKeyPair keys_ = CurveKeyPair::generate();
    std::unique_ptr<collector::AllowList> allow_list_;
    std::unique_ptr<zmq::context_t> context_;
    std::unique_ptr<collector::Gate> gate_;
    std::unique_ptr<collector::Intake> intake_;
};

} // namespace minewarden::test
