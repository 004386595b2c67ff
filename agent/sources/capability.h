// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/programs.h"

#include <span>
#include <string>
#include <string_view>

namespace minewarden::agent {

enum class Coverage {
    full,
    partial, ///< some of what needs it is lost
    none,
};

/// One thing that the agent can see on this host, or cannot, and by which way: what --probe prints
/// and heartbeats carry. docs/kernels.md lists them all.
struct Capability {
    std::string_view name;    ///< "connection-owner"
    std::string_view purpose; ///< what needs it
    Coverage coverage = Coverage::full;
    /// Which of several ways works here; the same text on every host with this kernel. "" if there
    /// is only one.
    std::string source = {};
    std::string detail = {};  ///< what was found; may be empty
    std::string problem = {}; ///< what is missing and what that costs, on one line; "" if nothing
    std::string remedy = {};  ///< the next step; "" if nothing is missing
};

/// A program that a capability rests on, and what is lost without it.
struct NeededProgram {
    std::string_view name;
    std::string_view loss;
};

/// Fills in coverage, problem and remedy of a capability that rests on each of `needed`: none of
/// them there is Coverage::none. `remedy` is for a kernel that lacks something; of a refusal for
/// want of permission the remedy follows from the privileges of this process.
void assess(Capability& capability, std::span<const NeededProgram> needed,
            std::span<const MissingProgram> missing, std::string_view remedy);

/// The same of a capability that any one of `ways` gives; the first that is there becomes its
/// source, and the detail names the refused ones before it.
struct Way {
    std::string_view program;
    std::string_view source;
};
void choose(Capability& capability, std::span<const Way> ways,
            std::span<const MissingProgram> missing, std::string_view remedy);

/// "<problem>. What helps: <remedy>" on one line; "" if nothing is missing.
[[nodiscard]] std::string describe_problem(const Capability& capability);

/// Nothing of it can be seen, because of `error`.
void rule_out(Capability& capability, const Error& error, std::string_view remedy);

} // namespace minewarden::agent
