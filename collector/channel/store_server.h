// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/channel/frames.h"
#include "collector/enrolment/allow_list.h"
#include "collector/store/intake_store.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace minewarden::channel {
class FromStore;
}

namespace minewarden::collector {

/// The store process's end of the channel: commits what one intake process sends, in a thread of
/// its own, and tells it who is enrolled. Everything it receives is hostile input: an intake that
/// sends what no working intake sends is cut off, and the supervisor starts another one.
class StoreServer {
  public:
    /// `on_commit` is called after each commit that stored something, by the server's thread. All
    /// references outlive the server.
    StoreServer(Fd channel, IntakeStore& store, const AllowList& allow_list,
                std::function<void(const Outcome&)> on_commit);
    /// Finishes the current commit.
    ~StoreServer();
    StoreServer(const StoreServer&) = delete;
    StoreServer& operator=(const StoreServer&) = delete;

    /// Sends the allow-list if it changed since the last call. Any thread.
    void send_allow_list();
    /// The intake process is gone or was cut off.
    [[nodiscard]] bool has_ended() const { return has_ended_; }

  private:
    void run();
    Result<void> serve_turn();
    Result<Outcome> commit(std::vector<Arrival> arrivals);
    Result<void> send(const channel::FromStore& message);

    IntakeStore& store_;
    const AllowList& allow_list_;
    std::function<void(const Outcome&)> on_commit_;
    Frames frames_;
    std::mutex sending_;
    std::optional<std::uint64_t> sent_version_; ///< of the allow-list; guarded by sending_
    std::atomic<bool> has_ended_{false};
    std::thread thread_;
};

} // namespace minewarden::collector
