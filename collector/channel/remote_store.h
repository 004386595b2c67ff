// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/channel/frames.h"
#include "collector/commit/turn_sink.h"
#include "collector/enrolment/allow_list.h"
#include "common/wakeup.h"

#include <channel.pb.h>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace minewarden::collector {

/// The store as the intake process sees it: turns go over the channel, their outcomes come back in
/// the same order. The allow-list comes over the same channel.
class RemoteStore : public TurnSink {
  public:
    /// Waits for the first allow-list. `allow_list` outlives the store; it is a list that the store
    /// process replaces.
    static Result<std::unique_ptr<RemoteStore>> open(Fd channel, AllowList& allow_list);
    ~RemoteStore() override;

    [[nodiscard]] int done_fd() const override { return done_.fd(); }
    [[nodiscard]] bool can_start() const override { return on_way_.size() < turns_on_way; }
    void start(std::span<const Arrival> arrivals) override;
    std::optional<Outcome> take() override;
    void stop() override;

    /// Readable once the channel has ended: this process has nothing left to do.
    [[nodiscard]] int ended_fd() const { return ended_.fd(); }

  private:
    RemoteStore(Fd channel, AllowList& allow_list);
    void send_all();
    void receive_all();
    Result<void> receive();
    Result<void> replace(const channel::Enrolments& part);

    AllowList& allow_list_;
    Frames frames_;
    std::vector<Enrolment> enrolled_; ///< the parts of the next allow-list
    std::deque<std::size_t> on_way_;  ///< arrivals of the turns without outcome; intake's thread
    Wakeup done_;
    Wakeup ended_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> to_send_;
    std::deque<channel::Outcome> outcomes_;
    bool has_allow_list_ = false;
    std::optional<Error> end_; ///< why the channel ended

    std::thread sender_;
    std::thread receiver_;
};

} // namespace minewarden::collector
