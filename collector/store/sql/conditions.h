// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/findings.h"
#include "collector/store/sql/statements.h"

#include <string>
#include <variant>
#include <vector>

namespace minewarden::collector::sql {

/// The condition of a query. Contains only what the filter has, so that the planner of either
/// database can choose its indexes. Holds the values until the statement has run.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// `text` with "{}" or each "{0}" replaced by the parameter of `value`.
    Conditions& add(std::string_view text, Value value);
    Conditions& add(std::string_view text);
    /// The same for bytes, such as a key.
    Conditions& add_bytes(std::string_view text, ByteView bytes);

    /// " WHERE a AND b", or "" without conditions.
    [[nodiscard]] const std::string& where() const { return text_; }
    /// Adds a parameter that is not a condition, such as a limit.
    std::string parameter(std::int64_t value);
    void bind(Statement& statement) const;

  private:
    struct Parameter {
        Value value;
        bool is_bytes = false;
    };
    Conditions& add_parameter(std::string_view text, Parameter parameter);

    std::string text_;
    std::vector<Parameter> parameters_;
};

/// The number of matching rows of a table; stops counting at MatchCount::most.
Result<MatchCount> count_rows(Connection& connection, std::string_view table,
                              Conditions& conditions);

} // namespace minewarden::collector::sql
