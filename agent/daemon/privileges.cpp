// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>
#include <vector>

namespace minewarden::agent {

Result<void> drop_privileges() {
    // The rounding-mode sampler needs this priority on kernels without slices (run_on_arrival).
    const rlimit lowest_priority{1, 1};
    (void)::setrlimit(RLIMIT_RTPRIO, &lowest_priority);

    int last = 0;
    while (::prctl(PR_CAPBSET_READ, last, 0, 0, 0) >= 0) ++last;
    const bool has_bpf = last > CAP_BPF;
    std::vector<int> kept{CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH};
    if (has_bpf)
        kept.insert(kept.end(), {CAP_BPF, CAP_PERFMON});
    else
        kept.push_back(CAP_SYS_ADMIN);

    for (int capability = 0; capability < last; ++capability) {
        if (std::ranges::find(kept, capability) != kept.end()) continue;
        // This fails without CAP_SETPCAP. Then no_new_privs below suffices.
        (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    if (::syscall(SYS_capget, &header, data.data()) != 0)
        return fail(system_error(ErrorKind::internal, "cannot read capabilities", errno));
    std::array<std::uint32_t, 2> mask{};
    for (const int capability : kept)
        mask[static_cast<std::size_t>(capability / 32)] |= 1u << (capability % 32);
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i].permitted &= mask[i];
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, data.data()) != 0 ||
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(system_error(ErrorKind::internal, "cannot drop capabilities", errno));
    return {};
}

} // namespace minewarden::agent
