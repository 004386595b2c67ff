// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/event_loop.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace minewarden::agent {
namespace {

sigset_t handled_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    return signals;
}

bool add(int epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

} // namespace

void EventLoop::block_signals() {
    const sigset_t signals = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

Result<EventLoop> EventLoop::open(std::chrono::nanoseconds tick, int readable) {
    EventLoop loop;
    loop.readable_ = readable;
    const sigset_t signals = handled_signals();
    loop.signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    loop.timer_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    loop.epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
    itimerspec interval{};
    interval.it_interval.tv_sec = tick.count() / 1'000'000'000;
    interval.it_interval.tv_nsec = tick.count() % 1'000'000'000;
    interval.it_value = interval.it_interval;
    if (!loop.signals_ || !loop.timer_ || !loop.epoll_ ||
        ::timerfd_settime(loop.timer_.get(), 0, &interval, nullptr) != 0 ||
        !add(loop.epoll_.get(), loop.signals_.get()) ||
        !add(loop.epoll_.get(), loop.timer_.get()) || !add(loop.epoll_.get(), readable))
        return fail(system_error(ErrorKind::internal, "cannot set up the event loop", errno));
    return loop;
}

Result<void> EventLoop::run(const Handlers& handlers) {
    for (;;) {
        std::array<epoll_event, 4> events{};
        const int ready =
            ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return fail(system_error(ErrorKind::internal, "epoll_wait", errno));
        for (int i = 0; i < ready; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == timer_.get()) {
                std::uint64_t expirations = 0;
                if (::read(fd, &expirations, sizeof(expirations)) > 0) handlers.on_tick();
            } else if (fd == readable_) {
                handlers.on_readable();
            } else {
                signalfd_siginfo signal{};
                if (::read(fd, &signal, sizeof(signal)) != sizeof(signal)) continue;
                if (signal.ssi_signo != SIGHUP) return {};
                handlers.on_reload();
            }
        }
    }
}

} // namespace minewarden::agent
