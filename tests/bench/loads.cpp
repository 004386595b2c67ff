// SPDX-License-Identifier: Apache-2.0
// minewarden-loads: the workloads whose speed tests/bench/run compares with and without the agent.
// One load a call, pinned to one CPU where that steadies it; prints nanoseconds per operation, and
// for requests with an answer also the 99th percentile.
#include "common/fd.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <sched.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using minewarden::Fd;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(70);
}

void pin_to_cpu(int cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(static_cast<std::size_t>(cpu), &cpus);
    if (::sched_setaffinity(0, sizeof(cpus), &cpus) != 0) give_up("sched_setaffinity");
}

struct Listener {
    Fd socket;
    sockaddr_in address{};
};

Listener listen_on_loopback() {
    Listener listener;
    listener.socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    listener.address.sin_family = AF_INET;
    listener.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&listener.address);
    socklen_t length = sizeof(listener.address);
    if (::bind(listener.socket.get(), address, length) != 0 ||
        ::listen(listener.socket.get(), 128) != 0 ||
        ::getsockname(listener.socket.get(), address, &length) != 0)
        give_up("listen");
    return listener;
}

Fd connect_to(const Listener& listener) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* address = reinterpret_cast<const sockaddr*>(&listener.address);
    if (::connect(socket.get(), address, sizeof(listener.address)) != 0) give_up("connect");
    return socket;
}

void getppid_load(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) ::syscall(SYS_getppid);
}

void fork_exec_load(std::uint64_t count) {
    const char* program = std::getenv("LOADS_TRUE"); // a static program that ends at once
    if (program == nullptr) {
        std::fputs("LOADS_TRUE must name the program to execute\n", stderr);
        std::exit(64);
    }
    std::string path = program;
    std::array<char*, 2> arguments{path.data(), nullptr};
    for (std::uint64_t i = 0; i < count; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::execve(path.c_str(), arguments.data(), environ);
            ::_exit(127);
        }
        int status = 0;
        if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) give_up("fork");
    }
}

void connect_load(std::uint64_t count) {
    const Listener listener = listen_on_loopback();
    for (std::uint64_t i = 0; i < count; ++i) {
        const Fd client = connect_to(listener);
        const Fd server(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!server) give_up("accept");
    }
}

void bulk_load(std::uint64_t count) {
    constexpr std::size_t chunk = 64 << 10;
    const Listener listener = listen_on_loopback();
    const Fd client = connect_to(listener);
    const Fd server(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::thread reader([&] {
        std::vector<char> buffer(chunk);
        std::uint64_t left = count * chunk;
        while (left > 0) {
            const ssize_t got = ::recv(server.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) give_up("recv");
            left -= static_cast<std::uint64_t>(got);
        }
    });
    const std::vector<char> buffer(chunk, 'x');
    for (std::uint64_t i = 0; i < count; ++i) {
        std::size_t sent = 0;
        while (sent < chunk) {
            const ssize_t put = ::send(client.get(), buffer.data() + sent, chunk - sent, 0);
            if (put <= 0) give_up("send");
            sent += static_cast<std::size_t>(put);
        }
    }
    reader.join();
}

/// Each operation's time, for the loads whose slow ones matter too.
std::vector<std::uint32_t> operation_times;

/// Sends a byte and takes the answer, `count` times; another thread answers. Both run on one CPU,
/// so that each answer costs a switch, as between any two programs.
void echo(const Fd& client, const Fd& server, std::uint64_t count) {
    std::thread answering([&server, count] {
        char byte = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (::recv(server.get(), &byte, 1, 0) != 1 || ::send(server.get(), &byte, 1, 0) != 1)
                give_up("answer");
        }
    });
    operation_times.clear();
    operation_times.reserve(count);
    char byte = 'x';
    auto begin = Clock::now();
    for (std::uint64_t i = 0; i < count; ++i) {
        if (::send(client.get(), &byte, 1, 0) != 1 || ::recv(client.get(), &byte, 1, 0) != 1)
            give_up("request");
        const auto end = Clock::now();
        operation_times.push_back(static_cast<std::uint32_t>((end - begin).count()));
        begin = end;
    }
    answering.join();
}

void request_response_load(std::uint64_t count) {
    const Listener listener = listen_on_loopback();
    const Fd client = connect_to(listener);
    const Fd server(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int one = 1;
    for (const int fd : {client.get(), server.get()})
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    echo(client, server, count);
}

void udp_echo_load(std::uint64_t count) {
    std::array<Fd, 2> ends;
    std::array<sockaddr_in, 2> addresses{};
    socklen_t length = sizeof(sockaddr_in);
    for (std::size_t i = 0; i < 2; ++i) {
        ends[i] = Fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        addresses[i].sin_family = AF_INET;
        addresses[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* address = reinterpret_cast<sockaddr*>(&addresses[i]);
        if (::bind(ends[i].get(), address, length) != 0 ||
            ::getsockname(ends[i].get(), address, &length) != 0)
            give_up("bind");
    }
    for (std::size_t i = 0; i < 2; ++i) {
        if (::connect(ends[i].get(), reinterpret_cast<sockaddr*>(&addresses[1 - i]), length) != 0)
            give_up("connect");
    }
    echo(ends[0], ends[1], count);
}

/// Threads that compute and never wait, for `count` seconds. LOADS_THREADS says how many.
void spin_load(std::uint64_t count) {
    const char* wanted = std::getenv("LOADS_THREADS");
    const auto end = Clock::now() + std::chrono::seconds(count);
    std::vector<std::thread> threads(wanted == nullptr ? 1 : std::strtoul(wanted, nullptr, 10));
    for (std::thread& thread : threads) {
        thread = std::thread([end] {
            volatile double value = 1;
            while (Clock::now() < end) {
                for (int i = 0; i < 10'000; ++i) value = value * 1.000001;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

struct Load {
    std::function<void(std::uint64_t)> run;
    bool pinned;
};

const std::map<std::string, Load> loads{
    {"getppid", {getppid_load, true}},
    {"fork-exec", {fork_exec_load, true}},
    {"connect", {connect_load, true}},
    {"bulk", {bulk_load, true}},
    {"request-response", {request_response_load, true}},
    {"udp-echo", {udp_echo_load, true}},
    {"spin", {spin_load, false}},
};

} // namespace

int main(int argc, char** argv) {
    const auto load = argc == 3 ? loads.find(argv[1]) : loads.end();
    const std::uint64_t count = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
    if (load == loads.end() || count == 0) {
        std::fputs("usage: minewarden-loads LOAD COUNT; loads:", stderr);
        for (const auto& [name, unused] : loads) std::fprintf(stderr, " %s", name.c_str());
        std::fputs("\n", stderr);
        return 64;
    }
    if (load->second.pinned) pin_to_cpu(1);
    if (load->first != "spin") load->second.run(count / 20 + 1); // warm up
    const auto begin = Clock::now();
    load->second.run(count);
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - begin;
    std::printf("%.1f", elapsed.count() / static_cast<double>(count));
    if (!operation_times.empty()) {
        const auto place = operation_times.begin() +
                           static_cast<std::ptrdiff_t>(operation_times.size() * 99 / 100);
        std::nth_element(operation_times.begin(), place, operation_times.end());
        std::printf(" %u", *place);
    }
    std::puts("");
}
