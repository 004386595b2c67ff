// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"
#include "tests/lab/net/socket.h"
#include "tests/lab/speak/conversation.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <array>
#include <poll.h>

namespace minewarden::lab {
namespace {

std::vector<Topic> all_topics() {
    std::vector<Topic> all;
    for (const auto topics : {pool_topics(), node_topics(), other_topics()})
        all.insert(all.end(), topics.begin(), topics.end());
    return all;
}

void declare(CommandLine& line) {
    std::vector<std::string> names;
    for (const Topic& topic : all_topics()) names.emplace_back(topic.name);
    line.choice("what", names, "", "what to say")
        .choice("via", {"direct", "socks4", "socks5", "connect", "websocket"}, "direct",
                "the transport around it")
        .text("listen", "ADDRESS:PORT", "",
              "be the server; port 0: any free port, shown in the event listening")
        .text("connect", "ADDRESS:PORT", "", "be the client");
}

/// Returns false if the peer closed or at the stop.
bool wait_for(int fd, std::size_t count, std::string& bytes, const Stop& stop) {
    while (bytes.size() < count && !stop.requested()) {
        std::array<pollfd, 2> fds{{{fd, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), stop.poll_timeout());
        if (fds[0].revents != 0 && read_some(fd, bytes) == ReadStatus::closed) return false;
    }
    return bytes.size() >= count;
}

/// Sends the turns of one end. Then keeps the connection until the peer or the stop ends it.
Result<void> converse(int fd, const Conversation& turns, bool client, EventLog& events,
                      const Stop& stop) {
    std::string received;
    for (const Turn& turn : turns) {
        if (turn.client == client) {
            if (auto sent = send_all(fd, turn.bytes, stop); !sent) return sent;
            continue;
        }
        if (!wait_for(fd, turn.bytes.size(), received, stop)) {
            if (stop.requested()) return {};
            return fail(ErrorKind::data, "the peer closed before the end of the conversation");
        }
        received.erase(0, turn.bytes.size());
    }
    events.emit("said", {{"turns", turns.size()}});
    constexpr std::size_t no_such_amount = 1U << 30U;
    (void)wait_for(fd, no_such_amount, received, stop);
    return {};
}

Result<void> serve(const LoopbackAddress& address, const Conversation& turns, EventLog& events,
                   const Stop& stop) {
    auto listener = listen_on(address);
    if (!listener) return fail(listener.error());
    const auto bound = LoopbackAddress::of_socket(listener->get());
    if (!bound) return fail(bound.error());
    events.emit("listening", {{"address", bound->text()}, {"port", bound->port()}});
    while (!stop.requested()) {
        std::array<pollfd, 2> fds{{{listener->get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), stop.poll_timeout());
        if (fds[0].revents == 0) continue;
        const Fd peer(::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!peer) continue;
        send_without_delay(peer.get());
        events.emit("client_connected");
        const auto done = converse(peer.get(), turns, false, events, stop);
        events.emit("client_closed", {{"reason", done ? "end" : done.error().message}});
    }
    return {};
}

Result<void> ask(const LoopbackAddress& address, const Conversation& turns, EventLog& events,
                 const Stop& stop) {
    const auto fd = connect_to(address, stop);
    if (!fd) return fail(fd.error());
    events.emit("connected", {{"server", address.text()}});
    return converse(fd->get(), turns, true, events, stop);
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    if (line.has("listen") == line.has("connect"))
        return fail(ErrorKind::usage, "expected --listen or --connect");
    const bool server = line.has("listen");
    const auto address = LoopbackAddress::parse(line.text(server ? "listen" : "connect"));
    if (!address) return fail(address.error());
    Conversation turns;
    for (const Topic& topic : all_topics()) {
        if (topic.name == line.text("what")) turns = via(line.text("via"), topic.make());
    }
    auto done = server ? serve(*address, turns, events, stop) : ask(*address, turns, events, stop);
    if (done) events.emit("finished", {{"reason", stop.requested() ? stop.reason() : "peer"}});
    return done;
}

} // namespace

const Subcommand speak_command{
    "speak", "other mining protocols, node handshakes and similar data, also in proxies",
    "Two ends on loopback that exchange messages of mining protocols, mining calls of nodes,\n"
    "node handshakes, or data that looks similar; directly or inside SOCKS, "
    "HTTP\n"
    "CONNECT or WebSocket. Computes nothing. Both ends need the same --what and --via.",
    declare, run};

} // namespace minewarden::lab
