// SPDX-License-Identifier: Apache-2.0
#include "collector/supervise/child.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace minewarden::collector {
namespace {

constexpr char ready = 'r';

/// In the child, between fork and exec. The supervisor has one thread, so everything may be used.
[[noreturn]] void become(pid_t supervisor, std::vector<int> fds, std::vector<char*>& arguments) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor) std::_Exit(EXIT_FAILURE);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // First out of the way, so that no dup2 closes one that is still needed.
    const int above_all = child_fd::control + static_cast<int>(fds.size());
    for (int& fd : fds) {
        fd = ::fcntl(fd, F_DUPFD_CLOEXEC, above_all);
        if (fd >= 0) continue;
        const Error error = system_error(ErrorKind::internal, "cannot start a process", errno);
        std::fputs(("minewarden-collector: " + error.message + "\n").c_str(), stderr);
        std::_Exit(exit_code(error.kind));
    }
    int place = child_fd::control;
    for (const int fd : fds) ::dup2(fd, place++);
    ::execv("/proc/self/exe", arguments.data());
    std::_Exit(EXIT_FAILURE);
}

} // namespace

std::string_view to_string(Part part) {
    return part == Part::intake ? "intake" : "store";
}

std::optional<Part> part_of(std::string_view name) {
    for (const Part part : {Part::intake, Part::store})
        if (name == to_string(part)) return part;
    return std::nullopt;
}

Result<Child> Child::start(Part part, const std::vector<std::string>& arguments,
                           const std::vector<int>& fds, Fd control) {
    std::vector<std::string> all = arguments;
    all.emplace_back("--part");
    all.emplace_back(to_string(part));
    std::vector<char*> pointers;
    pointers.reserve(all.size() + 1);
    for (std::string& argument : all) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t supervisor = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fail(system_error(ErrorKind::internal, "cannot start a process", errno));
    if (pid == 0) become(supervisor, fds, pointers);
    return Child(pid, std::move(control));
}

bool Child::take_ready() {
    char byte = 0;
    const ssize_t got = ::recv(control_.get(), &byte, 1, MSG_DONTWAIT);
    if (got == 1 && byte == ready) is_ready_ = true;
    return is_ready_;
}

void report_ready() {
    (void)::send(child_fd::control, &ready, 1, MSG_NOSIGNAL);
}

Result<void> pass_channel(int control, const Fd& channel) {
    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = channel.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (::sendmsg(control, &message, MSG_NOSIGNAL) != 1)
        return fail(system_error(ErrorKind::internal, "cannot pass a channel", errno));
    return {};
}

std::optional<Fd> receive_channel(std::chrono::milliseconds timeout) {
    pollfd control{child_fd::control, POLLIN, 0};
    if (::poll(&control, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    if (::recvmsg(child_fd::control, &message, MSG_CMSG_CLOEXEC) != 1) return std::nullopt;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return std::nullopt;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return Fd(fd);
}

} // namespace minewarden::collector
