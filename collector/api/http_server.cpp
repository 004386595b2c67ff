// SPDX-License-Identifier: Apache-2.0
// The only file that includes Boost.Asio, which is slow to compile: sockets and timers with one
// concrete executor, and one type of handler for each operation.
#include "collector/api/http_server.h"

#include "collector/api/unix_socket.h"
#include "common/log.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include <array>
#include <pthread.h>
#include <thread>
#include <utility> // Boost 1.74's Asio needs it under C++20

namespace minewarden::collector {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::size_t chunk_bytes = std::size_t{16} << 10;
/// Each connection may hold this much at any time, so that probes work when the memory is full.
constexpr std::size_t always_held = std::size_t{64} << 10;

std::string head_of(const Response& response, bool keep_alive) {
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
                    "Cache-Control: no-store\r\nConnection: {}\r\n",
                    response.status, title_of(response.status), response.content_type,
                    response.body.size(), keep_alive ? "keep-alive" : "close");
    for (const auto& [name, value] : response.fields)
        head += fmt::format("{}: {}\r\n", name, value);
    return head + "\r\n";
}

/// Sends a few bytes outside of the asynchronous writes. Drops what the socket does not accept.
void send_at_once(int socket, std::string_view bytes) {
    (void)!::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::optional<Principal> principal_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return UnixPeer{peer.uid, peer.gid, peer.pid};
}

class Session;

/// State of all sessions. Used by the I/O thread only.
struct Shared {
    const HttpServerOptions& options;
    const Router& router;
    HttpCounters& counters;
    Dispatcher* dispatcher = nullptr;
    std::size_t sessions = 0;   ///< current number
    std::size_t held_bytes = 0; ///< by them
};

/// One connection: reads a request, dispatches it, writes the response, and repeats. Lives as long
/// as it has an operation or a request. Used by the I/O thread only.
class Session final : public Dispatcher::Client, public std::enable_shared_from_this<Session> {
  public:
    Session(Socket socket, Principal principal, Shared& shared)
        : shared_(shared),
          principal_(principal),
          socket_(std::move(socket)),
          timer_(socket_.get_executor()),
          reader_(shared.options.request) {
        ++shared_.sessions;
        ++shared_.counters.connections;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() override {
        (void)hold(0);
        --shared_.sessions;
        --shared_.counters.connections;
    }

    void read_request() {
        state_ = State::reading;
        set_deadline(Clock::now() + shared_.options.patience);
        continue_reading();
    }

    void on_response(Response response) override { write(std::move(response)); }

    void on_later(Clock::time_point deadline) override {
        set_deadline(deadline);
        // A client that disconnects while it waits must not keep its slot.
        if (std::exchange(is_watched_, true)) return;
        socket_.async_wait(Socket::wait_read, then(&Session::on_readable));
    }

  private:
    enum class State { reading, handled, writing, closed };

    /// The only completion handler, so that each operation is instantiated once. Keeps the session
    /// alive.
    struct Completion {
        std::shared_ptr<Session> session;
        void (Session::*then)(error_code error, std::size_t bytes);
        void operator()(error_code error, std::size_t bytes = 0) const {
            ((*session).*then)(error, bytes);
        }
    };
    Completion then(void (Session::*member)(error_code, std::size_t)) {
        return {shared_from_this(), member};
    }

    void set_deadline(Clock::time_point deadline) {
        timer_.expires_at(deadline); // cancels the previous wait
        timer_.async_wait(then(&Session::on_deadline));
    }

    void on_deadline(error_code error, std::size_t) {
        if (error || Clock::now() < timer_.expiry()) return;
        if (state_ == State::handled) {
            shared_.dispatcher->expire(*this);
            return;
        }
        if (state_ == State::writing) ++shared_.counters.slow_readers;
        close();
    }

    /// Accounts for the memory of this session. Without enough memory: false, and no change.
    bool hold(std::size_t bytes) {
        const std::size_t others = shared_.held_bytes - held_bytes_;
        if (bytes > always_held && others + bytes > shared_.options.total_bytes) return false;
        shared_.held_bytes = others + bytes;
        held_bytes_ = bytes;
        return true;
    }

    void continue_reading() {
        auto next = reader_.next();
        if (!next) {
            refuse(to_response(next.error()));
        } else if (*next) {
            handle(std::move(**next));
        } else if (!hold(reader_.held_bytes())) {
            ++shared_.counters.busy;
            refuse(busy_response("too much data is being sent to the collector at once"));
        } else {
            if (reader_.take_expect_continue())
                send_at_once(socket_.native_handle(), "HTTP/1.1 100 Continue\r\n\r\n");
            socket_.async_read_some(asio::buffer(chunk_), then(&Session::on_read));
        }
    }

    void on_read(error_code error, std::size_t bytes) {
        if (state_ != State::reading) return;
        if (error) {
            close();
            return;
        }
        reader_.append({chunk_.data(), bytes});
        continue_reading();
    }

    void refuse(Response response) {
        keep_alive_ = false;
        is_head_ = false;
        write(std::move(response));
    }

    void handle(RequestReader::Received received) {
        ++shared_.counters.requests;
        keep_alive_ = received.keep_alive;
        is_head_ = received.request.method == Method::head;
        received.request.principal = principal_;
        auto found = shared_.router.find(received.request);
        if (auto* response = std::get_if<Response>(&found)) {
            write(std::move(*response));
            return;
        }
        state_ = State::handled;
        timer_.cancel(); // handlers have their own limits
        if (shared_.dispatcher->handle(*std::get<const Router::Route*>(found),
                                       std::move(received.request), shared_from_this()))
            return;
        ++shared_.counters.busy;
        write(busy_response("too many requests are waiting"));
    }

    void on_readable(error_code error, std::size_t) {
        is_watched_ = false;
        error_code ignored;
        if (!error && state_ == State::handled && socket_.available(ignored) == 0) {
            shared_.dispatcher->cancel(*this);
            close();
        }
    }

    void write(Response response) {
        if (response.body.size() > shared_.options.response_bytes)
            response =
                to_response({500, "",
                             fmt::format("the response has {} bytes, {} are allowed: ask for less",
                                         response.body.size(), shared_.options.response_bytes)});
        if (!hold(response.body.size())) {
            ++shared_.counters.busy;
            response = busy_response("too many responses are waiting to be read");
            (void)hold(0);
        }
        head_ = head_of(response, keep_alive_);
        body_ = is_head_ ? std::string() : std::move(response.body);
        written_ = 0;
        state_ = State::writing;
        set_deadline(Clock::now() + shared_.options.patience);
        continue_writing();
    }

    void continue_writing() {
        const std::size_t of_head = std::min(written_, head_.size());
        const std::size_t of_body = written_ - of_head;
        const std::array<asio::const_buffer, 2> rest{
            asio::const_buffer(head_.data() + of_head, head_.size() - of_head),
            asio::const_buffer(body_.data() + of_body, body_.size() - of_body)};
        socket_.async_write_some(rest, then(&Session::on_written));
    }

    void on_written(error_code error, std::size_t bytes) {
        if (state_ != State::writing) return;
        if (error) {
            close();
            return;
        }
        written_ += bytes;
        if (written_ < head_.size() + body_.size()) {
            continue_writing();
            return;
        }
        body_ = {};
        (void)hold(0);
        if (keep_alive_)
            read_request();
        else
            close();
    }

    void close() {
        state_ = State::closed;
        timer_.cancel();
        error_code ignored;
        // The argument has the error; later versions of Boost return nothing.
        // NOLINTNEXTLINE(bugprone-unused-return-value)
        socket_.shutdown(Socket::shutdown_both, ignored);
        // NOLINTNEXTLINE(bugprone-unused-return-value)
        socket_.close(ignored);
    }

    Shared& shared_;
    const Principal principal_;
    Socket socket_;
    Timer timer_;
    RequestReader reader_;
    State state_ = State::reading;
    std::array<char, chunk_bytes> chunk_;
    std::size_t held_bytes_ = 0;
    bool is_watched_ = false; ///< reads to see that the client disconnects

    // Of the current request:
    bool keep_alive_ = false;
    bool is_head_ = false;
    std::string head_;
    std::string body_;
    std::size_t written_ = 0; ///< of head_ and body_ together
};

} // namespace

class HttpServer::Server {
  public:
    Server(HttpServerOptions options, Router router, HttpCounters& counters)
        : options_(std::move(options)),
          router_(std::move(router)),
          shared_{options_, router_, counters},
          dispatcher_(options_.handlers, [this](std::function<void()> action) {
              asio::post(context_, std::move(action));
          }) {
        shared_.dispatcher = &dispatcher_;
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
        if (acceptor_.is_open()) ::unlink(options_.socket.c_str());
    }

    Result<void> start() {
        TRY_ASSIGN(auto socket, listen_on_unix_socket(options_.socket, options_.mode));
        error_code error;
        acceptor_.assign(Protocol(), socket.get(), error); // NOLINT(bugprone-unused-return-value)
        if (error)
            return fail(system_error(ErrorKind::internal, options_.socket.string(), error.value()));
        (void)socket.release();
        accept();
        thread_ = std::thread([this] { run(); });
        return {};
    }

    void notify() { dispatcher_.notify(); }

  private:
    void run() {
        ::pthread_setname_np(::pthread_self(), "api");
        for (;;) {
            try {
                context_.run();
                return;
            } catch (const std::exception& error) {
                log::error("API: {}", error.what()); // out of memory
            }
        }
    }

    void accept() {
        acceptor_.async_accept(accepted_, [this](error_code error) { on_accept(error); });
    }

    void on_accept(error_code error) {
        if (error) {
            // Probably out of descriptors: retry later.
            if (!std::exchange(is_out_of_descriptors_, true))
                log::error("API: cannot accept a connection: {}", errno_text(error.value()));
            pause_.expires_after(accept_pause);
            pause_.async_wait([this](error_code) { accept(); });
            return;
        }
        is_out_of_descriptors_ = false;
        Socket socket = std::move(accepted_); // accepted_ is unopened again
        accept();
        const auto principal = principal_of(socket.native_handle());
        if (shared_.sessions >= options_.connections) {
            ++shared_.counters.turned_away;
            const Response response = busy_response("too many connections");
            send_at_once(socket.native_handle(), head_of(response, false) + response.body);
        } else if (principal) {
            std::make_shared<Session>(std::move(socket), *principal, shared_)->read_request();
        }
    }

    const HttpServerOptions options_;
    const Router router_;
    Shared shared_;
    // The members below hold sessions.
    asio::io_context context_{1};
    Acceptor acceptor_{context_.get_executor()};
    Socket accepted_{context_.get_executor()};
    Timer pause_{context_.get_executor()};
    bool is_out_of_descriptors_ = false; ///< logged
    Dispatcher dispatcher_;
    std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Server> server) : server_(std::move(server)) {
}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, Router router,
                                                      HttpCounters& counters) {
    auto server = std::make_unique<Server>(std::move(options), std::move(router), counters);
    TRY(server->start());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

void HttpServer::notify() {
    server_->notify();
}

} // namespace minewarden::collector
