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
    std::uint64_t limit_bytes = 64 << 20; ///< on disk; then the oldest segment is dropped
    bool sync = true;                     ///< fsync before append returns
    std::uint64_t segment_bytes = 1 << 20;
};

/// Records that the collector has not acknowledged, on disk in the order of their sequence numbers
/// (docs/outbox-format.md). Numbers start at 1 and are never reused within one stream, whose id is
/// random and created with the outbox. All functions may be called from any thread.
class Outbox {
  public:
    /// Opens the outbox, or creates it. Damaged records and missing segments are counted in lost(),
    /// as far as their numbers are known, and are gaps in the numbers; so is a torn record at the
    /// end. On a full disk it opens, but append() fails until there is room.
    static Result<std::unique_ptr<Outbox>> open(const std::filesystem::path& directory,
                                                const OutboxOptions& options);

    /// Stores a record and returns its number. After an error (disk full) nothing is stored, and
    /// the number is not used.
    Result<std::uint64_t> append(std::string_view payload);

    /// Records from `first` on, at least one if there is any, of about `maximum_bytes` in all.
    Result<std::vector<OutboxRecord>> read(std::uint64_t first, std::size_t maximum_bytes) const;

    /// The collector has committed everything up to `sequence`. Deletes whole segments below it.
    void acknowledge(std::uint64_t sequence);

    /// The same for the first acknowledgement, when nothing was sent since open(). If it is above
    /// the numbers from before open(), an older state of the directory was restored. Records
    /// appended since open() then get numbers above it.
    void resume_after(std::uint64_t sequence);

    /// Numbers below `next` are used. If the directory does not know them, their files are missing:
    /// the numbers are skipped and counted as lost. Call it before the first append().
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
    // REQUIRES for all of these: mutex_ is held
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
    std::vector<std::filesystem::path> stale_; ///< to delete once the next segment exists
    Fd current_;                               ///< the last segment, open for appending
    std::uint64_t next_ = 1;
    std::uint64_t first_since_open_ = 1;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace minewarden::agent
