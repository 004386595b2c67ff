// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/bpf/privilege.h"

#include "common/host/namespaces.h"

#include <linux/capability.h>
#include <sys/syscall.h>

#include <array>
#include <cstdint>
#include <unistd.h>

namespace minewarden::agent {
namespace {

bool has_capability(const std::array<__user_cap_data_struct, 2>& data, unsigned capability) {
    return (data[capability / 32].effective & (1u << (capability % 32))) != 0;
}

/// The kernel accepts CAP_SYS_ADMIN instead of each of them (include/linux/capability.h).
bool may_use_bpf() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
    return has_capability(data, CAP_SYS_ADMIN) ||
           (has_capability(data, CAP_BPF) && has_capability(data, CAP_PERFMON) &&
            has_capability(data, CAP_NET_ADMIN));
}

} // namespace

std::string permission_remedy() {
    if (!may_use_bpf())
        return "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; in a container also "
               "with the host's pid and cgroup namespaces";
    if (!in_initial_namespace(NamespaceKind::user))
        return "run outside of the user namespace: capabilities inside of one do not permit BPF";
    return "use another kernel: this one denies it to root, too (lockdown, a security module, "
           "or its build options)";
}

} // namespace minewarden::agent
