// SPDX-License-Identifier: Apache-2.0
#include "cli/findings_csv.h"

#include "cli/json_text.h"
#include "common/text.h"

#include <array>

namespace minewarden::cli {
namespace {

using nlohmann::json;

struct Column {
    std::string_view name;
    std::string_view of_finding;    ///< path in its JSON; "" if it has none
    std::string_view of_visibility; ///< the same
};

constexpr std::array<Column, 20> columns{{
    {"id", "id", ""},
    {"version", "version", ""},
    {"state", "state", "state"},
    {"certainty", "certainty", ""},
    {"activity", "activity", ""},
    {"opened_at", "opened_at", "since"},
    {"changed_at", "changed_at", "until"},
    {"close_reason", "close_reason", "ended_by"},
    {"host", "agent.name", "agent.name"},
    {"agent", "agent.key", "agent.key"},
    {"subject", "subject.kind", ""},
    {"pid", "subject.pid", ""},
    {"command", "subject.command", ""},
    {"executable", "subject.executable", ""},
    {"user_id", "subject.user_id", ""},
    {"workload", "subject.workload.label", ""},
    {"kind", "", ""},
    {"reason", "", "reason"},
    {"detail", "", "detail"},
    {"recomputed", "recomputed.result", ""},
}};

std::string row_of(const json& value, std::string_view kind, std::string_view Column::* path) {
    std::string row;
    for (const Column& column : columns) {
        if (&column != &columns.front()) row += ',';
        std::string cell = column.name == "kind" ? std::string(kind) : text_at(value, column.*path);
        if (column.name == "detail" && kind == "visibility") {
            const std::string place = text_at(value, "place");
            cell = place + (cell.empty() ? "" : ": ") + cell;
        }
        row += escape_for_csv(cell);
    }
    return row + "\r\n";
}

} // namespace

std::string csv_header() {
    std::string header;
    for (const Column& column : columns) {
        if (!header.empty()) header += ',';
        header += column.name;
    }
    return header + "\r\n";
}

std::string csv_row(const json& finding) {
    return row_of(finding, "finding", &Column::of_finding);
}

std::string visibility_csv_row(const json& record) {
    return row_of(record, "visibility", &Column::of_visibility);
}

} // namespace minewarden::cli
