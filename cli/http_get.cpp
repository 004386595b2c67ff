// SPDX-License-Identifier: Apache-2.0
// The only file of the client that includes Boost.Beast, because it is slow to compile. Uses its
// parser without Asio's streams.
#include "cli/http_get.h"

#include "common/fd.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>

namespace minewarden::cli {
namespace {

namespace fs = std::filesystem;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t maximum_body = std::uint64_t{256} << 20;
constexpr std::size_t chunk_bytes = std::size_t{64} << 10;

/// One exchange on a blocking socket, until `end`.
class Exchange {
  public:
    Exchange(const fs::path& path, std::chrono::seconds timeout)
        : path_(path.string()),
          timeout_(timeout),
          end_(Clock::now() + timeout),
          socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        parser_.body_limit(maximum_body);
        parser_.eager(true);
    }

    Result<void> connect() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path_.size() >= sizeof address.sun_path)
            return fail(failed("connect to", ENAMETOOLONG));
        std::memcpy(address.sun_path, path_.c_str(), path_.size());
        // Bounds connect() too, if the collector does not accept: unix(7).
        const timeval limit{timeout_.count(), 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0)
            return fail(failed("connect to", errno));
        return {};
    }

    Result<void> send(std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR) return fail(failed("write to", errno));
            if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return {};
    }

    Result<HttpResponse> receive() {
        std::string buffer;
        while (!parser_.is_done()) {
            TRY_ASSIGN(const std::size_t received, receive_some(buffer));
            boost::system::error_code error;
            if (received > 0)
                buffer.erase(0, parse(buffer, error));
            else if (parser_.got_some())
                parser_.put_eof(error);
            if (received == 0 && !error && !parser_.is_done()) error = http::error::end_of_stream;
            if (error)
                return fail(ErrorKind::unavailable, fmt::format("{}: {}", path_, error.message()));
        }
        auto message = parser_.release();
        return HttpResponse{message.result_int(), std::move(message.body())};
    }

  private:
    /// Appends to `buffer`; 0 at the end of the stream.
    Result<std::size_t> receive_some(std::string& buffer) {
        pollfd readable{socket_.get(), POLLIN, 0};
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now());
            if (left.count() <= 0) return fail(failed("read from", EAGAIN));
            if (::poll(&readable, 1, static_cast<int>(left.count())) <= 0) continue;
            const std::size_t before = buffer.size();
            buffer.resize(before + chunk_bytes);
            const auto received = ::recv(socket_.get(), buffer.data() + before, chunk_bytes, 0);
            buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
            if (received >= 0) return static_cast<std::size_t>(received);
            if (errno != EINTR) return fail(failed("read from", errno));
        }
    }

    /// Returns the number of bytes consumed. Without an error it needs more, or is done.
    std::size_t parse(std::string_view bytes, boost::system::error_code& error) {
        std::size_t parsed = 0;
        while (!parser_.is_done() && parsed < bytes.size() && !error)
            parsed += parser_.put({bytes.data() + parsed, bytes.size() - parsed}, error);
        if (error == http::error::need_more) error = {};
        return parsed;
    }

    [[nodiscard]] Error failed(std::string_view step, int errno_value) const {
        if (errno_value == EAGAIN)
            return {ErrorKind::unavailable,
                    fmt::format("{} does not answer within {} s", path_, timeout_.count())};
        return system_error(
            ErrorKind::unavailable,
            fmt::format("cannot {} the collector at {} (is minewarden-collector running? another "
                        "socket: --socket PATH)",
                        step, path_),
            errno_value);
    }

    std::string path_;
    std::chrono::seconds timeout_;
    Clock::time_point end_;
    Fd socket_;
    http::response_parser<http::string_body> parser_;
};

} // namespace

Result<HttpResponse> http_get(const fs::path& socket, const std::string& target,
                              std::chrono::seconds timeout) {
    Exchange exchange(socket, timeout);
    TRY(exchange.connect());
    TRY(exchange.send(
        fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target)));
    return exchange.receive();
}

} // namespace minewarden::cli
