// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/task_table.h"
#include "kernel/process_abi.h"
#include "rules/observation/observation.h"

#include <functional>
#include <unordered_map>

namespace minewarden::agent {

/// A process, whatever program it runs.
struct ProcessKey {
    std::uint32_t pid = 0;
    std::uint64_t start_boottime_ns = 0;
    bool operator==(const ProcessKey&) const = default;
};

/// What is known of one running process.
struct Process {
    /// More are not remembered of one process.
    static constexpr std::size_t most_ancestors = 8;

    rules::ImageKey image;
    std::uint32_t parent_pid = 0; ///< who is its parent now
    /// Who forked it, who forked that one and so on, as far as known; they may have ended.
    std::vector<ProcessKey> ancestors;
    std::uint32_t user_id = 0;
    std::string command;   ///< valid UTF-8
    std::string exec_path; ///< as given to execve; "" if the agent did not see the exec
    bool file_deleted = false;
    std::uint64_t file_inode = 0; ///< of the executable; 0 if not known
    /// Of the v2 hierarchy, as of the last exec or pull; 0 if not known. A fork may enter another
    /// one than its parent's, so it is not handed on.
    std::uint64_t cgroup_id = 0;
    bool replaced = false; ///< departing: this process runs another program now
    bool ended = false;    ///< departing: its pid may be another's now
};

[[nodiscard]] rules::ImageKey to_image(const abi::subject_id& subject);

/// Why an image is gone.
enum class Departure { exited, replaced, vanished };

/// The running processes by pid, kept by events and healed by each pull: what an event was lost for
/// appears at the next pull, and what a pull no longer shows is removed.
class ProcessTable {
  public:
    /// Called for every image that ends, before it is forgotten.
    using OnDeparture = std::function<void(const Process& process, Departure departure)>;
    explicit ProcessTable(OnDeparture on_departure) : on_departure_(std::move(on_departure)) {}

    const Process& on_exec(const abi::process_exec_event& event);
    void on_fork(const abi::process_fork_event& event);
    void on_exit(const abi::process_exit_event& event);

    /// Counts what had been missed: processes that no event had told of.
    std::size_t reconcile(std::span<const abi::process_record> processes);

    /// nullptr unless this pid runs now.
    [[nodiscard]] const Process* find(std::uint32_t pid) const;
    /// Whether a running process is `ancestor` or, as far as known, a descendant of it.
    [[nodiscard]] bool descends_from(const abi::subject_id& process,
                                     const abi::subject_id& ancestor) const;
    [[nodiscard]] std::size_t size() const { return processes_.size(); }

  private:
    struct Entry {
        Process process;
        std::uint64_t last_pull = 0;
    };
    void depart(Process& process, Departure departure);
    void adopt(Process& child, const ProcessKey& parent) const;
    /// The entry for this subject; an older process or image under the same pid departs first.
    Entry& claim(const abi::subject_id& subject);

    OnDeparture on_departure_;
    std::unordered_map<std::uint32_t, Entry> processes_;
    std::uint64_t pulls_ = 0;
};

/// What rules see of an exec. `parent` is who runs under the parent's pid now, or nullptr; its name
/// is told only if it is the parent.
[[nodiscard]] rules::Observation observe_exec(const Process& process, const Process* parent,
                                              const abi::process_exec_event& event);

/// A comm field as valid UTF-8.
[[nodiscard]] std::string command_text(const char (&command)[COMMAND_LENGTH]);

} // namespace minewarden::agent
