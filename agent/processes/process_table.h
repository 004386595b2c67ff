// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/alive_in_proc.h"
#include "agent/processes/fork_lineage.h"
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

/// What is known of one process.
struct Process {
    static constexpr std::size_t maximum_ancestors = 8;

    rules::ImageKey image;
    std::uint32_t parent_pid = 0; ///< the parent now
    /// The process that forked it, the one that forked that one, and so on, as far as known. They
    /// may have ended.
    std::vector<ProcessKey> ancestors;
    std::uint32_t user_id = 0;
    std::string command;   ///< valid UTF-8
    std::string exec_path; ///< as given to execve; "" if the agent did not see the exec
    bool file_deleted = false;
    std::uint64_t file_inode = 0; ///< of the executable; 0 if not known
    /// Of the v2 hierarchy, at the last exec or pull; 0 if not known. A fork does not inherit it,
    /// because it can start in another cgroup than its parent.
    std::uint64_t cgroup_id = 0;
    bool replaced = false; ///< departed: the process runs another program now
    bool ended = false;    ///< departed: another process can have its pid now
};

[[nodiscard]] rules::ImageKey to_image(const abi::subject_id& subject);

/// How an image departed.
enum class Departure {
    exited,
    replaced, ///< by an exec
    vanished, ///< without an event
};

/// An image of which nothing is left: neither it nor a fork of it runs.
struct GoneImage {
    rules::ImageKey image;
    Departure departure; ///< of the image itself, before its forks
    bool operator==(const GoneImage&) const = default;
};

/// The processes of this host by pid, and which of them are forks of the same program. Events keep
/// it up to date. Each pull of the kernel's table repairs what lost events left wrong: it adds the
/// processes that are missing and removes those that have vanished.
///
/// An image that departs waits in a queue until take_gone(), so that what was observed of it can be
/// judged first. An image that departs while forks of it live is a founder: it stays known until
/// the last of them has departed.
class ProcessTable {
  public:
    /// Whether the process of a subject is alive, for processes that are not in the table.
    using IsAlive = std::function<bool(const abi::subject_id& subject)>;
    explicit ProcessTable(IsAlive is_unseen_alive = is_alive_in_proc)
        : is_unseen_alive_(std::move(is_unseen_alive)) {}

    const Process& on_exec(const abi::process_exec_event& event);
    void on_fork(const abi::process_fork_event& event);
    void on_exit(const abi::process_exit_event& event);
    /// Takes over a pull of the whole table. Returns how many processes no event had reported.
    std::size_t reconcile(std::span<const abi::process_record> processes);

    /// True if images have departed since take_gone().
    [[nodiscard]] bool has_departures() const { return !departed_.empty(); }
    /// Empties the queue. Returns the images that are gone now, founders included.
    std::vector<GoneImage> take_gone();

    /// The process that has this pid now, or nullptr.
    [[nodiscard]] const Process* find(std::uint32_t pid) const;
    /// What is known of this image: it runs, has departed and waits in the queue, or is a founder.
    [[nodiscard]] const Process* find(const rules::ImageKey& image) const;
    /// True if a process in the table runs this image now.
    [[nodiscard]] bool runs(const rules::ImageKey& image) const;
    [[nodiscard]] bool is_founder(const rules::ImageKey& image) const {
        return founders_.contains(image);
    }
    /// True if the process of this subject is alive, whatever program it runs now.
    [[nodiscard]] bool is_alive(const abi::subject_id& subject) const;
    /// The image that answers for what a subject does: the program that its process runs now, or
    /// the subject's own image if that is a founder. nullopt if the process has ended.
    [[nodiscard]] std::optional<rules::ImageKey> image_of(const abi::subject_id& subject) const;
    /// True if `process` is `ancestor`, or a running process that is known to descend from it.
    [[nodiscard]] bool descends_from(const abi::subject_id& process,
                                     const abi::subject_id& ancestor) const;
    [[nodiscard]] const ForkLineage& lineage() const { return lineage_; }
    [[nodiscard]] std::size_t size() const { return processes_.size(); }

  private:
    struct Entry {
        Process process;
        std::uint64_t last_pull = 0;
    };
    struct Departed {
        Process process;
        Departure departure;
    };
    void depart(Process process, Departure departure);
    void adopt(Process& child, const ProcessKey& parent) const;
    /// The entry for this subject. Another process or image under the same pid departs.
    Entry& claim(const abi::subject_id& subject);

    IsAlive is_unseen_alive_;
    std::unordered_map<std::uint32_t, Entry> processes_;
    ForkLineage lineage_;
    std::vector<Departed> departed_; ///< oldest first
    std::map<rules::ImageKey, Departed> founders_;
    std::uint64_t pulls_ = 0;
};

/// The observation of an exec. `parent` is the process that has the parent's pid now, or nullptr;
/// its command is included only if it still is the parent.
[[nodiscard]] rules::Observation observe_exec(const Process& process, const Process* parent,
                                              const abi::process_exec_event& event);

/// A comm field as valid UTF-8.
[[nodiscard]] std::string command_text(const char (&command)[COMMAND_LENGTH]);

} // namespace minewarden::agent
