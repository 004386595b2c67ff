// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/gate.h"
#include "collector/intake/listener.h"
#include "collector/intake/self_test.h"
#include "collector/store/sqlite/sqlite_store.h"
#include "common/file.h"
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_intake.h"

#include <gtest/gtest.h>

#include <thread>

namespace minewarden::collector {
namespace {

using test::random_id;
using test::TestAgent;

class GateTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(intake_.start(*store_)); }
    /// True if a handshake with these keys eventually ends like this: enrolments are read
    /// periodically.
    bool becomes(int event, const CurveKeyPair& keys) {
        for (int i = 0; i < 100; ++i) {
            TestAgent agent(intake_.endpoint(), intake_.key(), keys);
            if (agent.await_event() == event) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return false;
    }

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_ =
        std::move(*open_sqlite_store(directory_.path() / "store.sqlite"));
    test::TestIntake intake_;
};

TEST_F(GateTest, AcceptsAnEnrolledKey) {
    TestAgent agent = intake_.agent();
    EXPECT_EQ(agent.await_event(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    EXPECT_TRUE(agent.greet(random_id<StreamId>()));
    EXPECT_EQ(store_->agents()->at(0).key, agent.key());
}

TEST_F(GateTest, RefusesAnUnknownKey) {
    const auto before = intake_.counters.handshakes_refused.load();
    TestAgent stranger(intake_.endpoint(), intake_.key());
    EXPECT_EQ(stranger.await_event(), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    EXPECT_GT(intake_.counters.handshakes_refused.load(), before);
    EXPECT_TRUE(store_->agents()->empty());
}

TEST_F(GateTest, RefusesARevokedKey) {
    const CurveKeyPair keys = CurveKeyPair::generate();
    intake_.enroll(keys.public_key());
    intake_.revoke(keys.public_key());
    EXPECT_TRUE(becomes(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, keys));
}

TEST_F(GateTest, DetectsANewEnrolment) {
    const CurveKeyPair keys = CurveKeyPair::generate();
    ASSERT_TRUE(enroll(intake_.enrolled_directory(), {keys.public_key(), "late", wall_now(), {}}));
    EXPECT_TRUE(becomes(ZMQ_EVENT_HANDSHAKE_SUCCEEDED, keys));
}

TEST_F(GateTest, RefusesAConnectionWithoutCurve) {
    TestAgent agent(intake_.endpoint(), intake_.key(), CurveKeyPair::generate(),
                    TestAgent::Security::none);
    const auto event = agent.await_event();
    EXPECT_TRUE(event && event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    EXPECT_FALSE(agent.greet(random_id<StreamId>(), std::chrono::milliseconds(500)));
    EXPECT_GT(intake_.counters.handshakes_failed.load(), 0u);
}

TEST_F(GateTest, RefusesAClientWithAnotherCollectorKey) {
    const CurveKeyPair keys = CurveKeyPair::generate();
    intake_.enroll(keys.public_key());
    TestAgent agent(intake_.endpoint(), CurveKeyPair::generate().public_key(), keys);
    EXPECT_NE(agent.await_event(std::chrono::seconds(1)), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    EXPECT_FALSE(agent.greet(random_id<StreamId>(), std::chrono::milliseconds(500)));
    EXPECT_GT(intake_.counters.handshakes_failed.load(), 0u); // the handshake was attempted
}

TEST_F(GateTest, KeepsTheListAfterAnUnreadableEnrolment) {
    TestAgent agent = intake_.agent();
    EXPECT_EQ(agent.await_event(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    const auto bad = intake_.enrolled_directory() / "bad.yaml";
    ASSERT_TRUE(write_file_atomically(bad, "name: [", 0644));
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    EXPECT_TRUE(agent.greet(random_id<StreamId>()));
    std::filesystem::remove(bad);
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    EXPECT_TRUE(agent.greet(random_id<StreamId>()));
}

// Without a handler libzmq accepts any key. The self-test must detect that.
TEST(SelfTest, FailsWithoutAGate) {
    const TemporaryDirectory directory;
    const CurveKeyPair keys = CurveKeyPair::generate();
    zmq::context_t context;
    const std::string endpoint = "ipc://" + (directory.path() / "open.sock").string();
    const auto listener = listen(context, {endpoint}, keys);
    ASSERT_TRUE(listener) << listener.error().message;
    const auto proven = prove_that_unknown_keys_are_refused(context, endpoint, keys.public_key());
    ASSERT_FALSE(proven);
    EXPECT_EQ(proven.error().kind, ErrorKind::internal);
    EXPECT_NE(proven.error().message.find("accepted a key"), std::string::npos)
        << proven.error().message;
}

TEST(Listener, AcceptsOnlySecuredTransports) {
    const CurveKeyPair keys = CurveKeyPair::generate();
    for (const char* endpoint :
         {"inproc://x", "pgm://eth0;239.1.1.1:5555", "tipc://{1,2,3}", "tcp:/127.0.0.1:1", "",
          "ipc:///nowhere/at/all.sock", "tcp://not-an-address", "tcp://127.0.0.1:99999",
          "tcp://127.0.0.1:"}) {
        zmq::context_t context;
        const auto listener = listen(context, {endpoint}, keys);
        ASSERT_FALSE(listener) << endpoint;
        EXPECT_EQ(listener.error().kind, ErrorKind::config) << endpoint;
    }
}

/// Edits the file, because revoke() refuses while another file is invalid.
bool revoke_file(const std::filesystem::path& directory, const CurvePublicKey& key) {
    const auto path = directory / (fingerprint(key) + ".yaml");
    const auto text = read_file(path, 4096);
    return text && write_file_atomically(path, *text + "revoked_at: 2026-01-01T00:00:00Z\n", 0644);
}

TEST(AllowList, AcceptsAListThatIsReplaced) {
    const CurvePublicKey one = random_id<CurvePublicKey>();
    const CurvePublicKey two = random_id<CurvePublicKey>();
    const auto list = AllowList::open(std::vector<Enrolment>{
        {one, "here", wall_now(), {}}, {two, "gone", wall_now(), wall_now()}});
    ASSERT_TRUE(list);
    EXPECT_EQ((*list)->name_of(one), "here");
    EXPECT_EQ((*list)->name_of(two), std::nullopt);
    const auto before = (*list)->snapshot();
    (*list)->replace({{two, "back", wall_now(), {}}});
    EXPECT_EQ((*list)->name_of(one), std::nullopt);
    EXPECT_EQ((*list)->name_of(two), "back");
    const auto after = (*list)->snapshot();
    EXPECT_GT(after.version, before.version);
    (*list)->replace({{two, "back", wall_now(), {}}});
    EXPECT_EQ((*list)->snapshot().version, after.version) << "nothing changed";
}

TEST(AllowList, DetectsFilesChangedInPlace) {
    const TemporaryDirectory directory;
    const CurvePublicKey key = random_id<CurvePublicKey>();
    ASSERT_TRUE(enroll(directory.path(), {key, "web-1", wall_now(), {}}));
    const auto list = AllowList::open(directory.path());
    ASSERT_TRUE(list);
    const auto path = directory.path() / (fingerprint(key) + ".yaml");
    std::FILE* file = std::fopen(path.c_str(), "a");
    ASSERT_NE(file, nullptr);
    std::fputs("revoked_at: 2026-01-01T00:00:00Z\n", file);
    std::fclose(file);
    EXPECT_TRUE((*list)->name_of(key));
    (*list)->reload_if_changed();
    EXPECT_FALSE((*list)->name_of(key));
}

TEST(AllowList, AnInvalidFileAffectsOnlyItsOwnKey) {
    const TemporaryDirectory directory;
    EXPECT_TRUE(AllowList::open(directory.path() / "missing"));
    const CurvePublicKey good = random_id<CurvePublicKey>();
    const CurvePublicKey torn = random_id<CurvePublicKey>();
    for (const CurvePublicKey& key : {good, torn})
        ASSERT_TRUE(enroll(directory.path(), {key, "web", wall_now(), {}}));
    const auto path = directory.path() / (fingerprint(torn) + ".yaml");
    const std::string whole = *read_file(path, 4096);
    ASSERT_TRUE(write_file_atomically(path, "name: x\n", 0644));
    const auto list = AllowList::open(directory.path());
    ASSERT_TRUE(list);
    EXPECT_TRUE((*list)->name_of(good));
    EXPECT_FALSE((*list)->name_of(torn));

    ASSERT_TRUE(write_file_atomically(path, whole, 0644));
    ASSERT_TRUE((*list)->reload());
    EXPECT_TRUE((*list)->name_of(torn));
    // An invalid file keeps its previous enrolment; other changes are in force.
    ASSERT_TRUE(write_file_atomically(path, whole.substr(0, whole.size() / 2), 0644));
    ASSERT_TRUE(revoke_file(directory.path(), good));
    const auto reloaded = (*list)->reload();
    ASSERT_FALSE(reloaded);
    EXPECT_NE(reloaded.error().message.find(path.string()), std::string::npos);
    EXPECT_TRUE((*list)->name_of(torn));
    EXPECT_FALSE((*list)->name_of(good));
}

TEST(AllowList, AnUnreadableDirectoryIsAnError) {
    const TemporaryDirectory directory;
    ASSERT_TRUE(write_file_atomically(directory.path() / "file", "", 0644));
    const auto list = AllowList::open(directory.path() / "file");
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().kind, ErrorKind::config);
}

} // namespace
} // namespace minewarden::collector
