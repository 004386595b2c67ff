// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/programs.h"

#include <span>
#include <string>
#include <string_view>

namespace minewarden::agent {

enum class Coverage {
    full,
    partial, ///< part of what needs it is lost
    none,
};

/// Something that the agent can see on this host, or cannot, and by which way. --probe prints all
/// capabilities, heartbeats carry them, docs/kernels.md lists them.
struct Capability {
    std::string_view name;    ///< "connection-owner"
    std::string_view purpose; ///< what needs it
    Coverage coverage = Coverage::full;
    /// The way that works here, the same text on every host with this kernel; "" if there is only
    /// one way.
    std::string source = {};
    std::string detail = {};  ///< what was found, or ""
    std::string problem = {}; ///< one line: what is missing and what that costs; "" if nothing is
    std::string remedy = {};  ///< the next step; "" if nothing is missing
};

/// A program that a capability needs, and what is lost without it.
struct NeededProgram {
    std::string_view name;
    std::string_view loss;
};

/// Fills in coverage, problem and remedy of a capability that needs all programs of `needed`. If
/// all are missing, the coverage is none. `remedy` is for a kernel that lacks something; if
/// permission is lacking, the remedy depends on the privileges of this process.
void assess(Capability& capability, std::span<const NeededProgram> needed,
            std::span<const MissingProgram> missing, std::string_view remedy);

/// The same for a capability that needs only one of several programs. The first of `ways` that is
/// there becomes its source; the detail names the missing ones before it.
struct Way {
    std::string_view program;
    std::string_view source;
};
void choose(Capability& capability, std::span<const Way> ways,
            std::span<const MissingProgram> missing, std::string_view remedy);

/// "<problem>. What helps: <remedy>" on one line, or "" if nothing is missing.
[[nodiscard]] std::string describe_problem(const Capability& capability);

/// Because of `error`, nothing of it can be seen.
void rule_out(Capability& capability, const Error& error, std::string_view remedy);

} // namespace minewarden::agent
