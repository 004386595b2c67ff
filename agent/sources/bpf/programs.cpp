// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/bpf/programs.h"

#include "common/error.h"

#include <bpf/libbpf.h>
#include <fmt/core.h>

namespace minewarden::agent {
namespace {

/// EACCES means that the verifier rejects the program; it is not about permissions
/// (kernel/bpf/verifier.c).
MissingProgram::Cause cause_of(int error) {
    return error == EPERM ? MissingProgram::Cause::not_permitted
                          : MissingProgram::Cause::not_supported;
}

bool is_missing(const std::vector<MissingProgram>& missing, const bpf_program* program) {
    return std::ranges::find(missing, bpf_program__name(program), &MissingProgram::name) !=
           missing.end();
}

/// Opens a copy that will load the programs for which `wanted` returns true.
template <class Wanted>
Result<ObjectCopy> open_with(BpfContext& context, const std::function<ObjectCopy()>& open,
                             Wanted wanted) {
    ObjectCopy copy = open();
    if (copy.object == nullptr) return fail(bpf_error("cannot open a BPF object", errno));
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, copy.object) {
        bpf_program__set_autoload(program, wanted(program));
    }
    TRY(context.use_known_maps(copy.object));
    return copy;
}

} // namespace

void LinkDeleter::operator()(bpf_link* link) const {
    bpf_link__destroy(link);
}

bool is_loaded(const bpf_program* program) {
    return bpf_program__fd(program) >= 0;
}

MissingProgram refused_program(const bpf_program* program, int error) {
    return {bpf_program__name(program), bpf_program__section_name(program),
            error == EACCES ? "its verifier rejects the program" : errno_text(error),
            cause_of(error)};
}

Result<ObjectCopy> load_accepted_programs(BpfContext& context,
                                          const std::function<ObjectCopy()>& open,
                                          std::vector<MissingProgram>& missing) {
    std::vector<std::string> candidates;
    const auto is_enabled = [&](const bpf_program* program) {
        const char* hook = bpf_program__section_name(program);
        const char* name = bpf_program__name(program);
        if (context.is_disabled(hook, name))
            missing.push_back({name, hook, "disabled", MissingProgram::Cause::disabled});
        else
            candidates.emplace_back(name);
        return !is_missing(missing, program);
    };
    auto all = open_with(context, open, is_enabled);
    if (!all) return all;
    int error = all->load();
    if (error == 0) {
        context.make_known(all->object);
        return all;
    }
    // libbpf fails for the whole object if one program fails. Find out which.
    for (const std::string& candidate : candidates) {
        TRY_ASSIGN(auto alone, open_with(context, open, [&](const bpf_program* program) {
                       return bpf_program__name(program) == candidate;
                   }));
        const int refusal = alone.load();
        if (refusal == 0) continue;
        missing.push_back(refused_program(
            bpf_object__find_program_by_name(alone.object, candidate.c_str()), -refusal));
    }
    auto accepted = open_with(
        context, open, [&](const bpf_program* program) { return !is_missing(missing, program); });
    if (!accepted) return accepted;
    error = accepted->load();
    if (error != 0)
        return fail(bpf_error(
            fmt::format("cannot load the BPF object {}", bpf_object__name(accepted->object)),
            -error));
    context.make_known(accepted->object);
    return accepted;
}

} // namespace minewarden::agent
