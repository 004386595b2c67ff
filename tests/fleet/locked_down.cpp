// SPDX-License-Identifier: Apache-2.0
#include "tests/fleet/locked_down.h"

#include "common/fd.h"
#include "common/process/lockdown.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace minewarden::fleet {
namespace {

/// The name of the error of a call that returns -1 for one.
std::string outcome(long result) {
    return result >= 0 ? "works" : ::strerrorname_np(errno);
}

} // namespace

nlohmann::json try_locked_down() {
    const pid_t parent = ::getppid();
    if (const auto done = lock_down(); !done) return {{"lock_down", done.error().message}};
    nlohmann::json tries;
    const auto attempt = [&](const char* name, const std::function<long()>& call) {
        tries[name] = outcome(call());
    };
    char path[] = "/bin/true";
    char* arguments[] = {path, nullptr};
    attempt("open a file", [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC); });
    attempt("create a file", [] { return ::open("/tmp/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600); });
    attempt("open a directory", [] { return ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    attempt("remove a file", [] { return ::unlink("/tmp/x"); });
    attempt("execve", [&] { return ::execve(path, arguments, nullptr); });
    attempt("fork", [] { return ::syscall(SYS_fork); });
    attempt("clone a process", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); });
    attempt("clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); });
    attempt("ptrace", [&] { return ::ptrace(PTRACE_SEIZE, parent, nullptr, nullptr); });
    attempt("kill", [&] { return ::kill(parent, 0); });
    attempt("pidfd_open", [&] { return ::syscall(SYS_pidfd_open, parent, 0); });
    attempt("process_vm_writev",
            [&] { return ::syscall(SYS_process_vm_writev, parent, nullptr, 0, nullptr, 0, 0); });
    attempt("bpf", [] { return ::syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0); });
    attempt("perf_event_open",
            [] { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0); });
    attempt("mount", [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr); });
    attempt("unshare", [] { return ::unshare(CLONE_NEWUSER); });
    attempt("setuid 0", [] { return ::setresuid(0, 0, 0); });
    attempt("socket", [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
    attempt("memory", [] { return std::string(1 << 20, 'x').empty() ? -1 : 0; });
    long thread_ran = -1;
    std::thread([&] { thread_ran = 0; }).join();
    tries["thread"] = outcome(thread_ran);
    rlimit core{1, 1};
    ::getrlimit(RLIMIT_CORE, &core);
    tries["core dump"] = core.rlim_max == 0 ? "EPERM" : "works";
    return tries;
}

} // namespace minewarden::fleet
