// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/context.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct bpf_link;
struct bpf_object;
struct bpf_program;

namespace minewarden::agent {

struct LinkDeleter {
    void operator()(bpf_link* link) const;
};
using BpfLink = std::unique_ptr<bpf_link, LinkDeleter>;

/// A program that was not loaded or not attached.
struct MissingProgram {
    enum class Cause { not_permitted, not_supported, disabled };
    std::string name;   ///< of its function in kernel/
    std::string hook;   ///< its section there: "iter/task_file"
    std::string reason; ///< errno's text
    Cause cause = Cause::not_supported;
};

/// One copy of a BPF object, closed with its last handle; what BpfObject hides of libbpf.
struct ObjectCopy {
    std::shared_ptr<void> skeleton;
    bpf_object* object = nullptr;
    std::function<int()> load; ///< 0 or a negative errno
};

/// Loads a fresh copy with all the programs that the kernel accepts; the rest goes into `missing`.
/// Fails if a copy cannot be opened, or its maps cannot be made.
Result<ObjectCopy> load_accepted_programs(BpfContext& context,
                                          const std::function<ObjectCopy()>& open,
                                          std::vector<MissingProgram>& missing);
[[nodiscard]] bool is_loaded(const bpf_program* program);
[[nodiscard]] MissingProgram refused_program(const bpf_program* program, int error);

/// A BPF object of which each program is loaded and attached on its own merits: one that the kernel
/// refuses is left out, and the others work. Every source loads its programs this way. Maps that
/// the context knows by name are used in place of the object's own; its other maps become known.
///
/// `Skeleton`: a type that bpftool generated.
template <class Skeleton>
class BpfObject {
  public:
    static Result<BpfObject> load(BpfContext& context) {
        const auto open = [] {
            std::shared_ptr<Skeleton> copy(Skeleton::open(), [](Skeleton* skeleton) {
                if (skeleton != nullptr) Skeleton::destroy(skeleton);
            });
            Skeleton* raw = copy.get();
            return ObjectCopy{std::move(copy), raw == nullptr ? nullptr : raw->obj,
                              [raw] { return Skeleton::load(raw); }};
        };
        BpfObject result;
        TRY_ASSIGN(auto loaded, load_accepted_programs(context, open, result.missing_));
        result.skeleton_ = std::static_pointer_cast<Skeleton>(loaded.skeleton);
        return result;
    }

    Skeleton* operator->() const { return skeleton_.get(); }
    [[nodiscard]] const std::vector<MissingProgram>& missing() const { return missing_; }

    /// Attaches a program with `attach_it`, which calls one of libbpf's bpf_program__attach_*().
    /// nullptr if the program is missing, or becomes so because the kernel refuses that.
    template <class Attach>
    BpfLink attach(bpf_program* program, Attach attach_it) {
        if (!is_loaded(program)) return nullptr;
        BpfLink link(attach_it(program));
        if (!link) missing_.push_back(refused_program(program, errno));
        return link;
    }

  private:
    BpfObject() = default;
    std::shared_ptr<Skeleton> skeleton_;
    std::vector<MissingProgram> missing_;
};

} // namespace minewarden::agent
