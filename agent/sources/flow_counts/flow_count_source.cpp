// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/flow_counts/flow_count_source.h"

#include "agent/sources/bpf/iterator.h"

#include <bpf/libbpf.h>

#include <array>
#include <flow_counts.skel.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.10 or later with BTF";
constexpr std::array<Way, 3> ways{{
    {"pull_counts", "socket storage iterator"},
    {"pull_counts_by_descriptor", "descriptor iterator, socket storage"},
    {"pull_counts_by_cookie", "descriptor iterator, socket cookies"},
}};

} // namespace

FlowCountSource::FlowCountSource()
    : capability_{.name = "connection-traffic",
                  .purpose = "how much connections carry, and ends that were missed"} {
}
FlowCountSource::~FlowCountSource() = default;

void FlowCountSource::attach(SourceContext& context) {
    auto object = BpfObject<flow_counts_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    auto& programs = (*object_)->progs;
    iterator_ = object_->attach(programs.pull_counts, [&](const bpf_program* loaded) {
        bpf_iter_link_info storage{};
        storage.map.map_fd = static_cast<__u32>(bpf_map__fd((*object_)->maps.flows));
        LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &storage,
                    .link_info_len = sizeof(storage));
        return bpf_program__attach_iter(loaded, &options);
    });
    sees_every_socket_ = iterator_ != nullptr;
    for (bpf_program* program :
         {programs.pull_counts_by_descriptor, programs.pull_counts_by_cookie}) {
        if (iterator_) break;
        iterator_ = object_->attach(program, [](const bpf_program* loaded) {
            return bpf_program__attach_iter(loaded, nullptr);
        });
    }
    choose(capability_, ways, object_->missing(), kernel_remedy);
}

void FlowCountSource::stop() {
    iterator_.reset();
    object_.reset();
}

Result<bool> FlowCountSource::pull(const OnCounts& on_counts, std::uint64_t most_cpu_ns) {
    return pull_in_pieces(iterator_.get(), "flow_counts", on_counts, most_cpu_ns);
}

} // namespace minewarden::agent
