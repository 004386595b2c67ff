// SPDX-License-Identifier: Apache-2.0
// An agent stays with a collector that answers, and goes on with the next one when its connection
// ends. With real collectors: tests/e2e/test_two_collectors.py.
#include "agent/uplink/uplink.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <minewarden.pb.h>
#include <thread>
#include <zmq.hpp>

namespace minewarden::agent {
namespace {

/// Answers every Hello with the position that all share, and acknowledges every batch.
class FakeCollector {
  public:
    FakeCollector(const std::string& endpoint, const CurveKeyPair& keys,
                  std::atomic<std::uint64_t>& position)
        : position_(position), socket_(context_, zmq::socket_type::router) {
        const int is_server = 1;
        zmq_setsockopt(socket_.handle(), ZMQ_CURVE_SERVER, &is_server, sizeof is_server);
        zmq_setsockopt(socket_.handle(), ZMQ_CURVE_SECRETKEY, keys.secret().data(),
                       keys.secret().size());
        socket_.set(zmq::sockopt::linger, 0);
        socket_.bind(endpoint);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    std::atomic<int> hellos{0};
    std::atomic<int> records{0};

  private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::array<zmq::pollitem_t, 1> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}}};
            if (zmq::poll(items.data(), 1, std::chrono::milliseconds(20)) == 0) continue;
            zmq::message_t sender;
            zmq::message_t frame;
            (void)socket_.recv(sender);
            (void)socket_.recv(frame);
            answer(sender, frame);
        }
    }
    void answer(zmq::message_t& sender, const zmq::message_t& frame) {
        wire::FromAgent message;
        wire::FromCollector reply;
        message.ParseFromArray(frame.data(), static_cast<int>(frame.size()));
        if (message.has_hello()) {
            ++hellos;
            reply.mutable_welcome()->set_acknowledged(position_);
            reply.mutable_welcome()->set_credit_bytes(1 << 20);
        } else if (message.has_batch()) {
            records += message.batch().records_size();
            position_ = message.batch().records().rbegin()->sequence();
            reply.mutable_ack()->set_acknowledged(position_);
            reply.mutable_ack()->set_credit_bytes(1 << 20);
        } else {
            return;
        }
        const std::string bytes = reply.SerializeAsString();
        (void)socket_.send(sender, zmq::send_flags::sndmore);
        (void)socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }

    std::atomic<std::uint64_t>& position_;
    zmq::context_t context_;
    zmq::socket_t socket_;
    std::jthread thread_;
};

std::string payload() {
    wire::Record record;
    record.mutable_gap()->set_place("test");
    return record.SerializeAsString();
}

/// The test's own limit ends it if that never comes.
void wait_until(const std::function<bool()>& done) {
    while (!done()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST(SeveralCollectors, TheNextOneGoesOnWhereAnotherEnded) {
    const TemporaryDirectory directory;
    auto outbox = Outbox::open(directory.path() / "outbox", {.sync = false});
    ASSERT_TRUE(outbox) << outbox.error().message;
    const CurveKeyPair keys = CurveKeyPair::generate();
    std::vector<std::string> endpoints;
    for (const char* name : {"absent", "one", "two"})
        endpoints.push_back("ipc://" + (directory.path() / name).string());
    std::atomic<std::uint64_t> position{0};
    auto one = std::make_unique<FakeCollector>(endpoints[1], keys, position);
    FakeCollector two(endpoints[2], keys, position);
    auto uplink = Uplink::start({.endpoints = endpoints,
                                 .collector_key = keys.public_key(),
                                 .boot = {},
                                 .agent_version = "test",
                                 .host_name = "test"},
                                CurveKeyPair::generate(), **outbox);
    ASSERT_TRUE(uplink) << uplink.error().message;
    const auto append = [&] {
        ASSERT_TRUE((*outbox)->append(payload()));
        (*uplink)->notify();
        wait_until([&] { return (*outbox)->waiting_records() == 0; });
    };
    append();
    append();
    EXPECT_EQ(one->records, 2);
    EXPECT_EQ(two.hellos, 0);
    one.reset();
    append();
    EXPECT_EQ(two.records, 1);
    EXPECT_EQ(position, 3u);
}

TEST(SeveralCollectors, ARestoredOneGetsAgainWhatTheOutboxStillHas) {
    const TemporaryDirectory directory;
    auto outbox = Outbox::open(directory.path() / "outbox", {.sync = false});
    ASSERT_TRUE(outbox) << outbox.error().message;
    const CurveKeyPair keys = CurveKeyPair::generate();
    const std::string endpoint = "ipc://" + (directory.path() / "collector").string();
    std::atomic<std::uint64_t> position{0};
    auto collector = std::make_unique<FakeCollector>(endpoint, keys, position);
    auto uplink = Uplink::start({.endpoints = {endpoint},
                                 .collector_key = keys.public_key(),
                                 .boot = {},
                                 .agent_version = "test",
                                 .host_name = "test"},
                                CurveKeyPair::generate(), **outbox);
    ASSERT_TRUE(uplink) << uplink.error().message;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE((*outbox)->append(payload()));
    (*uplink)->notify();
    wait_until([&] { return (*outbox)->waiting_records() == 0; });
    collector.reset();
    position = 2;
    collector = std::make_unique<FakeCollector>(endpoint, keys, position);
    wait_until([&] { return position == 5; });
    EXPECT_EQ(collector->records, 3);
    EXPECT_EQ((*outbox)->waiting_records(), 0u);
}

} // namespace
} // namespace minewarden::agent
