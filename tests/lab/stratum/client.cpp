// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/client.h"

#include "tests/lab/net/line_buffer.h"
#include "tests/lab/net/socket.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <string>

namespace minewarden::lab {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t maximum_line = 16'384;

/// One connection of a client. Only for run_client().
class Connection {
  public:
    Connection(const ClientOptions& options, ClientProtocol& protocol, ShareSource& shares,
               ClientTotals& totals, EventLog& events, const Stop& stop)
        : options_(options),
          protocol_(protocol),
          shares_(shares),
          totals_(totals),
          events_(events),
          stop_(stop) {}

    Result<void> run() {
        auto fd = connect_to(options_.pool, stop_);
        if (!fd) return fail(std::move(fd).error());
        fd_ = std::move(*fd);
        const auto local = LoopbackAddress::of_socket(fd_.get());
        if (!local) return fail(local.error());
        events_.emit("connected", {{"pool", options_.pool.text()}, {"local", local->text()}});
        if (auto sent = send_hello(); !sent) return sent;
        while (!stop_.requested())
            if (auto turned = turn(); !turned) return turned;
        return {};
    }

  private:
    Result<void> send_hello() {
        const std::string hello = protocol_.hello();
        const std::size_t piece = (hello.size() + options_.pieces - 1) / options_.pieces;
        for (std::size_t at = 0; at < hello.size(); at += piece) {
            if (at != 0) stop_.sleep(options_.piece_delay);
            auto sent = send_all(fd_.get(), std::string_view(hello).substr(at, piece), stop_);
            if (!sent) return sent;
        }
        events_.emit("login_sent", {{"method", protocol_.login_method()},
                                    {"bytes", hello.size()},
                                    {"pieces", (hello.size() + piece - 1) / piece}});
        next_keepalive_ = steady_clock::now() + options_.keepalive;
        return {};
    }

    /// Waits for one event and handles it.
    Result<void> turn() {
        std::array<pollfd, 3> fds{
            {{fd_.get(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}, {shares_.fd(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), stop_.poll_timeout(next_keepalive_));
        if (fds[0].revents != 0) {
            if (auto read = receive(); !read) return read;
        }
        if (fds[2].revents != 0) {
            while (const auto share = shares_.take())
                if (auto sent = submit(*share); !sent) return sent;
        }
        if (steady_clock::now() < next_keepalive_) return {};
        next_keepalive_ = steady_clock::now() + options_.keepalive;
        const std::string keepalive = protocol_.keepalive();
        if (keepalive.empty()) return {};
        auto sent = send_all(fd_.get(), keepalive, stop_);
        if (sent) events_.emit("keepalive_sent");
        return sent;
    }

    Result<void> submit(const Share& share) {
        if (auto sent = send_all(fd_.get(), protocol_.submit(share), stop_); !sent) return sent;
        ++totals_.submitted;
        const auto& id =
            std::visit([](const auto& s) -> const std::string& { return s.job_id; }, share);
        events_.emit("share_submitted", {{"job_id", id}});
        return {};
    }

    Result<void> receive() {
        std::string bytes;
        const ReadStatus status = read_some(fd_.get(), bytes);
        if (!lines_.append(bytes))
            return fail(ErrorKind::data, "the pool sent a line that is too long");
        while (const auto line = lines_.next()) {
            auto reaction = protocol_.on_line(*line);
            if (!reaction) return fail(std::move(reaction).error());
            if (auto done = react(*reaction); !done) return done;
        }
        if (status == ReadStatus::closed && !stop_.requested())
            return fail(ErrorKind::unavailable, "the pool closed the connection");
        return {};
    }

    Result<void> react(const Reaction& reaction) {
        if (!reaction.send.empty()) {
            if (auto sent = send_all(fd_.get(), reaction.send, stop_); !sent) return sent;
        }
        if (!reaction.sent.empty()) events_.emit(reaction.sent);
        if (reaction.logged_in) events_.emit("logged_in");
        if (reaction.job) {
            ++totals_.jobs;
            events_.emit("job_received", {{"job_id", job_id_of(*reaction.job)}});
            shares_.on_job(*reaction.job);
        }
        if (reaction.answer && reaction.answer->accepted) {
            ++totals_.accepted;
            events_.emit("share_accepted");
        } else if (reaction.answer) {
            ++totals_.refused;
            events_.emit("share_refused", {{"reason", reaction.answer->reason}});
        }
        return {};
    }

    const ClientOptions& options_;
    ClientProtocol& protocol_;
    ShareSource& shares_;
    ClientTotals& totals_;
    EventLog& events_;
    const Stop& stop_;
    Fd fd_;
    LineBuffer lines_{maximum_line};
    SteadyTime next_keepalive_;
};

} // namespace

Result<void> run_client(const ClientOptions& options, ClientProtocol& protocol, ShareSource& shares,
                        ClientTotals& totals, EventLog& events, const Stop& stop) {
    return Connection(options, protocol, shares, totals, events, stop).run();
}

} // namespace minewarden::lab
