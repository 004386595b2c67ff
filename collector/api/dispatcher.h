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

/// Runs handlers on bounded pools and returns their responses: at once or, if the handler returned
/// Later, after a commit or at the deadline. Used by the I/O thread only, which never waits here;
/// any thread may call notify().
class Dispatcher {
  public:
    /// A connection with one request at a time. Called in the I/O thread.
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

    /// `post` queues an action for the I/O thread. Any thread may call it.
    Dispatcher(Limits limits, std::function<void(std::function<void()>)> post);
    /// Waits for running handlers and drops their responses. REQUIRES: the I/O thread has ended.
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Keeps the client until it has its response. False if the queue is full. REQUIRES: the client
    /// has no other request. `route` outlives the dispatcher.
    bool handle(const Router::Route& route, Request request, std::shared_ptr<Client> client);
    /// The deadline of on_later() has passed. Does nothing if the request does not wait.
    void expire(const Client& client);
    /// The client is gone: releases it when none of its jobs runs.
    void cancel(const Client& client);

    /// After a commit: resumes the requests that wait.
    void notify();

  private:
    struct Exchange {
        enum class State { working, waiting, due };
        std::shared_ptr<Client> client;
        State state = State::working;
        std::optional<Later> later = {};
        bool is_last = false;       ///< the last call of `later`
        bool is_resumption = false; ///< the running job resumes `later`
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
    std::uint64_t commits_ = 0; ///< calls of notify()
    std::atomic<bool> is_notified_{false};
    // Last: their jobs use the members above.
    WorkerPool work_;
    WorkerPool health_;
};

} // namespace minewarden::collector
