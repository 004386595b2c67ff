// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/syscalls/syscall_source.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <numeric>
#include <syscalls.skel.h>

namespace minewarden::agent {

namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.8 or later with BTF";
constexpr std::array<NeededProgram, 1> needed{
    {{"on_syscall", "findings do not say which syscalls their process makes"}}};

} // namespace

SyscallSource::SyscallSource()
    : capability_{.name = "syscall-histogram",
                  .purpose = "which syscalls a process with a finding makes"} {
}
SyscallSource::~SyscallSource() = default;

void SyscallSource::attach(SourceContext& context) {
    auto object = BpfObject<syscalls_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    capability_.source = "tp_btf/sys_enter, loaded and not attached";
    assess(capability_, needed, object_->missing(), kernel_remedy);
}

void SyscallSource::stop() {
    link_.reset();
    object_.reset();
}

bool SyscallSource::is_loaded() const {
    return object_ && minewarden::agent::is_loaded((*object_)->progs.on_syscall);
}

Result<void> SyscallSource::aim(std::uint32_t pid, std::uint64_t start_boottime_ns) {
    const std::uint32_t key = 0;
    const abi::syscall_target target{pid, 0, start_boottime_ns};
    if (bpf_map_update_elem(bpf_map__fd((*object_)->maps.syscall_target), &key, &target, BPF_ANY) !=
        0)
        return fail(bpf_error("cannot set the process of the syscall program", errno));
    return {};
}

Result<void> SyscallSource::begin(const rules::ImageKey& image, BootTime now) {
    TRY_ASSIGN(auto before, read_counts());
    TRY(aim(image.pid, image.start_boottime_ns));
    link_.reset(bpf_program__attach((*object_)->progs.on_syscall));
    if (!link_) return fail(bpf_error("cannot attach the syscall program", errno));
    before_ = before;
    image_ = image;
    began_ = now;
    return {};
}

Result<SyscallCounts> SyscallSource::end(BootTime now) {
    link_.reset();
    auto after = read_counts();
    TRY(aim(0, 0));
    if (!after) return fail(std::move(after).error());
    SyscallCounts result{image_, {}, now.ns - began_.ns};
    for (std::size_t number = 0; number < result.counts.size(); ++number)
        result.counts[number] = (*after)[number] - before_[number];
    return result;
}

Result<std::array<std::uint64_t, SYSCALL_SLOTS>> SyscallSource::read_counts() const {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus <= 0) return fail(bpf_error("cannot count the CPUs", -cpus));
    std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus));
    std::array<std::uint64_t, SYSCALL_SLOTS> counts{};
    const int map = bpf_map__fd((*object_)->maps.syscall_counts);
    for (std::uint32_t number = 0; number < counts.size(); ++number) {
        if (bpf_map_lookup_elem(map, &number, values.data()) != 0)
            return fail(bpf_error("cannot read the syscall counts", errno));
        counts[number] = std::accumulate(values.begin(), values.end(), std::uint64_t{0});
    }
    return counts;
}

} // namespace minewarden::agent
