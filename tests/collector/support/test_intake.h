// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/channel/remote_store.h"
#include "collector/channel/store_server.h"
#include "collector/intake/door/door.h"
#include "collector/intake/gate.h"
#include "collector/intake/intake.h"
#include "collector/supervise/listening_sockets.h"
#include "common/keys/enrolment.h"
#include "tests/collector/support/test_agent.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace minewarden::test {

/// What a collector has between agents and its store, in one process: door, gate, intake, channel.
/// With a directory of enrolments.
class TestIntake {
  public:
    TestIntake() {
        auto allow_list = collector::AllowList::open(enrolled_directory());
        allow_list_ = std::move(*allow_list);
    }
    ~TestIntake() { stop(); }

    /// Fails if a part does not start. `store` must exist until stop().
    Result<void> start(collector::IntakeStore& store, std::string endpoint = "") {
        if (endpoint.empty()) endpoint = "ipc://" + (directory_.path() / "intake.sock").string();
        TRY_ASSIGN(auto listeners, collector::listen_on({endpoint}));
        endpoint_ = listeners.front().endpoint;
        std::vector<Fd> sockets;
        sockets.push_back(std::move(listeners.front().socket));
        TRY_ASSIGN(door_,
                   collector::Door::create(std::move(sockets), door_limits, suspects_, counters));
        TRY_ASSIGN(auto channel, collector::make_channel());
        server_ = std::make_unique<collector::StoreServer>(std::move(channel.first), store,
                                                           *allow_list_, counters, on_commit);
        TRY_ASSIGN(seen_list_, collector::AllowList::open(std::vector<Enrolment>{}));
        TRY_ASSIGN(remote_, collector::RemoteStore::open(std::move(channel.second), *seen_list_));
        // A new context each time: sockets release their names with a delay.
        context_ = std::make_unique<zmq::context_t>();
        TRY_ASSIGN(gate_, collector::Gate::open(*context_, *seen_list_, counters, door_.get()));
        const auto open_door = [this](const std::vector<std::string>& bound) {
            const std::string& inner = bound.front();
            door_->open(static_cast<std::uint16_t>(std::stoi(inner.substr(inner.rfind(':') + 1))));
        };
        TRY_ASSIGN(intake_,
                   collector::Intake::start({.endpoints = {"tcp://127.0.0.1:*"},
                                             .keys = keys_,
                                             .quotas = quotas,
                                             .is_shared = store.is_shared(),
                                             .open_to_agents = open_door,
                                             .suspects = &suspects_},
                                            *context_, *gate_, *seen_list_, *remote_, counters));
        enrolments_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                allow_list_->reload_if_changed();
                server_->send_allow_list();
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
        return {};
    }
    void stop() {
        enrolments_ = {};
        intake_.reset();
        gate_.reset();
        door_.reset();
        remote_.reset();
        server_.reset();
    }

    [[nodiscard]] std::filesystem::path enrolled_directory() const {
        return directory_.path() / "enrolled";
    }
    [[nodiscard]] std::string endpoint() const { return endpoint_; }
    [[nodiscard]] const CurvePublicKey& key() const { return keys_.public_key(); }
    [[nodiscard]] std::filesystem::path path(std::string_view name) const {
        return directory_.path() / name;
    }

    void enroll(const CurvePublicKey& key, std::string name = "web-1") {
        EXPECT_TRUE(minewarden::enroll(enrolled_directory(),
                                       {key, std::move(name), wall_now(), std::nullopt}));
        EXPECT_TRUE(allow_list_->reload());
        while (intake_ && !seen_list_->name_of(key))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
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
    collector::DoorLimits door_limits{.connections = 1000};

  private:
    TemporaryDirectory directory_;
    CurveKeyPair keys_ = CurveKeyPair::generate();
    std::string endpoint_;
    std::unique_ptr<collector::AllowList> allow_list_; ///< the store's
    collector::SuspectMemory suspect_memory_{};
    collector::Suspects suspects_{suspect_memory_};
    std::unique_ptr<collector::StoreServer> server_;
    std::unique_ptr<collector::AllowList> seen_list_; ///< the intake's
    std::unique_ptr<collector::RemoteStore> remote_;
    std::unique_ptr<collector::Door> door_;
    std::unique_ptr<zmq::context_t> context_;
    std::unique_ptr<collector::Gate> gate_;
    std::unique_ptr<collector::Intake> intake_;
    std::jthread enrolments_;
};

} // namespace minewarden::test
