// SPDX-License-Identifier: Apache-2.0
#include "common/process/lockdown.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MINEWARDEN_HAS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MINEWARDEN_HAS_SANITIZER
#endif
#endif

namespace minewarden {
namespace {

#ifdef MINEWARDEN_HAS_SANITIZER
constexpr bool has_sanitizer = true;
#else
constexpr bool has_sanitizer = false;
#endif

constexpr const char* own_user = "minewarden";
constexpr uid_t nobody = 65534;

Failure<Error> failed(const char* what, int error) {
    return fail(system_error(ErrorKind::internal, what, error));
}

Result<void> leave_root() {
    if (::geteuid() != 0) return {};
    uid_t user = nobody;
    gid_t group = nobody;
    if (const passwd* entry = ::getpwnam(own_user)) {
        user = entry->pw_uid;
        group = entry->pw_gid;
    }
    // A service manager may have taken the capability for it: then little is left to give up.
    if (::setgroups(0, nullptr) != 0 && errno == EPERM) return {};
    // Also drops all capabilities.
    if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 ||
        ::setresuid(user, user, user) != 0)
        return failed("cannot leave the user root", errno);
    return {};
}

/// No path can be opened, created or removed any more. Older kernels only know some of these
/// rights.
Result<void> close_files() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return {};
    constexpr std::uint64_t first_version = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = first_version;
    const long set = ::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (set < 0) return failed("cannot create a Landlock rule set", errno);
    const long restricted = ::syscall(SYS_landlock_restrict_self, set, 0);
    const int error = errno;
    ::close(static_cast<int>(set));
    if (restricted != 0) return failed("cannot use Landlock", error);
    return {};
}

} // namespace

Result<void> refuse_dangerous_calls() {
    if (has_sanitizer) return {};
    const std::unique_ptr<void, decltype(&::seccomp_release)> filter(::seccomp_init(SCMP_ACT_ALLOW),
                                                                     &::seccomp_release);
    if (!filter) return failed("cannot create a seccomp filter", ENOMEM);
    int problem = 0;
    const auto refuse = [&](int call) {
        if (problem == 0)
            problem = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
    };
    for (const int call : {SCMP_SYS(execve),
                           SCMP_SYS(execveat),
                           SCMP_SYS(fork),
                           SCMP_SYS(vfork),
                           SCMP_SYS(ptrace),
                           SCMP_SYS(process_vm_readv),
                           SCMP_SYS(process_vm_writev),
                           SCMP_SYS(pidfd_open),
                           SCMP_SYS(pidfd_getfd),
                           SCMP_SYS(pidfd_send_signal),
                           SCMP_SYS(kill),
                           SCMP_SYS(bpf),
                           SCMP_SYS(perf_event_open),
                           SCMP_SYS(userfaultfd),
                           SCMP_SYS(io_uring_setup),
                           SCMP_SYS(mount),
                           SCMP_SYS(umount2),
                           SCMP_SYS(pivot_root),
                           SCMP_SYS(chroot),
                           SCMP_SYS(unshare),
                           SCMP_SYS(setns),
                           SCMP_SYS(keyctl),
                           SCMP_SYS(add_key),
                           SCMP_SYS(request_key),
                           SCMP_SYS(init_module),
                           SCMP_SYS(finit_module),
                           SCMP_SYS(delete_module),
                           SCMP_SYS(kexec_load),
                           SCMP_SYS(swapon),
                           SCMP_SYS(swapoff),
                           SCMP_SYS(reboot),
                           SCMP_SYS(personality),
                           SCMP_SYS(name_to_handle_at),
                           SCMP_SYS(open_by_handle_at)})
        refuse(call);
    // Threads may start, processes may not.
    if (problem == 0)
        problem = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                     SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    // Its flags lie in memory, where a filter cannot look. The C library falls back to clone.
    if (problem == 0)
        problem = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (problem == 0) problem = ::seccomp_load(filter.get());
    if (problem != 0) return failed("cannot use a seccomp filter", -problem);
    return {};
}

Result<void> lock_down() {
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    // The kernel forgets it when the user changes.
    int death_signal = 0;
    (void)::prctl(PR_GET_PDEATHSIG, &death_signal);
    TRY(leave_root());
    (void)::prctl(PR_SET_PDEATHSIG, death_signal);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed("cannot give up new privileges", errno);
    if (!has_sanitizer) {
        (void)::prctl(PR_SET_DUMPABLE, 0);
        TRY(close_files());
    }
    return refuse_dangerous_calls();
}

} // namespace minewarden
