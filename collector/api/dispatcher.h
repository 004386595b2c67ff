// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/router.h"
#include "collector/api/worker_pool.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

namespace minewarden::collector {

/// Has requests handled on bounded pools and gives the responses back, at once or, for a handler
/// that answers Later, after a commit or at its deadline. All in one thread, the I/O thread, which
/// never waits here; only notify() may be called by any thread.
class Dispatcher {
  public:
    /// Whose request it is: a connection. One request at a time. In the I/O thread.
    class Client {
      public:
        virtual ~Client() = default;
        virtual void on_response(Response response) = 0;
        /// The request waits for commits. Call expire() at the deadline.
        virtual void on_later(std::chrono::steady_clock::time_point deadline) = 0;
    };

    struct Limits {
        std::size_t workers = 4; ///< threads for Lane::work; Lane::health has one
        std::size_t queue = 64;  ///< jobs that may wait in each lane
    };

    /// `post` runs an action in the I/O thread, soon; it may be called by any thread.
    Dispatcher(Limits limits, std::function<void(std::function<void()>)> post);
    /// Waits for the handlers that run; no client is answered any more. REQUIRES: the I/O thread
    /// ended.
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Holds the client until it is answered. False if too much waits already. REQUIRES: no
    /// request of this client is under way. `route` outlives the dispatcher.
    bool handle(const Router::Route& route, Request request, std::shared_ptr<Client> client);
    /// The deadline of on_later() has passed. Does nothing if the request does not wait.
    void expire(const Client& client);
    /// The client is gone: lets go of it as soon as no job works for it.
    void cancel(const Client& client);

    /// Something was committed: requests that wait are looked at again.
    void notify();

  private:
    struct Exchange {
        enum class State { working, waiting, due };
        std::shared_ptr<Client> client;
        State state = State::working;
        std::optional<Later> later = {};
        bool is_last = false;       ///< `later` is resumed for the last time
        bool is_resumption = false; ///< the job that works resumes `later`
        bool is_cancelled = false;
        std::uint64_t commits = 0; ///< commits_ when the job was submitted
    };
    using Exchanges = std::map<const Client*, Exchange>;

    bool submit(Lane lane, const Client* client, std::function<Answer()> job);
    void finish(const Client* client, Answer answer);
    void come_due(Exchange& exchange, bool is_last);
    void resume_due();
    bool resume(Exchange& exchange);

    std::function<void(std::function<void()>)> post_;
    Exchanges exchanges_;
    std::deque<const Client*> due_;
    std::size_t resuming_ = 0;  ///< jobs that resume a Later
    std::uint64_t commits_ = 0; ///< notices of commits
    std::atomic<bool> is_notified_{false};
    // Their jobs use what is above.
    WorkerPool work_;
    WorkerPool health_;
};

} // namespace minewarden::collector
