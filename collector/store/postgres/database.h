// SPDX-License-Identifier: Apache-2.0
// Connections and statements of store/sql over libpq.
#pragma once

#include "collector/store/postgres/link.h"
#include "collector/store/sql/database.h"

#include <vector>

namespace minewarden::collector::postgres {

/// Statements without rows are sent without waiting: their errors come with the next response. So a
/// unit of work waits for the server a few times, not for each statement.
class Connection final : public sql::Connection {
  public:
    /// Maximum time of a unit of work, including the wait for other units.
    static constexpr std::chrono::seconds unit_limit{30};

    explicit Connection(std::unique_ptr<Link> link) : link_(std::move(link)) {}

    Result<std::unique_ptr<sql::Statement>> prepare(std::string_view sql,
                                                    Use use = Use::often) override;
    Result<void> execute(const std::string& sql) override { return link_->execute(sql); }
    Result<void> begin() override;
    Result<void> commit() override;
    void roll_back() override;
    void set_deadline(std::chrono::steady_clock::time_point deadline) override {
        link_->set_deadline(deadline);
    }
    [[nodiscard]] bool is_lost() const override { return link_->is_lost(); }

    [[nodiscard]] Link& link() { return *link_; }

  private:
    std::unique_ptr<Link> link_;
    std::size_t prepared_ = 0;
};

class Statement final : public sql::Statement {
  public:
    /// `name`: of the prepared statement, or "" to send the text each time.
    Statement(Link& link, std::string name, std::string sql)
        : link_(link), name_(std::move(name)), sql_(std::move(sql)) {}

    Result<bool> step() override;
    Result<void> run() override;
    void reset() override { rows_.reset(); }

    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] ByteView blob(int column) const override;
    [[nodiscard]] bool is_null(int column) const override;

    void bind_integer(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view text) override;
    void bind_blob(int index, ByteView blob) override;
    void bind_null(int index) override;

  private:
    struct Parameter {
        enum class Kind {
            null,
            number,   ///< digits in `own`
            own_text, ///< text in `own`, changed to be valid for the server
            borrowed  ///< text or bytes
        };
        Kind kind = Kind::null;
        std::string own;
        std::string_view borrowed;
    };
    Parameter& parameter(int index);
    Result<void> send();

    Link& link_;
    std::string name_;
    std::string sql_;
    std::vector<Parameter> parameters_;
    ResultPtr rows_;
    int row_ = 0;
};

/// Key of pg_advisory_xact_lock(): one unit of work at a time.
inline constexpr std::int64_t unit_lock = 0x6d696e6577617264; // "minewarde"

} // namespace minewarden::collector::postgres
