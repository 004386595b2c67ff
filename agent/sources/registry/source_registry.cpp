// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/registry/source_registry.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr const char* btf_path = "/sys/kernel/btf/vmlinux";

Capability find_btf() {
    Capability btf{.name = "kernel-btf", .purpose = "every source", .detail = btf_path};
    if (::access(btf_path, R_OK) != 0) {
        btf.detail.clear();
        rule_out(btf, system_error(ErrorKind::unavailable, btf_path, errno),
                 "use a kernel built with CONFIG_DEBUG_INFO_BTF (Debian 11, RHEL 8.2, Ubuntu 20.10 "
                 "and later)");
    }
    return btf;
}

} // namespace

Result<std::unique_ptr<SourceRegistry>>
SourceRegistry::attach(EventRing::Handler handler, std::vector<std::string> disabled_hooks) {
    TRY_ASSIGN(auto bpf, BpfContext::create(std::move(disabled_hooks)));
    std::unique_ptr<SourceRegistry> registry(new SourceRegistry(std::move(bpf)));
    TRY_ASSIGN(auto ring, EventRing::open(registry->bpf_, std::move(handler)));
    registry->ring_ = std::move(ring);

    const auto cgroup_root = open_cgroup_root();
    if (cgroup_root)
        registry->cgroup_.detail = cgroup_root->origin;
    else
        rule_out(registry->cgroup_, cgroup_root.error(),
                 "mount cgroup2, or run in the host's cgroup namespace");
    SourceContext context{.bpf = registry->bpf_, .cgroup_root = cgroup_root};
    registry->for_each([&](Source& source) { source.attach(context); });
    return registry;
}

std::vector<Capability> SourceRegistry::capabilities() const {
    std::vector<Capability> all{
        find_btf(), {.name = "ring-buffer", .purpose = "every source"}, cgroup_};
    for_each([&](const Source& source) {
        std::ranges::move(source.capabilities(), std::back_inserter(all));
    });
    return all;
}

void SourceRegistry::count(PlaceCounts& counts) const {
    for_each([&](const Source& source) { source.count(counts); });
}

void SourceRegistry::stop() {
    for_each([](Source& source) { source.stop(); });
}

std::vector<Capability> probe(std::vector<std::string> disabled_hooks) {
    const auto registry = SourceRegistry::attach([](ByteView) {}, std::move(disabled_hooks));
    if (registry) return (*registry)->capabilities();
    Capability ring{.name = "ring-buffer", .purpose = "every source"};
    rule_out(ring, registry.error(), "use Linux 5.8 or later");
    return {find_btf(), std::move(ring)};
}

} // namespace minewarden::agent
