// SPDX-License-Identifier: Apache-2.0
#include "collector/api/dispatcher.h"

#include <gtest/gtest.h>

#include <latch>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;

/// The thread of the test is the I/O thread.
class Actions {
  public:
    void post(std::function<void()> action) {
        const std::lock_guard guard(mutex_);
        actions_.push_back(std::move(action));
        changed_.notify_all();
    }
    /// Runs posted actions until `done` is true. False after a long time.
    bool run_until(const std::function<bool()>& done) {
        const auto limit = std::chrono::steady_clock::now() + 60s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit) return false;
            std::unique_lock lock(mutex_);
            if (!changed_.wait_for(lock, 10ms, [this] { return !actions_.empty(); })) continue;
            const auto action = std::move(actions_.front());
            actions_.pop_front();
            lock.unlock();
            action();
        }
        return true;
    }
    void run_one() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !actions_.empty(); });
        const auto action = std::move(actions_.front());
        actions_.pop_front();
        lock.unlock();
        action();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> actions_;
};

struct TestClient : Dispatcher::Client {
    void on_response(Response response) override { status = response.status; }
    void on_later(std::chrono::steady_clock::time_point) override { ++waits; }
    unsigned status = 0; ///< 0: no response
    int waits = 0;
};

class DispatcherTest : public testing::Test {
  protected:
    std::shared_ptr<TestClient> send(const Router::Route& route, bool is_taken = true) {
        auto client = std::make_shared<TestClient>();
        EXPECT_EQ(dispatcher_->handle(route, {}, client), is_taken);
        return client;
    }
    static Router::Route route(Router::Handler handler, Lane lane = Lane::work) {
        return {Method::get, {}, lane, std::move(handler), std::nullopt};
    }
    bool is_answered(const TestClient& client) {
        return actions_.run_until([&] { return client.status != 0; });
    }

    Actions actions_;
    std::optional<Dispatcher> dispatcher_{
        std::in_place, Dispatcher::Limits{2, 3},
        [this](std::function<void()> action) { actions_.post(std::move(action)); }};
};

TEST_F(DispatcherTest, ReturnsTheResponse) {
    const auto quick = route([](const Request&) { return Response{204, "", ""}; });
    const auto client = send(quick);
    EXPECT_TRUE(is_answered(*client));
    EXPECT_EQ(client->status, 204u);
}

TEST_F(DispatcherTest, RefusesWhenTheQueueIsFull) {
    std::latch free(1);
    const auto slow = route([&](const Request&) {
        free.wait();
        return Response{};
    });
    std::vector<std::shared_ptr<TestClient>> taken;
    for (int i = 0; i < 5; ++i) taken.push_back(send(slow)); // two run, three wait
    (void)send(slow, false);
    const auto probe = route([](const Request&) { return Response{}; }, Lane::health);
    EXPECT_TRUE(is_answered(*send(probe))) << "health has a thread of its own";
    free.count_down();
    for (const auto& client : taken) EXPECT_TRUE(is_answered(*client));
    EXPECT_TRUE(is_answered(*send(slow)));
}

TEST_F(DispatcherTest, AnExceptionIsA500) {
    const auto bad = route([](const Request&) -> Answer { throw std::bad_alloc(); });
    const auto client = send(bad);
    EXPECT_TRUE(is_answered(*client));
    EXPECT_EQ(client->status, 500u);
}

/// Answers Later until `ready`.
struct Follow {
    Answer operator()(bool is_last) const {
        ++*calls;
        if (*ready || is_last) return Response{*ready ? 200u : 204u, "", ""};
        return Later{std::chrono::steady_clock::now() + 1h, *this};
    }
    std::shared_ptr<std::atomic<bool>> ready = std::make_shared<std::atomic<bool>>(false);
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
};

TEST_F(DispatcherTest, ResumesAfterEachCommit) {
    const Follow follow;
    const auto waits = route([&](const Request&) { return follow(false); });
    const auto client = send(waits);
    EXPECT_TRUE(actions_.run_until([&] { return client->waits == 1; }));
    dispatcher_->notify();
    EXPECT_TRUE(actions_.run_until([&] { return client->waits == 2; }));
    EXPECT_EQ(client->status, 0u);
    *follow.ready = true;
    dispatcher_->notify();
    EXPECT_TRUE(is_answered(*client));
    EXPECT_EQ(client->status, 200u);
}

TEST_F(DispatcherTest, MissesNoCommitWhileTheHandlerRuns) {
    const Follow follow;
    std::latch looked(1);
    std::latch committed(1);
    const auto waits = route([&](const Request&) {
        Answer answer = follow(false);
        looked.count_down();
        committed.wait();
        return answer;
    });
    const auto client = send(waits);
    looked.wait();
    *follow.ready = true;
    dispatcher_->notify();
    actions_.run_one(); // notify() comes before the response of the handler
    committed.count_down();
    EXPECT_TRUE(is_answered(*client));
    EXPECT_EQ(client->status, 200u);
    EXPECT_EQ(client->waits, 0);
}

TEST_F(DispatcherTest, RespondsAtTheDeadline) {
    const Follow follow;
    const auto waits = route([&](const Request&) { return follow(false); });
    const auto client = send(waits);
    EXPECT_TRUE(actions_.run_until([&] { return client->waits == 1; }));
    dispatcher_->expire(*client);
    EXPECT_TRUE(is_answered(*client));
    EXPECT_EQ(client->status, 204u);
}

TEST_F(DispatcherTest, ReleasesADisconnectedClient) {
    const Follow follow;
    const auto waits = route([&](const Request&) { return follow(false); });
    auto client = send(waits);
    EXPECT_TRUE(actions_.run_until([&] { return client->waits == 1; }));
    const std::weak_ptr<TestClient> gone = client;
    dispatcher_->cancel(*client);
    client.reset();
    EXPECT_TRUE(gone.expired());
    dispatcher_->notify();
    const auto quick = route([](const Request&) { return Response{}; });
    EXPECT_TRUE(is_answered(*send(quick)));
    EXPECT_EQ(*follow.calls, 1);
}

TEST_F(DispatcherTest, WaitingRequestsDoNotFillTheQueue) {
    std::latch free(1);
    std::atomic<int> resumed = 0;
    const auto waits = route([&](const Request&) {
        return Later{std::chrono::steady_clock::now() + 1h, [&](bool) -> Answer {
                         ++resumed;
                         free.wait();
                         return Response{};
                     }};
    });
    std::vector<std::shared_ptr<TestClient>> followers;
    for (int i = 0; i < 20; ++i) {
        followers.push_back(send(waits));
        ASSERT_TRUE(actions_.run_until([&] { return followers.back()->waits == 1; }));
    }
    dispatcher_->notify();
    ASSERT_TRUE(actions_.run_until([&] { return resumed == 2; })) << "both threads";
    const auto quick = route([](const Request&) { return Response{}; });
    const auto request = send(quick); // there is room for it
    free.count_down();
    EXPECT_TRUE(is_answered(*request));
    for (const auto& follower : followers) EXPECT_TRUE(is_answered(*follower));
}

TEST_F(DispatcherTest, StopsWithRequestsInEveryState) {
    const Follow follow;
    const auto waits = route([&](const Request&) { return follow(false); });
    const auto slow = route([&](const Request&) {
        std::this_thread::sleep_for(20ms);
        return Response{};
    });
    const auto waiting = send(waits);
    EXPECT_TRUE(actions_.run_until([&] { return waiting->waits == 1; }));
    // Until the queue is full. A fixed number would be wrong: a thread may still be busy with the
    // end of the first job.
    while (dispatcher_->handle(slow, {}, std::make_shared<TestClient>()));
    dispatcher_->notify();
    dispatcher_.reset();
}

} // namespace
} // namespace minewarden::collector
