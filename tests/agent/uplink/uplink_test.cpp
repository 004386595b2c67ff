// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/uplink.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

/// Tests without a collector. With one: tests/e2e/test_delivery.py.
namespace minewarden::agent {
namespace {

class UplinkTest : public testing::Test {
  protected:
    void SetUp() override {
        auto outbox = Outbox::open(directory_.path() / "outbox", {.sync = false});
        ASSERT_TRUE(outbox) << outbox.error().message;
        outbox_ = std::move(*outbox);
    }
    Result<std::unique_ptr<Uplink>> start(std::string endpoint) {
        return Uplink::start({.endpoints = {std::move(endpoint)},
                              .collector_key = CurveKeyPair::generate().public_key(),
                              .boot = {},
                              .agent_version = "test",
                              .host_name = "test"},
                             CurveKeyPair::generate(), *outbox_);
    }

    TemporaryDirectory directory_;
    std::unique_ptr<Outbox> outbox_;
};

TEST_F(UplinkTest, RejectsAnEndpointThatItCannotUse) {
    for (const char* endpoint :
         {"", "localhost:7410", "http://127.0.0.1:7410", "inproc://x", "tcp://127.0.0.1:port",
          "tcp://", "tcp://collector.example:7410", "tcp://localhost:7410"}) {
        const auto uplink = start(endpoint);
        ASSERT_FALSE(uplink) << endpoint;
        EXPECT_EQ(uplink.error().kind, ErrorKind::config) << endpoint;
        EXPECT_NE(uplink.error().message.find(endpoint), std::string::npos);
    }
}

TEST_F(UplinkTest, KeepsEverythingAndEndsWithoutACollector) {
    {
        auto uplink = start("ipc://" + (directory_.path() / "unused.sock").string());
        ASSERT_TRUE(uplink) << uplink.error().message;
        ASSERT_TRUE(outbox_->append("record"));
        (*uplink)->notify();
        (*uplink)->send_heartbeat("dropped");
        EXPECT_FALSE((*uplink)->is_connected());
    }
    EXPECT_EQ(outbox_->waiting_records(), 1u);
}

} // namespace
} // namespace minewarden::agent
