// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/stop.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <poll.h>

namespace minewarden::lab {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// Time for a worker in an uninterruptible step (filling the RandomX cache takes about a second).
constexpr unsigned alarm_grace_seconds = 20;

std::atomic<Stop*> signalled_stop = nullptr;

void on_signal(int) {
    const int saved = errno;
    if (Stop* stop = signalled_stop.load()) stop->request();
    errno = saved;
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

Stop::Stop(std::chrono::milliseconds limit) : deadline_(steady_clock::now() + limit) {
}

void Stop::request() noexcept {
    asked_.store(true);
    event_.set();
}

bool Stop::requested() const noexcept {
    return asked_.load(std::memory_order_relaxed) || steady_clock::now() >= deadline_;
}

int Stop::poll_timeout(SteadyTime next) const {
    if (asked_.load()) return 0;
    const auto left = std::min(next, deadline_) - steady_clock::now();
    if (left <= nanoseconds::zero()) return 0;
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
}

void Stop::sleep(nanoseconds duration) const {
    const auto now = steady_clock::now();
    const auto left = std::min(duration, nanoseconds(deadline_ - now));
    if (left <= nanoseconds::zero()) return;
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{whole.count(), (left - whole).count()};
    pollfd wake{event_.fd(), POLLIN, 0};
    ::ppoll(&wake, 1, &timeout, nullptr);
}

std::string_view Stop::reason() const {
    return asked_.load() ? "request" : "time limit";
}

StopOnSignals::StopOnSignals(Stop& stop, std::chrono::seconds limit) {
    signalled_stop.store(&stop);
    handle(SIGTERM, on_signal);
    handle(SIGINT, on_signal);
    handle(SIGALRM, SIG_DFL);
    ::alarm(static_cast<unsigned>(limit.count()) + alarm_grace_seconds);
}

StopOnSignals::~StopOnSignals() {
    ::alarm(0);
    handle(SIGTERM, SIG_DFL);
    handle(SIGINT, SIG_DFL);
    signalled_stop.store(nullptr);
}

} // namespace minewarden::lab
