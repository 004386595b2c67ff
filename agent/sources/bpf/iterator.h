// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/programs.h"
#include "common/clock.h"
#include "common/result.h"

#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Functions that read attached iterator programs. Errors are of kind unavailable or permission.
namespace minewarden::agent {

/// Reads an iterator to its end. `buffer` is overwritten and grows as needed.
Result<void> read_iterator(const bpf_link* link, std::string_view name, std::string& buffer);

/// Reads an iterator piece by piece. `take` receives what was read and returns how many bytes of it
/// it has used; it receives the rest again, with what follows. Stops early and returns false when
/// `go_on` returns false between two reads.
Result<bool> read_iterator_in_pieces(const bpf_link* link, std::string_view name,
                                     const std::function<std::size_t(std::string_view)>& take,
                                     const std::function<bool()>& go_on);

/// Reads an iterator that writes records of one type into `records`, whose memory is reused.
template <class Record>
Result<std::span<const Record>> pull_records(const bpf_link* link, std::string_view name,
                                             std::string& buffer, std::vector<Record>& records) {
    TRY(read_iterator(link, name, buffer));
    records.resize(buffer.size() / sizeof(Record));
    if (!records.empty())
        std::memcpy(records.data(), buffer.data(), records.size() * sizeof(Record));
    return std::span<const Record>(records);
}

/// Reads an iterator that writes records of one type, and passes them on in pieces of at most 64
/// KiB. Stops and returns false after `most_cpu_ns` of CPU time of this thread.
template <class Record>
Result<bool> pull_in_pieces(const bpf_link* link, std::string_view name,
                            const std::function<void(std::span<const Record>)>& on_records,
                            std::uint64_t most_cpu_ns) {
    const std::uint64_t cpu_before = thread_cpu_ns();
    std::vector<Record> records;
    const auto take = [&](std::string_view bytes) {
        records.resize(bytes.size() / sizeof(Record));
        if (!records.empty())
            std::memcpy(records.data(), bytes.data(), records.size() * sizeof(Record));
        on_records(records);
        return records.size() * sizeof(Record);
    };
    return read_iterator_in_pieces(link, name, take,
                                   [&] { return thread_cpu_ns() - cpu_before < most_cpu_ns; });
}

} // namespace minewarden::agent
