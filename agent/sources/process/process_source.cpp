// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/process/process_source.h"

#include <bpf/libbpf.h>

#include <array>
#include <process.skel.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.8 or later with BTF";
constexpr std::array<NeededProgram, 3> needed{{
    {"on_exec", "new programs are seen only once a window, short-lived ones never"},
    {"on_fork", "forked workers that are soon replaced are not added up"},
    {"on_exit", "ends are seen only once a window, and the work of short-lived threads never"},
}};

} // namespace

ProcessSource::ProcessSource()
    : capability_{.name = "process-events",
                  .purpose = "exec, fork and exit as they happen (otherwise once a window)"} {
}
ProcessSource::~ProcessSource() = default;

void ProcessSource::attach(SourceContext& context) {
    auto object = BpfObject<process_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    auto& programs = (*object_)->progs;
    for (bpf_program* program : {programs.on_exec, programs.on_fork, programs.on_exit})
        links_.push_back(object_->attach(program, bpf_program__attach));
    capability_.source = "sched_process_exec, fork, exit";
    assess(capability_, needed, object_->missing(), kernel_remedy);
}

void ProcessSource::stop() {
    links_.clear();
    object_.reset();
}

} // namespace minewarden::agent
