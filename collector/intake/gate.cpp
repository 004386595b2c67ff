// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/gate.h"

#include "common/log.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <pthread.h>

namespace minewarden::collector {
namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";
constexpr std::chrono::seconds log_interval{10};
constexpr int maximum_requests_waiting = 1000;

/// RFC 27: version, request id, domain, address, identity, mechanism, credentials.
enum Frame : std::size_t { version, request_id, domain, address, identity, mechanism, credentials };
constexpr std::size_t curve_frames = 7;

/// The frames of one message; empty if there is none.
std::vector<zmq::message_t> receive(zmq::socket_t& socket) {
    std::vector<zmq::message_t> frames;
    do {
        zmq::message_t frame;
        if (zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) < 0) return {};
        frames.push_back(std::move(frame));
    } while (frames.back().more());
    return frames;
}

void send(zmq::socket_t& socket, std::string_view frame, int flags) {
    zmq_send(socket.handle(), frame.data(), frame.size(), flags | ZMQ_DONTWAIT);
}

ByteView bytes_of(const zmq::message_t& frame) {
    return {frame.data<std::uint8_t>(), frame.size()};
}

} // namespace

Gate::Gate(zmq::context_t& context, const AllowList& allow_list, Counters& counters,
           Admission* admission)
    : allow_list_(allow_list),
      counters_(counters),
      admission_(admission),
      requests_(context, zmq::socket_type::rep),
      monitor_(context, zmq::socket_type::pair) {
    for (zmq::socket_t* socket : {&requests_, &monitor_}) {
        socket->set(zmq::sockopt::linger, 0);
        socket->set(zmq::sockopt::rcvhwm, maximum_requests_waiting);
    }
    requests_.bind(zap_endpoint);
    monitor_.connect(monitor_endpoint);
}

Result<std::unique_ptr<Gate>> Gate::open(zmq::context_t& context, const AllowList& allow_list,
                                         Counters& counters, Admission* admission) {
    try {
        std::unique_ptr<Gate> gate(new Gate(context, allow_list, counters, admission));
        gate->thread_ = std::thread([self = gate.get()] { self->run(); });
        return gate;
    } catch (const std::exception& error) {
        return fail(ErrorKind::internal,
                    fmt::format("cannot open {}: {}", zap_endpoint, error.what()));
    }
}

Gate::~Gate() {
    stop_.set();
    if (thread_.joinable()) thread_.join();
}

void Gate::run() {
    ::pthread_setname_np(::pthread_self(), "gate");
    std::array<zmq_pollitem_t, 3> items{{{requests_.handle(), 0, ZMQ_POLLIN, 0},
                                         {monitor_.handle(), 0, ZMQ_POLLIN, 0},
                                         {nullptr, stop_.fd(), ZMQ_POLLIN, 0}}};
    for (;;) {
        const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), -1);
        if (ready < 0 && zmq_errno() != EINTR) return;
        if ((items[2].revents & ZMQ_POLLIN) != 0) return;
        if ((items[0].revents & ZMQ_POLLIN) != 0) answer();
        if ((items[1].revents & ZMQ_POLLIN) != 0) note_handshake();
    }
}

/// Why the connection is refused; "" if it is admitted.
std::string_view Gate::refusal_of(const std::vector<zmq::message_t>& request) {
    if (request.size() != curve_frames || request[mechanism].to_string_view() != "CURVE")
        return "not CURVE";
    const auto key = CurvePublicKey::from(bytes_of(request[credentials]));
    if (!key || !allow_list_.name_of(*key)) return "not enrolled";
    if (admission_ == nullptr || is_quiet_) return "";
    switch (admission_->admit(request[address].to_string_view(), *key)) {
    case Admission::Answer::admitted:
        return "";
    case Admission::Answer::kept_out:
        return "kept out";
    case Admission::Answer::gone:
        break;
    }
    return "gone";
}

void Gate::answer() {
    const auto request = receive(requests_);
    if (request.size() <= request_id || request[version].to_string_view() != "1.0") {
        // Cannot happen, because libzmq sends the request. The reply keeps the socket usable.
        send(requests_, "", 0);
        return;
    }
    const std::string_view refusal = refusal_of(request);
    const bool admitted = refusal.empty();
    const bool is_quiet = is_quiet_; // the self-test ends with the reply
    const bool is_gone = refusal == "gone";
    Counters::Counter& refused =
        is_gone ? counters_.handshakes_failed : counters_.handshakes_refused;
    ++(admitted ? counters_.handshakes_accepted : refused);
    const std::string user = admitted ? to_hex(bytes_of(request[credentials])) : "";
    send(requests_, "1.0", ZMQ_SNDMORE);
    send(requests_, request[request_id].to_string_view(), ZMQ_SNDMORE);
    send(requests_, admitted ? "200" : "400", ZMQ_SNDMORE);
    send(requests_, admitted ? "OK" : refusal, ZMQ_SNDMORE);
    send(requests_, user, ZMQ_SNDMORE);
    send(requests_, "", 0);
    if (!admitted && !is_quiet && !is_gone) log_refusal(request, refusal);
}

void Gate::log_refusal(const std::vector<zmq::message_t>& request, std::string_view reason) {
    // A refused client keeps retrying.
    const auto now = std::chrono::steady_clock::now();
    if (now < next_log_) {
        ++not_logged_;
        return;
    }
    next_log_ = now + log_interval;
    const auto key = request.size() == curve_frames
                         ? CurvePublicKey::from(bytes_of(request[credentials]))
                         : std::nullopt;
    const std::string_view seen =
        request.size() > address ? request[address].to_string_view() : "(unknown)";
    log::warn("refused a connection from {} with the key {}, which is {} ({} more refused since "
              "the last such message)",
              admission_ == nullptr ? std::string(seen) : admission_->address_of(seen),
              key ? fingerprint(*key) : "(none)", reason, std::exchange(not_logged_, 0));
}

void Gate::note_handshake() {
    const auto event = receive(monitor_);
    std::uint16_t kind = 0;
    if (event.empty() || event[0].size() < sizeof kind) return;
    std::memcpy(&kind, event[0].data(), sizeof kind);
    if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL || kind == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
        ++counters_.handshakes_failed;
}

} // namespace minewarden::collector
