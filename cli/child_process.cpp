// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.h"

#include <fmt/core.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <thread>

namespace minewarden::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Frees posix_spawn's lists.
struct FileActions {
    posix_spawn_file_actions_t actions;
    FileActions() { ::posix_spawn_file_actions_init(&actions); }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
};

} // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      pending_(std::move(other.pending_)),
      status_(other.status_) {
}

ChildProcess::~ChildProcess() {
    stop();
}

Result<ChildProcess> ChildProcess::start(const std::filesystem::path& program,
                                         std::vector<std::string> arguments,
                                         const std::filesystem::path& log, bool read_output) {
    std::array<int, 2> pipe_ends{-1, -1};
    if (read_output && ::pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
        return fail(system_error(ErrorKind::internal, "cannot make a pipe", errno));
    Fd reading(pipe_ends[0]);
    const Fd writing(pipe_ends[1]);
    FileActions files;
    ::posix_spawn_file_actions_addopen(&files.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files.actions, STDERR_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&files.actions, read_output ? writing.get() : STDERR_FILENO,
                                       STDOUT_FILENO);
    std::string name = program.string();
    std::vector<char*> argv{name.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, name.c_str(), &files.actions, nullptr, argv.data(), environ);
    if (error != 0)
        return fail(
            system_error(ErrorKind::unavailable, fmt::format("cannot start {}", name), error));
    return ChildProcess(pid, std::move(reading));
}

std::optional<int> ChildProcess::exit_status() {
    int status = 0;
    if (pid_ > 0 && !status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_;
}

std::optional<std::string> ChildProcess::read_line(std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    for (;;) {
        if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd waited{output_.get(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waited, 1, static_cast<int>(left.count())) <= 0)
            return std::nullopt;
        std::array<char, 4096> chunk;
        const ssize_t got = ::read(output_.get(), chunk.data(), chunk.size());
        if (got <= 0) return std::nullopt;
        pending_.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

void ChildProcess::stop() {
    using namespace std::chrono_literals;
    if (pid_ <= 0) return;
    if (!exit_status()) ::kill(pid_, SIGTERM);
    const auto deadline = Clock::now() + 3s;
    while (!exit_status() && Clock::now() < deadline) std::this_thread::sleep_for(20ms);
    if (!exit_status()) {
        ::kill(pid_, SIGKILL);
        int status = 0;
        ::waitpid(pid_, &status, 0);
    }
    pid_ = -1;
}

} // namespace minewarden::cli
