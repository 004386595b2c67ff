// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/channel/frames.h"
#include "collector/commit/retrying_store.h"
#include "collector/enrolment/allow_list.h"
#include "collector/store/intake_store.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace minewarden::channel {
class FromStore;
class Turn;
} // namespace minewarden::channel

namespace minewarden::collector {

/// The store process's end of the channel: commits what one intake process sends, and tells it who
/// is enrolled. Reads and checks the next turn while one is committed.
///
/// Everything it receives is hostile input: an intake that sends what no working intake sends is
/// cut off, and the supervisor starts another one.
class StoreServer {
  public:
    /// `on_commit` is called after each commit that stored something, by the committing thread. All
    /// references outlive the server.
    StoreServer(Fd channel, IntakeStore& store, const AllowList& allow_list, Counters& counters,
                std::function<void(const Outcome&)> on_commit);
    /// Finishes the current commit, but does not wait for a store that fails.
    ~StoreServer();
    StoreServer(const StoreServer&) = delete;
    StoreServer& operator=(const StoreServer&) = delete;

    /// Sends the allow-list if it changed since the last call. Any thread.
    void send_allow_list();
    /// The intake process is gone or was cut off.
    [[nodiscard]] bool has_ended() const { return has_ended_; }

  private:
    /// A checked turn. The arrivals refer to the message.
    struct Turn {
        std::unique_ptr<channel::Turn> message;
        std::vector<Arrival> arrivals;
    };
    void read_all();
    Result<void> read_turn();
    void commit_all();
    std::optional<Outcome> commit(std::vector<Arrival> arrivals);
    void end();
    Result<void> send(const channel::FromStore& message);

    RetryingStore store_;
    const AllowList& allow_list_;
    std::function<void(const Outcome&)> on_commit_;
    Frames frames_;
    std::mutex sending_;
    std::optional<std::uint64_t> sent_version_; ///< of the allow-list; guarded by sending_
    std::atomic<bool> has_ended_{false};

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Turn> next_;

    std::thread reader_;
    std::thread committer_;
};

} // namespace minewarden::collector
