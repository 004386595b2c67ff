// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/driver.h"
#include "collector/store/sql/finding_reader.h"
#include "collector/store/sql/fleet_reader.h"
#include "collector/store/sql/status_reader.h"

#include <condition_variable>
#include <mutex>

namespace minewarden::collector::sql {

/// A read-only connection with its queries.
struct Reader {
    std::unique_ptr<Connection> connection;
    FindingReader findings;
    FleetReader fleet;
    StatusReader status;

    static Result<std::unique_ptr<Reader>> open(Driver& driver);
};

/// A few readers, opened on first use. Any thread may call. Each query has its own reader and waits
/// while all are busy.
class ReaderPool {
  public:
    /// Time limit of a query.
    static constexpr std::chrono::seconds patience{5};

    /// `driver` outlives the pool.
    ReaderPool(Driver& driver, std::size_t readers) : driver_(driver), unopened_(readers) {}

    /// `ask(Reader&)` returns a Result. It is called again with a new connection if the first one
    /// is lost: the server may have been restarted since its last use.
    template <class Ask>
    auto ask(Ask ask) -> decltype(ask(std::declval<Reader&>())) {
        for (bool is_first = true;; is_first = false) {
            TRY_ASSIGN(auto reader, take());
            reader->connection->set_deadline(std::chrono::steady_clock::now() + patience);
            auto answer = ask(*reader);
            const bool is_lost = reader->connection->is_lost();
            put_back(std::move(reader));
            if (answer || !is_lost || !is_first) return answer;
        }
    }

  private:
    Result<std::unique_ptr<Reader>> take();
    void put_back(std::unique_ptr<Reader> reader);

    Driver& driver_;
    std::mutex mutex_;
    std::condition_variable is_free_;
    std::vector<std::unique_ptr<Reader>> free_;
    std::size_t unopened_;
};

} // namespace minewarden::collector::sql
