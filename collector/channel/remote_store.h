// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/channel/frames.h"
#include "collector/enrolment/allow_list.h"
#include "collector/store/intake_store.h"
#include "common/wakeup.h"

#include <channel.pb.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace minewarden::collector {

/// The store as the intake process sees it: sends each commit over the channel and waits for its
/// outcome. The allow-list comes over the same channel.
class RemoteStore : public IntakeStore {
  public:
    /// Waits for the first allow-list. `allow_list` outlives the store; it is a fixed list that the
    /// store process replaces.
    static Result<std::unique_ptr<RemoteStore>> open(Fd channel, bool is_shared,
                                                     AllowList& allow_list);
    ~RemoteStore() override;

    /// After the channel has ended it fails with `unavailable`, and so does every later call.
    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) override;
    [[nodiscard]] bool is_shared() const override { return is_shared_; }

    /// Readable once the channel has ended: this process has nothing left to do.
    [[nodiscard]] int ended_fd() const { return ended_.fd(); }

  private:
    RemoteStore(Fd channel, bool is_shared, AllowList& allow_list);
    void run();
    Result<void> receive();
    Result<void> replace(const channel::Enrolments& part);

    const bool is_shared_;
    AllowList& allow_list_;
    Frames frames_;
    std::vector<Enrolment> enrolled_; ///< the parts of the next allow-list
    Wakeup ended_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<channel::FromStore> answer_; ///< to the turn that was sent
    bool has_allow_list_ = false;
    std::optional<Error> end_; ///< why the channel ended

    std::thread thread_;
};

} // namespace minewarden::collector
