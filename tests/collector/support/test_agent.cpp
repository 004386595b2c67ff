// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/support/test_agent.h"

#include "collector/intake/curve_socket.h"

#include <cstring>

namespace minewarden::test {
namespace {

constexpr const char* monitor_endpoint = "inproc://test-agent";
constexpr int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                       ZMQ_EVENT_DISCONNECTED;

bool wait_for(zmq::socket_t& socket, std::chrono::milliseconds timeout) {
    zmq_pollitem_t item{socket.handle(), 0, ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, timeout.count()) > 0;
}

} // namespace

TestAgent::TestAgent(const std::string& endpoint, const CurvePublicKey& collector,
                     CurveKeyPair keys, Security security)
    : endpoint_(endpoint), collector_(collector), keys_(std::move(keys)), security_(security) {
    open();
}

void TestAgent::open() {
    socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::ipv6, true);
    socket_.set(zmq::sockopt::sndtimeo, 5000); // without a connection, a DEALER waits for ever
    if (security_ == Security::curve) collector::be_curve_client(socket_, keys_, collector_);
    zmq_socket_monitor(socket_.handle(), monitor_endpoint, events);
    monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(monitor_endpoint);
    socket_.connect(endpoint_);
}

void TestAgent::reconnect() {
    monitor_.close();
    socket_.close();
    open();
}

void TestAgent::send(const wire::FromAgent& message) {
    send_bytes(message.SerializeAsString());
}

void TestAgent::send_bytes(std::string_view bytes) {
    send_frames({bytes});
}

void TestAgent::send_frames(std::initializer_list<std::string_view> frames) {
    for (const auto* frame = frames.begin(); frame != frames.end(); ++frame) {
        const int more = frame + 1 == frames.end() ? 0 : ZMQ_SNDMORE;
        zmq_send(socket_.handle(), frame->data(), frame->size(), more);
    }
}

std::optional<wire::Welcome> TestAgent::greet(const StreamId& stream,
                                              std::chrono::milliseconds timeout) {
    wire::FromAgent message;
    wire::Hello& hello = *message.mutable_hello();
    hello.set_protocol(1);
    hello.set_stream(std::string(as_text(stream.view())));
    hello.set_boot_id(std::string(16, 'b'));
    hello.set_first_sequence(1);
    hello.set_agent_version("0.1.0");
    hello.set_host_name("host.example");
    send(message);
    while (const auto answer = receive(timeout)) {
        if (answer->has_welcome()) return answer->welcome();
    }
    return std::nullopt;
}

std::optional<wire::FromCollector> TestAgent::receive(std::chrono::milliseconds timeout) {
    zmq::message_t frame;
    wire::FromCollector message;
    if (!wait_for(socket_, timeout) || !socket_.recv(frame) ||
        !message.ParseFromArray(frame.data(), static_cast<int>(frame.size())))
        return std::nullopt;
    return message;
}

bool TestAgent::await_ack(std::uint64_t sequence, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto answer = receive(std::chrono::milliseconds(100));
        if (answer && answer->ack().acknowledged() >= sequence) return true;
    }
    return false;
}

std::optional<int> TestAgent::await_event(std::chrono::milliseconds timeout) {
    zmq::message_t event;
    zmq::message_t address;
    std::uint16_t kind = 0;
    if (!wait_for(monitor_, timeout) || !monitor_.recv(event) || !monitor_.recv(address) ||
        event.size() < sizeof kind)
        return std::nullopt;
    std::memcpy(&kind, event.data(), sizeof kind);
    return kind;
}

} // namespace minewarden::test
