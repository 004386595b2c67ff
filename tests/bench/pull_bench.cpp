// SPDX-License-Identifier: Apache-2.0
// minewarden-pull-bench [PROCESSES]: what the pulls of connections cost on a host with many
// descriptors: so many processes (2000) with ten each, half of them with a connection. Prints the
// CPU time of one pull in microseconds, the median of 21, by each way that this kernel has; JSON.
#include "agent/sources/registry/source_registry.h"
#include "common/clock.h"

#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace minewarden;
using namespace minewarden::agent;

constexpr int descriptors_each = 10;
constexpr int pulls = 21;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(70);
}

struct Server {
    Fd listener;
    sockaddr_in address{};
    std::vector<Fd> accepted;
};

Server listen_on_loopback() {
    Server server;
    server.listener = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    server.address.sin_family = AF_INET;
    server.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&server.address);
    socklen_t length = sizeof(server.address);
    if (::bind(server.listener.get(), address, length) != 0 ||
        ::listen(server.listener.get(), 4096) != 0 ||
        ::getsockname(server.listener.get(), address, &length) != 0)
        give_up("listen");
    return server;
}

/// A process that waits, with ten descriptors.
[[noreturn]] void run_child(const Server& server, bool with_connection) {
    ::close_range(0, ~0U, 0);
    int opened = 0;
    if (with_connection) {
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        const auto* address = reinterpret_cast<const sockaddr*>(&server.address);
        if (::connect(client, address, sizeof(server.address)) != 0) ::_exit(1);
        if (::send(client, "x", 1, 0) != 1) ::_exit(1);
        ++opened;
    }
    for (; opened < descriptors_each; ++opened)
        if (::open("/dev/null", O_RDONLY) < 0) ::_exit(1);
    for (;;) ::pause();
}

template <class Pull>
double median_us(Pull pull) {
    std::vector<double> spent;
    for (int i = 0; i < pulls; ++i) {
        const std::uint64_t before = thread_cpu_ns();
        pull();
        spent.push_back(static_cast<double>(thread_cpu_ns() - before) / 1000);
    }
    std::ranges::nth_element(spent, spent.begin() + pulls / 2);
    return spent[pulls / 2];
}

std::string source_of(SourceRegistry& sources, std::string_view name) {
    for (const Capability& capability : sources.capabilities())
        if (capability.name == name) return capability.source;
    return {};
}

void measure(nlohmann::json& rows, SourceRegistry& sources) {
    const auto add = [&](std::string_view what, std::string_view capability, double us,
                         std::size_t records) {
        rows.push_back({{"what", what},
                        {"source", source_of(sources, capability)},
                        {"cpu_us", us},
                        {"records", records}});
    };
    std::size_t records = 0;
    const auto count = [&records](auto span) { records += span.size(); };
    if (auto& counts = sources.get<FlowCountSource>(); counts.is_attached()) {
        const double us = median_us([&] { (void)counts.pull(count, 10'000'000'000); });
        add("counts of connections", "connection-traffic", us, records / pulls);
    }
    records = 0;
    if (auto& holders = sources.get<FlowHolderSource>(); holders.is_attached()) {
        const double us = median_us([&] { (void)holders.pull(count, 10'000'000'000); });
        add("holders of sockets", "socket-holder", us, records / pulls);
    }
}

} // namespace

int main(int argc, char** argv) {
    const int processes = argc > 1 ? std::max(2, std::atoi(argv[1])) : 2000;
    const rlimit many{65536, 65536};
    (void)::setrlimit(RLIMIT_NOFILE, &many);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::vector<std::string>& without :
         {std::vector<std::string>{},
          {"iter/bpf_sk_storage_map"},
          {"iter/bpf_sk_storage_map", "pull_counts_by_descriptor", "pull_holders"}}) {
        // Before the connections, so that they have a flow state.
        const auto sources = SourceRegistry::attach([](ByteView) {}, without);
        if (!sources) give_up(sources.error().message.c_str());
        Server server = listen_on_loopback();
        std::vector<pid_t> children;
        for (int i = 0; i < processes; ++i) {
            const bool with_connection = i % 2 == 0;
            const pid_t child = ::fork();
            if (child < 0) give_up("fork");
            if (child == 0) run_child(server, with_connection);
            children.push_back(child);
            if (!with_connection) continue;
            server.accepted.emplace_back(
                ::accept4(server.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            char byte = 0;
            if (::recv(server.accepted.back().get(), &byte, 1, 0) != 1) give_up("recv");
        }
        measure(rows, **sources);
        for (const pid_t child : children) ::kill(child, SIGKILL);
        for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    }
    std::puts(rows.dump().c_str());
}
