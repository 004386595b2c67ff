// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/findings/finding_book.h"
#include "agent/outbox/outbox.h"
#include "agent/outbox/unkept.h"

#include <deque>
#include <filesystem>
#include <functional>

namespace minewarden::agent {

/// Turns verdict changes into records in the outbox, and keeps the open findings on disk.
class Reporter {
  public:
    /// `outbox` outlives the reporter; `on_appended` is called after each record.
    Reporter(FindingBook book, Outbox& outbox, std::filesystem::path state_file,
             std::function<void()> on_appended);

    /// Loads the saved state into the book and the engine. Closes findings of another boot.
    void restore(rules::Engine& engine);
    /// Saves the state and the last number of the outbox, if there is something to save and no
    /// record waits in memory: the saved state must not be ahead of the outbox.
    void save(const rules::Engine& engine);
    /// The same if something was reported since it was last saved.
    void save_if_changed(const rules::Engine& engine);

    /// `process`: whom the change is about, if it is about one.
    void report(const rules::VerdictRecord& change, const Process* process);
    void report_gone(const rules::Subject& subject, CloseReason reason);
    void report_rules(const rules::RuleSet& rules);
    void report_gap(std::string_view place, std::uint64_t lost, WallTime from, WallTime until,
                    std::string_view detail);

    /// Retries, in order, what the outbox could not append (disk full).
    void retry();

    [[nodiscard]] const FindingBook& book() const { return book_; }
    /// Records that are in memory only.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
    /// Records given up because too many were waiting.
    [[nodiscard]] std::uint64_t given_up() const { return given_up_; }

    static constexpr std::size_t maximum_waiting = 4096;
    static constexpr std::size_t maximum_waiting_bytes = 16 << 20;

  private:
    void append(const wire::Record& record);
    void give_up_oldest();
    void report_left_unkept();
    void report_given_up();
    void replay(const StreamId& stream, std::uint64_t after);

    FindingBook book_;
    SubjectReader subjects_;
    Outbox& outbox_;
    std::filesystem::path state_file_;
    std::function<void()> on_appended_;
    UnkeptCount unkept_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t not_reported_ = 0; ///< of given_up_
    WallTime given_up_since_;
    bool changed_ = false;             ///< since it was last saved
    std::uint64_t saved_sequence_ = 0; ///< of the outbox, then
    BootTime next_complaint_;
    BootTime next_save_complaint_;
    std::uint64_t given_up_ = 0;
    bool saved_something_ = false;
};

} // namespace minewarden::agent
