// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/task_table.h"

#include <cstring>

namespace minewarden::agent {

Result<void> parse_tasks(std::string_view bytes, TaskTable& table) {
    table.processes.clear();
    table.threads.clear();
    const auto take = [&bytes](auto& records) {
        auto& record = records.emplace_back();
        if (bytes.size() < sizeof(record)) return false;
        std::memcpy(&record, bytes.data(), sizeof(record));
        if (record.header.size != sizeof(record)) return false;
        bytes.remove_prefix(sizeof(record));
        return true;
    };
    while (!bytes.empty()) {
        std::uint32_t type = 0;
        if (bytes.size() >= sizeof(type)) std::memcpy(&type, bytes.data(), sizeof(type));
        const bool good = (type == abi::TASK_RECORD_PROCESS && take(table.processes)) ||
                          (type == abi::TASK_RECORD_THREAD && take(table.threads));
        if (!good) return fail(ErrorKind::internal, "the task iterator wrote an unknown record");
    }
    return {};
}

} // namespace minewarden::agent
