// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/flow_puller.h"

#include "common/clock.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <flow_holders.skel.h>
#include <flow_pull.skel.h>

namespace minewarden::agent {
namespace {

Result<SkeletonOwner<flow_pull_bpf>> load_pull(const SharedMaps& maps, int flows_map,
                                               bool with_holders) {
    SkeletonOwner<flow_pull_bpf> skeleton(flow_pull_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the flow puller", errno));
    bpf_program__set_autoload(skeleton->progs.pull_holders, with_holders);
    if (auto shared = maps.share_with(skeleton->obj); !shared)
        return fail(std::move(shared).error());
    if (const int error = bpf_map__reuse_fd(skeleton->maps.flows, flows_map); error != 0)
        return fail(bpf_error("cannot share the socket storage", -error));
    if (const int error = flow_pull_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the flow puller", -error));
    return skeleton;
}

Result<SkeletonOwner<flow_holders_bpf>> load_by_cookie(const SharedMaps& maps) {
    SkeletonOwner<flow_holders_bpf> skeleton(flow_holders_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the descriptor iterator", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared)
        return fail(std::move(shared).error());
    if (const int error = flow_holders_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the descriptor iterator", -error));
    return skeleton;
}

} // namespace

FlowPuller::FlowPuller(SkeletonOwner<flow_pull_bpf> skeleton,
                       SkeletonOwner<flow_holders_bpf> by_cookie, BpfLink holders, BpfLink counts,
                       BpfLink read_again)
    : skeleton_(std::move(skeleton)),
      by_cookie_(std::move(by_cookie)),
      holders_(std::move(holders)),
      counts_(std::move(counts)),
      read_again_(std::move(read_again)) {
}
FlowPuller::FlowPuller(FlowPuller&&) noexcept = default;
FlowPuller& FlowPuller::operator=(FlowPuller&&) noexcept = default;
FlowPuller::~FlowPuller() = default;

std::string_view FlowPuller::source() const {
    return by_cookie_ ? "descriptor iterator, socket cookies"
                      : "descriptor iterator, socket storage";
}

Result<FlowPuller> FlowPuller::attach(const SharedMaps& maps, int flows_map, bool prefer_storage) {
    auto skeleton = load_pull(maps, flows_map, prefer_storage);
    SkeletonOwner<flow_holders_bpf> by_cookie;
    if (!skeleton || !prefer_storage) {
        skeleton = load_pull(maps, flows_map, false);
        auto loaded = load_by_cookie(maps);
        if (!loaded) return fail(std::move(loaded).error());
        by_cookie = std::move(*loaded);
    }
    if (!skeleton) return fail(std::move(skeleton).error());
    const bpf_program* finder =
        by_cookie ? by_cookie->progs.pull_holders_by_cookie : (*skeleton)->progs.pull_holders;
    BpfLink holders(bpf_program__attach_iter(finder, nullptr));
    if (!holders) return fail(bpf_error("cannot attach the descriptor iterator", errno));
    bpf_iter_link_info storage{};
    storage.map.map_fd = static_cast<__u32>(flows_map);
    LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &storage,
                .link_info_len = sizeof(storage));
    BpfLink counts(bpf_program__attach_iter((*skeleton)->progs.pull_counts, &options));
    if (!counts) return fail(bpf_error("cannot attach the socket storage iterator", errno));
    BpfLink read_again(bpf_program__attach_iter((*skeleton)->progs.mark_to_read_again, &options));
    if (!read_again) return fail(bpf_error("cannot attach the socket storage iterator", errno));
    return FlowPuller(std::move(*skeleton), std::move(by_cookie), std::move(holders),
                      std::move(counts), std::move(read_again));
}

Result<bool> FlowPuller::pull_holders(const OnHolders& on_holders, std::uint64_t most_cpu_ns) {
    using Record = abi::flow_holder_record;
    const std::uint64_t cpu_before = thread_cpu_ns();
    std::vector<Record> records;
    const auto take = [&](std::string_view bytes) {
        records.resize(bytes.size() / sizeof(Record));
        if (!records.empty())
            std::memcpy(records.data(), bytes.data(), records.size() * sizeof(Record));
        on_holders(records);
        return records.size() * sizeof(Record);
    };
    return read_iterator_in_pieces(holders_.get(), "pull_holders", take,
                                   [&] { return thread_cpu_ns() - cpu_before < most_cpu_ns; });
}

Result<std::span<const abi::flow_counts_record>> FlowPuller::pull_counts() {
    return pull_records(counts_.get(), "pull_counts", buffer_, counts_records_);
}

Result<void> FlowPuller::read_again(std::span<const std::uint64_t> flow_ids) {
    const int map = bpf_map__fd(skeleton_->maps.to_read_again);
    Result<void> asked;
    for (const std::uint64_t flow_id : flow_ids) {
        const std::uint32_t unused = 0;
        if (bpf_map_update_elem(map, &flow_id, &unused, BPF_ANY) == 0) continue;
        asked = fail(bpf_error("cannot ask for a connection to be read again", errno));
        break;
    }
    if (asked) asked = read_iterator(read_again_.get(), "mark_to_read_again", buffer_);
    for (const std::uint64_t flow_id : flow_ids) (void)bpf_map_delete_elem(map, &flow_id);
    return asked;
}

} // namespace minewarden::agent
