// SPDX-License-Identifier: Apache-2.0
// The only file that knows Boost.Asio and Boost.Beast.
#include "collector/api/http_server.h"

#include "collector/api/unix_socket.h"
#include "common/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/core.h>

#include <atomic>
#include <pthread.h>
#include <set>
#include <thread>
#include <utility> // Boost 1.74's Asio forgets it under C++20

namespace minewarden::collector {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;
using Stream = beast::basic_stream<Protocol>;

constexpr std::chrono::milliseconds accept_pause{100};

class Session;

/// What sessions need of the server; all in its thread.
struct Shared {
    const HttpServerOptions& options;
    const Router& router;
    std::set<Session*> sessions;
};

/// One connection: reads a request, answers it, and so on. Lives as long as an operation of it is
/// under way.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(Protocol::socket socket, Shared& shared)
        : shared_(shared), stream_(std::move(socket)), timer_(stream_.get_executor()) {
        shared_.sessions.insert(this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { shared_.sessions.erase(this); }

    void read() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(shared_.options.header_bytes));
        parser_->body_limit(shared_.options.body_bytes);
        stream_.expires_after(shared_.options.patience);
        http::async_read(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) { self->handle(error); });
    }

    /// Looks again at a request that waits. May destroy the session's last operation, so the
    /// caller holds it.
    void resume(bool is_last) {
        if (!waiting_) return;
        const Later later = *std::exchange(waiting_, std::nullopt);
        Answer answer = later.resume(is_last);
        if (!is_last && std::holds_alternative<Later>(answer)) {
            waiting_ = std::get<Later>(std::move(answer));
            return;
        }
        timer_.cancel();
        deliver(std::move(answer));
    }

  private:
    /// What is wrong with a request that could not be read, or is not served.
    [[nodiscard]] std::optional<Problem> reason_to_refuse(error_code error) const {
        if (error == http::error::header_limit)
            return Problem{
                431, "",
                fmt::format("the header is larger than {} bytes", shared_.options.header_bytes)};
        if (error == http::error::body_limit)
            return Problem{
                413, "",
                fmt::format("the body is larger than {} bytes", shared_.options.body_bytes)};
        const bool is_bad_request =
            error && error.category() == make_error_code(http::error::bad_method).category();
        if (is_bad_request && error != http::error::end_of_stream &&
            error != http::error::partial_message)
            return Problem{400, "", fmt::format("this is not HTTP/1.1: {}", error.message())};
        if (error) return std::nullopt;
        const http::verb method = parser_->get().method();
        if (method != http::verb::get && method != http::verb::head)
            return Problem{405, "", "only GET and HEAD are served"};
        return std::nullopt;
    }

    void handle(error_code error) {
        if (const auto problem = reason_to_refuse(error)) {
            refuse(*problem);
            return;
        }
        if (error) return; // the client is gone, or too slow
        const auto& request = parser_->get();
        is_head_ = request.method() == http::verb::head;
        keep_alive_ = request.keep_alive();
        const auto target = request.target();
        deliver(shared_.router.route({target.data(), target.size()}));
    }

    void refuse(const Problem& problem) {
        keep_alive_ = false;
        is_head_ = false;
        write(to_response(problem));
    }

    void deliver(Answer answer) {
        if (auto* later = std::get_if<Later>(&answer))
            wait(std::move(*later));
        else
            write(std::get<Response>(answer));
    }

    void wait(Later later) {
        stream_.expires_never();
        timer_.expires_at(later.deadline);
        waiting_ = std::move(later);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->resume(true);
        });
        // A client that goes away while it waits must not keep its place.
        stream_.socket().async_wait(Protocol::socket::wait_read,
                                    [self = shared_from_this()](error_code error) {
                                        if (error || !self->waiting_) return;
                                        error_code ignored;
                                        if (self->stream_.socket().available(ignored) == 0)
                                            self->close();
                                    });
    }

    void write(const Response& response) {
        response_.emplace(static_cast<http::status>(response.status), 11);
        response_->set(http::field::content_type, response.content_type);
        response_->set(http::field::cache_control, "no-store");
        if (response.status == 405) response_->set(http::field::allow, "GET, HEAD");
        response_->keep_alive(keep_alive_);
        response_->content_length(response.body.size());
        if (!is_head_) response_->body() = response.body;
        serializer_.emplace(*response_);
        stream_.expires_after(shared_.options.patience);
        const auto next = [self = shared_from_this()](error_code error, std::size_t) {
            if (!error && self->keep_alive_)
                self->read();
            else
                self->close();
        };
        if (is_head_)
            http::async_write_header(stream_, *serializer_, next);
        else
            http::async_write(stream_, *serializer_, next);
    }

    void close() {
        waiting_.reset();
        timer_.cancel();
        error_code ignored;
        // The error comes by the argument; later versions of Boost return nothing.
        // NOLINTNEXTLINE(bugprone-unused-return-value)
        stream_.socket().shutdown(Protocol::socket::shutdown_both, ignored);
        stream_.close();
    }

    Shared& shared_;
    Stream stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::optional<http::response<http::string_body>> response_;
    std::optional<http::response_serializer<http::string_body>> serializer_;
    std::optional<Later> waiting_;
    bool keep_alive_ = false;
    bool is_head_ = false;
};

} // namespace

class HttpServer::Server {
  public:
    Server(HttpServerOptions options, Router router)
        : options_(std::move(options)), router_(std::move(router)) {}
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

    void notify() {
        if (is_notified_.exchange(true)) return;
        asio::post(context_, [this] {
            is_notified_ = false;
            // Answering can end a session and so change the set.
            std::vector<std::shared_ptr<Session>> sessions;
            for (Session* session : shared_.sessions) {
                if (auto held = session->weak_from_this().lock())
                    sessions.push_back(std::move(held));
            }
            for (const auto& session : sessions) session->resume(false);
        });
    }

  private:
    void run() {
        ::pthread_setname_np(::pthread_self(), "api");
        for (;;) {
            try {
                context_.run();
                return;
            } catch (const std::exception& error) {
                // Only memory can run out; that request is lost, the others go on.
                log::error("API: {}", error.what());
            }
        }
    }

    void accept() {
        acceptor_.async_accept([this](error_code error, Protocol::socket socket) {
            if (!error) {
                // Beyond the limit: closed at once.
                if (shared_.sessions.size() < options_.connections)
                    std::make_shared<Session>(std::move(socket), shared_)->read();
                accept();
                return;
            }
            // Out of descriptors, most likely: they come back.
            pause_.expires_after(accept_pause);
            pause_.async_wait([this](error_code) { accept(); });
        });
    }

    const HttpServerOptions options_;
    const Router router_;
    Shared shared_{options_, router_, {}};
    std::atomic<bool> is_notified_{false};
    asio::io_context context_{1};
    Protocol::acceptor acceptor_{context_};
    asio::steady_timer pause_{context_};
    std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Server> server) : server_(std::move(server)) {
}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options, Router router) {
    auto server = std::make_unique<Server>(std::move(options), std::move(router));
    TRY(server->start());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

void HttpServer::notify() {
    server_->notify();
}

} // namespace minewarden::collector
