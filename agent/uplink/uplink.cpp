// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/uplink.h"

#include "agent/uplink/disconnect_watch.h"
#include "common/log.h"
#include "common/text.h"
#include "common/wakeup.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <minewarden.pb.h>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <zmq.hpp>

namespace minewarden::agent {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint32_t protocol_version = 1;
constexpr std::size_t batch_bytes = 256 << 10;
constexpr auto greeting_interval = 2s;    ///< between two Hellos while there is no answer
constexpr auto acknowledge_timeout = 15s; ///< without an Ack for what was sent: send Hello again
constexpr auto refusal_pause = 5s;
/// libzmq does not reconnect after a refused handshake (a key that is not enrolled yet). So a
/// socket without an answer for so long is replaced.
constexpr auto unanswered_socket = 5s;
constexpr auto complaint_interval = 60s;
constexpr auto farewell = 500ms;
constexpr int maximum_message_bytes = 4 << 20;

} // namespace

/// Owns the socket. Everything except notify() and send_heartbeat() runs in the thread of the
/// uplink.
class Uplink::Session {
  public:
    Session(UplinkOptions options, const CurveKeyPair& keys, Outbox& outbox)
        : options_(std::move(options)), keys_(keys), outbox_(outbox) {}

    void open() {
        watch_.reset();
        socket_.emplace(context_, zmq::socket_type::dealer);
        socket_->set(zmq::sockopt::linger, 0);
        socket_->set(zmq::sockopt::sndhwm, 64);
        socket_->set(zmq::sockopt::maxmsgsize, std::int64_t{maximum_message_bytes});
        socket_->set(zmq::sockopt::reconnect_ivl, 100);
        socket_->set(zmq::sockopt::reconnect_ivl_max, 5000);
        socket_->set(zmq::sockopt::heartbeat_ivl, 5000);
        socket_->set(zmq::sockopt::heartbeat_timeout, 15000);
        const auto binary = [](ByteView key) { return zmq::const_buffer(key.data(), key.size()); };
        const auto set_key = [&](int option, ByteView key) {
            if (zmq_setsockopt(socket_->handle(), option, binary(key).data(), key.size()) != 0)
                throw zmq::error_t();
        };
        set_key(ZMQ_CURVE_SERVERKEY, options_.collector_key.view());
        set_key(ZMQ_CURVE_PUBLICKEY, keys_.public_key().view());
        set_key(ZMQ_CURVE_SECRETKEY, keys_.secret());
        watch_.emplace(context_, *socket_);
        if (const auto parsed = parse_endpoint(endpoint(), EndpointUse::connect))
            socket_->set(zmq::sockopt::ipv6, parsed->is_ipv6);
        socket_->connect(endpoint());
        last_greeting_ = Clock::time_point{};
        opened_ = Clock::now();
    }

    void open_next() {
        endpoint_ = (endpoint_ + 1) % options_.endpoints.size();
        open();
    }

    [[nodiscard]] const std::string& endpoint() const { return options_.endpoints[endpoint_]; }

    void run(const std::stop_token& stop) {
        std::optional<Clock::time_point> end;
        while (true) {
            if (stop.stop_requested() && !end) end = Clock::now() + farewell;
            if (end && (Clock::now() >= *end || outbox_.waiting_records() == 0 || !connected_)) {
                say_goodbye();
                return;
            }
            try {
                if (!socket_) open();
                step(end ? 50ms : 1000ms);
            } catch (const zmq::error_t& error) {
                // A signal, a closed socket, no free descriptor: all recoverable.
                if (error.num() == EINTR) continue;
                reopen_later(error.num() == EMFILE ? errno_text(EMFILE) : error.what());
            } catch (const std::exception& error) {
                reopen_later(error.what());
            }
        }
    }

    void wake() { wakeup_.set(); }

    void set_heartbeat(std::string message) {
        {
            const std::lock_guard lock(mutex_);
            heartbeat_ = std::move(message);
        }
        wake();
    }

    [[nodiscard]] bool is_connected() const { return connected_; }

  private:
    void reopen_later(const std::string& problem) {
        log::warn("uplink: {}; retrying", problem);
        connected_ = false;
        watch_.reset();
        socket_.reset();
        std::this_thread::sleep_for(200ms);
    }

    /// Lets the collector distinguish a stopped agent from a silent one. If the message is lost,
    /// the agent is silent.
    void say_goodbye() {
        if (!connected_ || !socket_) return;
        wire::FromAgent message;
        message.mutable_goodbye();
        try {
            send(message.SerializeAsString());
            socket_->set(zmq::sockopt::linger, static_cast<int>(farewell.count()));
        } catch (const zmq::error_t& error) {
            log::warn("uplink: {}", error.what());
        }
    }

    void step(std::chrono::milliseconds timeout) {
        std::array<zmq::pollitem_t, 3> items{{{socket_->handle(), 0, ZMQ_POLLIN, 0},
                                              {watch_->handle(), 0, ZMQ_POLLIN, 0},
                                              {nullptr, wakeup_.fd(), ZMQ_POLLIN, 0}}};
        zmq::poll(items.data(), items.size(), timeout);
        wakeup_.clear();
        receive();
        if (watch_->take() && connected_) {
            log::info("uplink: the connection to {} ended", endpoint());
            connected_ = false;
            open_next();
        }
        const auto now = Clock::now();
        if (now < pause_until_) return;
        const bool overdue =
            connected_ && !on_way_.empty() && now - last_answer_ > acknowledge_timeout;
        if (overdue) {
            log::warn("uplink: no acknowledgement for {} s, sending Hello again",
                      std::chrono::seconds(acknowledge_timeout).count());
            connected_ = false;
        }
        if (!connected_) {
            if (now - opened_ >= unanswered_socket) {
                if (endpoint_ + 1 == options_.endpoints.size()) complain_of_silence();
                open_next();
            }
            if (now - last_greeting_ >= greeting_interval) greet();
            return;
        }
        send_batches();
        send_waiting_heartbeat();
    }

    void complain_of_silence() {
        const auto now = Clock::now();
        if (now - last_complaint_ < complaint_interval) return;
        last_complaint_ = now;
        log::warn("uplink: {} does not answer: it is not running, has another key, or this "
                  "agent's key is not enrolled (minewarden keys enroll); findings wait in the "
                  "outbox",
                  escape_for_terminal(fmt::format("{}", fmt::join(options_.endpoints, ", "))));
    }

    void greet() {
        last_greeting_ = Clock::now();
        wire::FromAgent message;
        wire::Hello& hello = *message.mutable_hello();
        hello.set_protocol(protocol_version);
        hello.set_stream(std::string(as_text(outbox_.stream().view())));
        hello.set_boot_id(std::string(as_text(options_.boot.view())));
        hello.set_first_sequence(outbox_.first_sequence());
        hello.set_agent_version(options_.agent_version);
        hello.set_host_name(options_.host_name);
        hello.set_heartbeat_interval_ns(
            static_cast<std::uint64_t>(options_.heartbeat_interval.count()));
        send(message.SerializeAsString());
    }

    bool send(const std::string& bytes) {
        return socket_->send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
    }

    void receive() {
        zmq::message_t frame;
        while (socket_->recv(frame, zmq::recv_flags::dontwait)) {
            wire::FromCollector message;
            if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
                log::warn("uplink: the collector sent {} bytes that are not a message",
                          frame.size());
                continue;
            }
            last_answer_ = Clock::now();
            if (message.has_welcome()) {
                if (std::exchange(was_welcome_, true))
                    outbox_.acknowledge(message.welcome().acknowledged());
                else
                    outbox_.resume_after(message.welcome().acknowledged());
                // A collector whose database was restored gets again what is still here; what is
                // not, it has noted as a gap at the Hello.
                sent_ = std::clamp(message.welcome().acknowledged(),
                                   std::min(outbox_.first_sequence() - 1, outbox_.acknowledged()),
                                   outbox_.acknowledged());
                credit_bytes_ = message.welcome().credit_bytes();
                on_way_.clear();
                if (!connected_) log::info("uplink: connected to {}", endpoint());
                connected_ = true;
            } else if (message.has_ack()) {
                outbox_.acknowledge(message.ack().acknowledged());
                credit_bytes_ = message.ack().credit_bytes();
                std::erase_if(on_way_, [&](const auto& batch) {
                    return batch.first <= message.ack().acknowledged();
                });
            } else if (message.has_refusal()) {
                log::error("uplink: the collector refuses: {}",
                           escape_for_terminal(to_valid_utf8(message.refusal().reason())));
                connected_ = false;
                pause_until_ = Clock::now() + refusal_pause;
            }
        }
    }

    [[nodiscard]] std::size_t bytes_on_way() const {
        std::size_t total = 0;
        for (const auto& [last, bytes] : on_way_) total += bytes;
        return total;
    }

    void send_batches() {
        while (bytes_on_way() < credit_bytes_) {
            const auto records = outbox_.read(sent_ + 1, batch_bytes);
            if (!records) {
                log::error("uplink: {}", records.error().message);
                return;
            }
            if (records->empty()) return;
            wire::FromAgent message;
            wire::Batch& batch = *message.mutable_batch();
            batch.set_stream(std::string(as_text(outbox_.stream().view())));
            for (const OutboxRecord& record : *records) {
                wire::Record& item = *batch.add_records();
                if (!item.ParseFromString(record.payload)) {
                    log::error("outbox record {} cannot be read", record.sequence);
                    item.Clear(); // what is left of it would spoil the whole message
                }
                item.set_sequence(record.sequence);
            }
            const std::string bytes = message.SerializeAsString();
            if (!send(bytes)) return;
            sent_ = records->back().sequence;
            on_way_.emplace_back(sent_, bytes.size());
            if (on_way_.size() == 1) last_answer_ = Clock::now();
        }
    }

    void send_waiting_heartbeat() {
        std::string message;
        {
            const std::lock_guard lock(mutex_);
            message.swap(heartbeat_);
        }
        if (!message.empty()) send(message);
    }

    UplinkOptions options_;
    CurveKeyPair keys_;
    Outbox& outbox_;
    Wakeup wakeup_;
    zmq::context_t context_{1};
    std::size_t endpoint_ = 0; ///< of the options: the one in use
    std::optional<zmq::socket_t> socket_;
    std::optional<DisconnectWatch> watch_; ///< of socket_
    std::atomic<bool> connected_ = false;
    bool was_welcome_ = false; ///< since the outbox was opened
    std::uint64_t sent_ = 0;
    std::uint64_t credit_bytes_ = 0;
    std::vector<std::pair<std::uint64_t, std::size_t>>
        on_way_; ///< last sequence and bytes of batches
    Clock::time_point last_greeting_;
    Clock::time_point opened_;
    Clock::time_point last_complaint_ = Clock::now() - complaint_interval;
    Clock::time_point last_answer_;
    Clock::time_point pause_until_;
    std::mutex mutex_;
    std::string heartbeat_;
};

Uplink::Uplink(std::unique_ptr<Session> session) : session_(std::move(session)) {
}

Result<Endpoint> collector_endpoint(std::string_view text) {
    auto endpoint = parse_endpoint(text, EndpointUse::connect);
    if (!endpoint)
        return fail(ErrorKind::config,
                    fmt::format("agent.collector is \"{}\": {}", escape_for_terminal(text),
                                endpoint.error().message));
    return endpoint;
}

Result<std::unique_ptr<Uplink>> Uplink::start(UplinkOptions options, const CurveKeyPair& keys,
                                              Outbox& outbox) {
    if (options.endpoints.empty())
        return fail(ErrorKind::config, "agent.collector names no collector");
    for (const std::string& endpoint : options.endpoints) {
        TRY(collector_endpoint(endpoint));
    }
    const std::size_t endpoints = options.endpoints.size();
    auto session = std::make_unique<Session>(std::move(options), keys, outbox);
    for (std::size_t i = 0; i < endpoints; ++i) {
        try {
            session->open_next(); // each once; it begins with the first of the list
        } catch (const zmq::error_t& error) {
            return fail(ErrorKind::config, fmt::format("cannot use the endpoint {}: {}",
                                                       session->endpoint(), error.what()));
        }
    }
    std::unique_ptr<Uplink> uplink(new Uplink(std::move(session)));
    uplink->thread_ = std::jthread(
        [session = uplink->session_.get()](const std::stop_token& stop) { session->run(stop); });
    return uplink;
}

Uplink::~Uplink() {
    thread_.request_stop();
    session_->wake();
    if (thread_.joinable()) thread_.join();
}

void Uplink::notify() {
    session_->wake();
}

void Uplink::send_heartbeat(std::string serialized_from_agent) {
    session_->set_heartbeat(std::move(serialized_from_agent));
}

bool Uplink::is_connected() const {
    return session_->is_connected();
}

} // namespace minewarden::agent
