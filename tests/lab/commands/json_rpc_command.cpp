// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/net/socket.h"
#include "tests/lab/rpc/ordinary_service.h"

#include <fmt/core.h>

#include <array>
#include <poll.h>

namespace minewarden::lab {
namespace {

void declare(CommandLine& line) {
    line.text("listen", "ADDRESS:PORT", "",
              "be the server; port 0: any free port, shown in the event listening")
        .text("connect", "ADDRESS:PORT", "", "be the client")
        .real("interval", "1", 0.01, 3600,
              "client: seconds between requests; server: between pushes to subscribers");
}

std::chrono::milliseconds read_interval(const CommandLine& line) {
    return std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::duration<double>(line.real("interval")));
}

Result<void> serve(const CommandLine& line, const LoopbackAddress& address, EventLog& events,
                   const Stop& stop) {
    auto server = LineServer::listen(address);
    if (!server) return fail(server.error());
    events.emit("listening",
                {{"address", server->address().text()}, {"port", server->address().port()}});
    OrdinaryService service(events);
    server->run(service, stop, read_interval(line));
    events.emit("finished", {{"reason", stop.reason()}, {"answered", service.answered()}});
    return {};
}

/// Reads and discards data until the pause is over. Returns false if the server closed.
bool drain(int fd, std::chrono::milliseconds pause, std::uint64_t& received, const Stop& stop) {
    const auto end = std::chrono::steady_clock::now() + pause;
    while (!stop.requested() && std::chrono::steady_clock::now() < end) {
        std::array<pollfd, 2> fds{{{fd, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), stop.poll_timeout(end));
        if (fds[0].revents == 0) continue;
        std::string bytes;
        if (read_some(fd, bytes) == ReadStatus::closed) return false;
        received += bytes.size();
    }
    return true;
}

/// Opens one connection per request. Each connection begins with another request and sends all of
/// them.
Result<void> ask(const CommandLine& line, const LoopbackAddress& address, EventLog& events,
                 const Stop& stop) {
    const auto& requests = ordinary_requests();
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (std::size_t first = 0; !stop.requested(); ++first) {
        const auto fd = connect_to(address, stop);
        if (!fd && stop.requested()) break;
        if (!fd) return fail(fd.error());
        events.emit("connected", {{"first", requests[first % requests.size()]}});
        for (std::size_t i = 0; i < requests.size() && !stop.requested(); ++i, ++sent) {
            const std::string& request = requests[(first + i) % requests.size()];
            auto done = send_all(fd->get(), request + "\n", stop);
            if (done && drain(fd->get(), read_interval(line), received, stop)) continue;
            if (stop.requested()) break;
            return fail(ErrorKind::unavailable, "the server closed the connection");
        }
    }
    events.emit("finished",
                {{"reason", stop.reason()}, {"requests", sent}, {"bytes_received", received}});
    return {};
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    if (line.has("listen") == line.has("connect"))
        return fail(ErrorKind::usage, "expected --listen or --connect");
    const bool server = line.has("listen");
    const auto address = LoopbackAddress::parse(line.text(server ? "listen" : "connect"));
    if (!address) return fail(address.error());
    return server ? serve(line, *address, events, stop) : ask(line, *address, events, stop);
}

} // namespace

const Subcommand json_rpc_command{
    "json-rpc", "ordinary JSON-RPC that shares words with Stratum",
    "An ordinary JSON-RPC service, or its client, on loopback: it has login, subscribe, submit "
    "and\n"
    "job messages and texts about mining, but is not Stratum. A detector must not report it as a\n"
    "pool.",
    declare, run};

} // namespace minewarden::lab
