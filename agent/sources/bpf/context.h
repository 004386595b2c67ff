// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"
#include "kernel/error_abi.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

struct bpf_object;

namespace minewarden::agent {

/// An error of kind unavailable, or permission for EPERM: "<what>: <text of errno>". The messages
/// of libbpf and the verifier are logged at level debug.
[[nodiscard]] Error bpf_error(std::string_view what, int error);

/// How often something failed in the kernel at one place (kernel/error_abi.h).
struct ErrorCount {
    std::string_view place;
    abi::error_effect effect = abi::ERROR_LOST;
    std::string_view loss; ///< what is lost or left out
    std::uint64_t count = 0;
    std::int64_t last_error = 0;
};

/// What all BPF programs of an agent share: maps by name, among them the event ring and the error
/// counts, and the list of hooks that must not be used. Needs CAP_BPF and CAP_PERFMON, or root.
class BpfContext {
  public:
    /// `disabled_hooks`: sections of kernel/*.bpf.c or beginnings of them ("iter/task_file",
    /// "cgroup_skb"), or names of programs there ("pull_counts"). These programs are treated as if
    /// the kernel rejected them.
    static Result<BpfContext> create(std::vector<std::string> disabled_hooks = {});

    [[nodiscard]] bool is_disabled(std::string_view hook, std::string_view program) const;

    /// Makes an object that is open but not loaded use the known maps instead of its own.
    Result<void> use_known_maps(bpf_object* object) const;
    /// Adds the maps of a loaded object to the known ones, and counts the runs that its tracing
    /// programs miss from now on.
    void make_known(bpf_object* object);

    /// The descriptor of a known map, or -1 if none has this name.
    [[nodiscard]] int map(std::string_view name) const;
    [[nodiscard]] int ring() const { return map("events"); }
    /// All places with a count above 0, and PROGRAM_RUN_MISSED, which the kernel counts from Linux
    /// 5.12 on (bpf_prog_info.recursion_misses).
    [[nodiscard]] std::vector<ErrorCount> read_errors() const;

  private:
    explicit BpfContext(std::vector<std::string> disabled_hooks)
        : disabled_hooks_(std::move(disabled_hooks)) {}

    std::vector<std::string> disabled_hooks_;
    [[nodiscard]] std::uint64_t missed_runs() const;

    std::map<std::string, Fd, std::less<>> maps_; ///< by name
    std::vector<Fd> tracing_programs_;
};

} // namespace minewarden::agent
