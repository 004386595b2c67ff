// SPDX-License-Identifier: Apache-2.0
#include "tests/fleet/honest_agent.h"

#include "collector/intake/curve_socket.h"
#include "common/clock.h"

#include <algorithm>
#include <deque>
#include <minewarden.pb.h>
#include <optional>

namespace minewarden::fleet {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto tick = 50ms;
constexpr auto longest_silence = 2s;
constexpr auto patience = 60s;
constexpr std::uint64_t most_in_batch = 100;

std::string new_id(std::uint64_t sequence, const StreamId& stream) {
    std::string seed(as_text(stream.view()));
    seed += std::to_string(sequence);
    return std::string(as_text(sha256(as_bytes(seed)).view()).substr(0, 16));
}

class Agent {
  public:
    Agent(const Target& target, const CurveKeyPair& keys) : target_(target), keys_(keys) {
        fill_random(stream_.bytes);
        finding_.set_version(1);
        finding_.set_state(wire::FINDING_STATE_OPEN);
        finding_.set_activity("mining.pool.client");
        finding_.set_certainty(wire::CERTAINTY_PROBABLE);
        finding_.set_opened_ns(wall_now().ns);
        finding_.set_changed_ns(wall_now().ns);
        finding_.mutable_subject()->set_boot_id(std::string(16, 'b'));
        finding_.mutable_subject()->mutable_process()->set_pid(4242);
        finding_.mutable_subject()->mutable_process()->set_command("made-up");
        finding_.set_record(std::string(500, 'r'));
        finding_.set_record_sha256(
            std::string(as_text(sha256(as_bytes(finding_.record())).view())));
    }

    HonestResult run(std::uint64_t per_second, std::chrono::seconds duration) {
        connect();
        const auto begin = Clock::now();
        std::uint64_t due = 0;
        for (;;) {
            const auto passed = Clock::now() - begin;
            if (passed < duration)
                due = static_cast<std::uint64_t>(std::chrono::duration<double>(passed).count() *
                                                 static_cast<double>(per_second));
            if (passed >= duration && result_.acknowledged == due) break;
            if (passed >= duration + patience) break;
            if (is_welcome_ && sent_ < due && on_way_.size() < 20) send_batch(due);
            read_answers();
            if (Clock::now() - last_heard_ > longest_silence) connect();
        }
        return std::move(result_);
    }

  private:
    struct OnWay {
        std::uint64_t last;
        Clock::time_point sent_at;
    };

    void connect() {
        socket_.reset();
        socket_.emplace(context_, zmq::socket_type::dealer);
        socket_->set(zmq::sockopt::linger, 0);
        socket_->set(zmq::sockopt::reconnect_ivl, 20);
        socket_->set(zmq::sockopt::reconnect_ivl_max, 200);
        collector::be_curve_client(*socket_, keys_, target_.collector);
        socket_->connect(target_.endpoint);
        greet();
    }

    void greet() {
        is_welcome_ = false;
        on_way_.clear();
        wire::FromAgent message;
        wire::Hello& hello = *message.mutable_hello();
        hello.set_protocol(1);
        hello.set_stream(std::string(as_text(stream_.view())));
        hello.set_boot_id(std::string(16, 'b'));
        hello.set_host_name("fleet");
        send(message);
        last_heard_ = Clock::now();
    }

    void send_batch(std::uint64_t due) {
        wire::FromAgent message;
        wire::Batch& batch = *message.mutable_batch();
        batch.set_stream(std::string(as_text(stream_.view())));
        const std::uint64_t last = std::min(due, sent_ + most_in_batch);
        const auto now = Clock::now();
        while (sent_ < last) {
            wire::Record& record = *batch.add_records();
            record.set_sequence(++sent_);
            *record.mutable_finding() = finding_;
            record.mutable_finding()->set_id(new_id(sent_, stream_));
            // What is sent again counts from the first time.
            if (first_sent_.size() < sent_) first_sent_.push_back(now);
        }
        on_way_.push_back({last, first_sent_[last - 1]});
        if (on_way_.size() == 1) last_heard_ = now;
        send(message);
    }

    void send(const wire::FromAgent& message) {
        const std::string bytes = message.SerializeAsString();
        (void)socket_->send(zmq::buffer(bytes), zmq::send_flags::dontwait);
    }

    void read_answers() {
        zmq_pollitem_t item{socket_->handle(), 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, std::chrono::milliseconds(tick).count()) <= 0) {
            if (is_welcome_ && on_way_.empty()) last_heard_ = Clock::now(); // nothing is expected
            return;
        }
        zmq::message_t frame;
        wire::FromCollector answer;
        if (!socket_->recv(frame, zmq::recv_flags::dontwait) ||
            !answer.ParseFromArray(frame.data(), static_cast<int>(frame.size())))
            return;
        last_heard_ = Clock::now();
        if (answer.has_refusal()) {
            greet();
        } else if (answer.has_welcome()) {
            is_welcome_ = true;
            ++result_.connections;
            sent_ = answer.welcome().acknowledged();
            take(sent_);
        } else {
            take(answer.ack().acknowledged());
        }
    }

    void take(std::uint64_t acknowledged) {
        while (result_.acknowledged < acknowledged) {
            // One latency for each batch of the first sending is enough.
            const auto at = first_sent_[result_.acknowledged++];
            if (result_.latencies_ms.empty() || at != last_counted_)
                result_.latencies_ms.push_back(
                    std::chrono::duration<double, std::milli>(Clock::now() - at).count());
            last_counted_ = at;
        }
        while (!on_way_.empty() && on_way_.front().last <= acknowledged) on_way_.pop_front();
    }

    Target target_;
    CurveKeyPair keys_;
    StreamId stream_;
    wire::Finding finding_;
    zmq::context_t context_;
    std::optional<zmq::socket_t> socket_;
    std::uint64_t sent_ = 0;
    bool is_welcome_ = false;
    std::deque<OnWay> on_way_;
    std::deque<Clock::time_point> first_sent_; ///< by sequence
    Clock::time_point last_heard_;
    Clock::time_point last_counted_;
    HonestResult result_;
};

} // namespace

HonestResult run_honest_agent(const Target& target, const CurveKeyPair& keys,
                              std::uint64_t findings_per_second, std::chrono::seconds duration) {
    return Agent(target, keys).run(findings_per_second, duration);
}

} // namespace minewarden::fleet
