// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "tests/support/temporary_directory.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace minewarden::test {

/// A proxy for a PostgreSQL server on a Unix socket. Breaks connections for a test.
class CutOffProxy {
  public:
    enum class Cut {
        none,
        before_commit, ///< the server does not get the COMMIT
        after_commit,  ///< the server commits, but the client gets no response
        silence        ///< forwards nothing more, but closes nothing
    };

    /// `directory`: of the server's socket.
    explicit CutOffProxy(std::string directory);
    CutOffProxy(const CutOffProxy&) = delete;
    CutOffProxy& operator=(const CutOffProxy&) = delete;
    ~CutOffProxy();

    /// Breaks one connection; `silence` affects all.
    void cut(Cut cut) { cut_ = cut; }
    /// The number of broken connections.
    [[nodiscard]] int cuts() const { return cuts_; }
    [[nodiscard]] std::string uri(const std::string& database) const;

  private:
    struct Pair {
        Fd client;
        Fd server;
        bool is_committing = false; ///< drops the response to COMMIT
    };
    void run(const std::stop_token& stop);
    void accept_one();
    /// False if the pair must be closed.
    bool pass_on(Pair& pair, bool from_client);

    std::string server_socket_;
    TemporaryDirectory directory_;
    Fd listener_;
    std::vector<Pair> pairs_;
    std::atomic<Cut> cut_{Cut::none};
    std::atomic<int> cuts_{0};
    std::jthread thread_;
};

} // namespace minewarden::test
