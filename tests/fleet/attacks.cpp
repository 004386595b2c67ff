// SPDX-License-Identifier: Apache-2.0
#include "tests/fleet/attacks.h"

#include "collector/intake/curve_socket.h"
#include "common/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <minewarden.pb.h>
#include <poll.h>
#include <random>
#include <thread>

namespace minewarden::fleet {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string hello() {
    wire::FromAgent message;
    StreamId stream;
    fill_random(stream.bytes);
    message.mutable_hello()->set_protocol(1);
    message.mutable_hello()->set_stream(std::string(as_text(stream.view())));
    message.mutable_hello()->set_boot_id(std::string(16, 'b'));
    return message.SerializeAsString();
}

zmq::socket_t connect(zmq::context_t& context, const Target& target, const CurveKeyPair& keys) {
    zmq::socket_t socket(context, zmq::socket_type::dealer);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::rcvhwm, 1);
    socket.set(zmq::sockopt::sndhwm, 100000);
    socket.set(zmq::sockopt::rcvbuf, 4096);
    collector::be_curve_client(socket, keys, target.collector);
    socket.connect(target.endpoint);
    return socket;
}

/// tcp://127.0.0.1:PORT only.
Fd connect_plainly(const Target& target, bool with_reset) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::uint16_t port = 0;
    const std::string& text = target.endpoint;
    std::from_chars(text.data() + text.rfind(':') + 1, text.data() + text.size(), port);
    address.sin_port = htons(port);
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (with_reset) {
        const linger none{1, 0};
        ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return {};
    return socket;
}

std::uint64_t send_hellos(const Target& target, const CurveKeyPair& keys,
                          Clock::time_point deadline) {
    zmq::context_t context;
    std::mt19937 random(std::random_device{}());
    std::uint64_t times = 0;
    for (; Clock::now() < deadline; ++times) {
        std::vector<zmq::socket_t> sockets;
        for (int i = 0; i < 4; ++i) sockets.push_back(connect(context, target, keys));
        const std::string bytes = hello();
        for (int i = 0; i < 20000; ++i)
            for (zmq::socket_t& socket : sockets)
                (void)socket.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
        // Until the collector cannot write its answers any more, or not quite.
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 1000));
    } // all of them disconnect at once
    return times;
}

std::uint64_t reset_after_hello(const Target& target, const CurveKeyPair& keys,
                                Clock::time_point deadline) {
    std::uint64_t times = 0;
    for (; Clock::now() < deadline; ++times) {
        zmq::context_t context;
        zmq::socket_t socket = connect(context, target, keys);
        const std::string bytes = hello();
        for (int i = 0; i < 200; ++i)
            (void)socket.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
        ::poll(nullptr, 0, static_cast<int>(times % 20));
    }
    return times;
}

/// The greeting of ZMTP 3.1 (RFC 37) for CURVE, as a client.
std::string greeting() {
    std::string bytes("\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01", 12);
    bytes += "CURVE";
    bytes.resize(64, '\0');
    return bytes;
}

std::uint64_t break_handshakes(const Target& target, const CurveKeyPair&,
                               Clock::time_point deadline) {
    std::mt19937 random(std::random_device{}());
    std::uint64_t times = 0;
    for (; Clock::now() < deadline; ++times) {
        const Fd socket = connect_plainly(target, times % 2 == 0);
        if (!socket) continue;
        std::string bytes = greeting();
        if (times % 3 == 1) { // and a HELLO command of random bytes
            std::string command("\x04\xc8\x05HELLO", 8);
            for (int i = 0; i < 194; ++i) command += static_cast<char>(random());
            bytes += command;
        }
        bytes.resize(random() % (bytes.size() + 1));
        (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (times % 4 == 0) ::poll(nullptr, 0, 1);
    }
    return times;
}

std::uint64_t stay_idle(const Target& target, const CurveKeyPair&, Clock::time_point deadline) {
    constexpr std::size_t connections = 1400;
    std::vector<Fd> sockets(connections);
    std::uint64_t times = 0;
    for (std::size_t i = 0; Clock::now() < deadline; i = (i + 1) % connections) {
        char byte = 0;
        // Opened again as soon as the collector ends one.
        const bool has_ended =
            !sockets[i] || ::recv(sockets[i].get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
        if (has_ended) {
            sockets[i] = connect_plainly(target, false);
            ++times;
        }
        if (i == 0) ::poll(nullptr, 0, 20);
    }
    return times;
}

std::uint64_t send_large(const Target& target, const CurveKeyPair& keys,
                         Clock::time_point deadline) {
    zmq::context_t context;
    std::vector<zmq::socket_t> sockets;
    for (int i = 0; i < 120; ++i) {
        sockets.push_back(connect(context, target, keys));
        sockets.back().set(zmq::sockopt::sndhwm, 2);
    }
    const std::string bytes(std::size_t{3} << 20, 'x');
    std::uint64_t times = 0;
    while (Clock::now() < deadline) {
        for (zmq::socket_t& socket : sockets)
            if (socket.send(zmq::buffer(bytes), zmq::send_flags::dontwait)) ++times;
        ::poll(nullptr, 0, 5);
    }
    return times;
}

} // namespace

std::optional<Attack> attack_of(std::string_view name) {
    if (name == "hellos") return send_hellos;
    if (name == "resets") return reset_after_hello;
    if (name == "handshakes") return break_handshakes;
    if (name == "idle") return stay_idle;
    if (name == "large") return send_large;
    return std::nullopt;
}

} // namespace minewarden::fleet
