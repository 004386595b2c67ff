// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/fd.h"
#include "common/result.h"

#include <deque>
#include <filesystem>
#include <mutex>
#include <vector>

namespace minewarden::agent {

struct OutboxRecord {
    std::uint64_t sequence = 0;
    std::string payload;
};

struct OutboxOptions {
    std::uint64_t limit_bytes = 64 << 20; ///< on disk; past it the oldest segment goes
    bool sync = true;                     ///< fsync before append returns
    std::uint64_t segment_bytes = 1 << 20;
};

/// Records that the collector has not acknowledged, on disk in the order of their sequence numbers
/// (docs/outbox-format.md). Numbers start at 1 and are never used again within one stream, whose id
/// is drawn when the outbox is created. All functions may be called from any thread.
class Outbox {
  public:
    /// Opens or creates. Records that are damaged, and segments that are gone, are counted in
    /// lost() as far as their numbers tell, and show as gaps in the numbers; so does a torn record
    /// at the end. On a full disk it opens, but append() fails until there is room.
    static Result<std::unique_ptr<Outbox>> open(const std::filesystem::path& directory,
                                                const OutboxOptions& options);

    /// Keeps a record and returns its number. On an error (disk full) nothing was kept and the
    /// number is not used.
    Result<std::uint64_t> append(std::string_view payload);

    /// Records from `first` on, at least one if there is any, together about `maximum_bytes`.
    Result<std::vector<OutboxRecord>> read(std::uint64_t first, std::size_t maximum_bytes) const;

    /// The collector has committed everything up to `sequence`: whole segments below it are
    /// deleted.
    void acknowledge(std::uint64_t sequence);

    /// The same for the collector's first word, when nothing was sent since open(). If it has
    /// numbers that were given since then, or never, an older state of the directory came back;
    /// what was appended since open() gets numbers after those.
    void resume_after(std::uint64_t sequence);

    /// Numbers below `next` were given once. If the directory does not know so, the files that had
    /// them are gone: they are left out and counted as lost. Before the first append().
    void skip_to(std::uint64_t next);

    [[nodiscard]] const StreamId& stream() const { return stream_; }
    [[nodiscard]] std::uint64_t next_sequence() const;
    [[nodiscard]] std::uint64_t first_sequence() const; ///< oldest kept, or next_sequence()
    [[nodiscard]] std::uint64_t acknowledged() const;
    [[nodiscard]] std::uint64_t waiting_records() const;
    [[nodiscard]] std::uint64_t bytes() const;
    /// Records dropped for the limit or by damage since open.
    [[nodiscard]] std::uint64_t lost() const;

    static constexpr std::size_t maximum_payload = 2 << 20;

  private:
    struct Segment {
        std::filesystem::path path;
        std::uint64_t first = 0;
        std::uint64_t end = 0; ///< one past the last number
        std::uint64_t bytes = 0;
    };
    Outbox(std::filesystem::path directory, const OutboxOptions& options)
        : directory_(std::move(directory)), options_(options) {}
    Result<void> load();
    Result<void> load_stream();
    Result<void> load_segment(const std::filesystem::path& path, bool is_last);
    [[nodiscard]] bool is_disk_full() const;
    Result<void> start_segment();
    void enforce_limit();
    // These want mutex_ held.
    Result<std::uint64_t> append_locked(std::string_view payload);
    Result<std::vector<OutboxRecord>> read_locked(std::uint64_t first,
                                                  std::size_t maximum_bytes) const;
    void acknowledge_locked(std::uint64_t sequence);
    void continue_after(std::uint64_t sequence);

    std::filesystem::path directory_;
    OutboxOptions options_;
    StreamId stream_;
    mutable std::mutex mutex_;
    std::deque<Segment> segments_;
    std::vector<std::filesystem::path> stale_; ///< to delete when the next segment is there
    Fd current_;                               ///< the last segment, open for appending
    std::uint64_t next_ = 1;
    std::uint64_t first_since_open_ = 1;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace minewarden::agent
