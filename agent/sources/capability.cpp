// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/capability.h"

#include "agent/sources/bpf/privilege.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::agent {
namespace {

const MissingProgram* find(std::span<const MissingProgram> missing, std::string_view name) {
    const auto found = std::ranges::find(missing, name, &MissingProgram::name);
    return found == missing.end() ? nullptr : &*found;
}

std::string refusal(const MissingProgram& program) {
    if (program.cause == MissingProgram::Cause::disabled)
        return fmt::format("{} is disabled (agent.disabled_hooks)", program.hook);
    return fmt::format("this kernel refuses {} ({})", program.hook, program.reason);
}

std::string remedy_for(MissingProgram::Cause cause, std::string_view kernel_remedy) {
    switch (cause) {
    case MissingProgram::Cause::disabled:
        return "remove it from agent.disabled_hooks";
    case MissingProgram::Cause::not_permitted:
        return permission_remedy();
    case MissingProgram::Cause::not_supported:
        break;
    }
    return std::string(kernel_remedy);
}

void append(std::string& text, std::string_view more) {
    if (!text.empty()) text += "; ";
    text += more;
}

} // namespace

void assess(Capability& capability, std::span<const NeededProgram> needed,
            std::span<const MissingProgram> missing, std::string_view remedy) {
    std::size_t lost = 0;
    for (const NeededProgram& program : needed) {
        const MissingProgram* found = find(missing, program.name);
        if (found == nullptr) continue;
        ++lost;
        append(capability.problem, fmt::format("{}: {}", refusal(*found), program.loss));
        capability.remedy = remedy_for(found->cause, remedy);
    }
    if (lost > 0) capability.coverage = lost == needed.size() ? Coverage::none : Coverage::partial;
    if (capability.coverage == Coverage::none) capability.source.clear();
}

void choose(Capability& capability, std::span<const Way> ways,
            std::span<const MissingProgram> missing, std::string_view remedy) {
    std::string refused;
    for (const Way& way : ways) {
        const MissingProgram* found = find(missing, way.program);
        if (found == nullptr) {
            capability.source = way.source;
            capability.detail = refused;
            return;
        }
        if (const std::string text = refusal(*found); !refused.ends_with(text))
            append(refused, text);
    }
    capability.coverage = Coverage::none;
    capability.problem = fmt::format("{}; what is lost: {}", refused, capability.purpose);
    if (const MissingProgram* last = find(missing, ways.back().program); last != nullptr)
        capability.remedy = remedy_for(last->cause, remedy);
}

std::string describe_problem(const Capability& capability) {
    if (capability.problem.empty()) return {};
    return fmt::format("{}. What helps: {}", capability.problem, capability.remedy);
}

void rule_out(Capability& capability, const Error& error, std::string_view remedy) {
    capability.coverage = Coverage::none;
    capability.problem = error.message;
    capability.remedy =
        error.kind == ErrorKind::permission ? permission_remedy() : std::string(remedy);
}

} // namespace minewarden::agent
