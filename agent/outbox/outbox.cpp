// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/outbox.h"

#include "agent/outbox/segment.h"
#include "common/file.h"
#include "common/log.h"
#include "common/text.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <utility>

namespace minewarden::agent {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t segment_limit = 64 << 20;
constexpr std::uint64_t highest_sequence = std::uint64_t{1} << 62; // the stores use signed numbers

std::optional<std::uint64_t> sequence_of_name(const fs::path& path) {
    const std::string name = path.stem();
    std::uint64_t sequence = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), sequence);
    if (path.extension() != ".log" || error != std::errc{} || end != name.data() + name.size())
        return std::nullopt;
    return sequence;
}

} // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(const fs::path& directory,
                                             const OutboxOptions& options) {
    TRY(make_directory(directory, 0700));
    std::unique_ptr<Outbox> outbox(new Outbox(directory, options));
    TRY(outbox->load());
    return outbox;
}

Result<void> Outbox::load_stream() {
    const fs::path path = directory_ / "stream";
    if (const auto text = read_file(path, 256)) {
        const auto bytes = from_hex(trim(*text));
        if (const auto id = StreamId::from(as_bytes(bytes.value_or("")))) {
            stream_ = *id;
            return {};
        }
        log::error("{} is damaged: a new stream begins", path.string());
    }
    fill_random(stream_.bytes);
    return write_file_atomically(path, to_hex(stream_) + "\n", 0600);
}

Result<void> Outbox::load() {
    TRY(load_stream());
    std::vector<std::pair<std::uint64_t, fs::path>> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
        if (const auto sequence = sequence_of_name(entry.path()))
            files.emplace_back(*sequence, entry.path());
    }
    std::ranges::sort(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
        // Numbers between two segments belong to a torn end, or to a missing file.
        if (i > 0) lost_ += files[i].first - std::min(files[i].first, next_);
        next_ = std::max(next_, files[i].first);
        TRY(load_segment(files[i].second, i + 1 == files.size()));
    }
    // Numbers below the oldest one stored were acknowledged or counted as lost before.
    acknowledged_ = (segments_.empty() ? next_ : segments_.front().first) - 1;
    first_since_open_ = next_;
    auto started = start_segment();
    if (started || !is_disk_full()) return started;
    log::error("{}; nothing is kept until there is room", started.error().message);
    return {};
}

bool Outbox::is_disk_full() const {
    constexpr std::uintmax_t enough = 1 << 20;
    std::error_code error;
    const fs::space_info space = fs::space(directory_, error);
    return !error && space.available < enough;
}

Result<void> Outbox::load_segment(const fs::path& path, bool is_last) {
    const auto content = read_file(path, segment_limit);
    if (!content) { // a bad disk must not prevent the start; the numbers are a gap
        log::error("{}; its records are lost", content.error().message);
        stale_.push_back(path);
        return {};
    }
    Segment segment{path, *sequence_of_name(path), next_, content->size()};
    const SegmentScan scan =
        scan_segment(as_bytes(*content), maximum_payload, [&](std::uint64_t sequence, ByteView) {
            segment.end = sequence + 1;
            return true;
        });
    lost_ += scan.missing;
    if (scan.records > 0)
        lost_ += scan.first_sequence - std::min(scan.first_sequence, segment.first);
    if (scan.damaged)
        log::warn("{} is damaged: {} good records, {} missing between them, {} bytes after "
                  "record {} cannot be read",
                  path.string(), scan.records, scan.missing, content->size() - scan.good_bytes,
                  scan.last_sequence);
    if (scan.records > 0) next_ = segment.end;
    // The torn record may have been stored and damaged later. So its number is not reused, and is a
    // gap.
    if (is_last && scan.torn && content->size() > std::max<std::size_t>(scan.good_bytes, 8)) {
        ++next_;
        ++lost_;
    }
    // An empty file has only its name, with which the next segment continues.
    if (scan.records == 0)
        stale_.push_back(path);
    else
        segments_.push_back(std::move(segment));
    return {};
}

Result<void> Outbox::start_segment() {
    // The number in the name prevents numbers from being reused when all records are gone.
    const fs::path path = directory_ / fmt::format("{:020}.log", next_);
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!file || ::write(file.get(), segment_magic.data(), segment_magic.size()) !=
                     static_cast<ssize_t>(segment_magic.size()))
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot create {}", path.string()), errno));
    if (options_.sync) {
        ::fsync(file.get());
        const Fd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory) ::fsync(directory.get());
    }
    if (!segments_.empty() && segments_.back().first == segments_.back().end) {
        if (segments_.back().path != path) stale_.push_back(segments_.back().path);
        segments_.pop_back();
    }
    segments_.push_back({path, next_, next_, segment_magic.size()});
    current_ = std::move(file);
    // Only now, so that at any moment there is a name with the next number.
    for (const fs::path& old : std::exchange(stale_, {})) {
        std::error_code error;
        if (old != path) fs::remove(old, error);
    }
    return {};
}

Result<std::uint64_t> Outbox::append(std::string_view payload) {
    const std::lock_guard lock(mutex_);
    return append_locked(payload);
}

Result<std::uint64_t> Outbox::append_locked(std::string_view payload) {
    if (payload.size() > maximum_payload)
        return fail(
            ErrorKind::internal,
            fmt::format("a record of {} bytes is larger than the outbox takes", payload.size()));
    struct stat status{};
    const bool is_deleted =
        current_ && ::fstat(current_.get(), &status) == 0 && status.st_nlink == 0;
    if (is_deleted) {
        const Segment& gone = segments_.back();
        log::error("{} was deleted with {} records in it", gone.path.string(),
                   gone.end - gone.first);
        lost_ += gone.end - std::min(gone.end, std::max(gone.first, acknowledged_ + 1));
        segments_.pop_back();
        current_.reset();
    }
    if (!current_ || segments_.back().bytes >= options_.segment_bytes) {
        TRY(start_segment());
    }
    Segment& segment = segments_.back();
    const std::string record = encode_outbox_record(next_, payload);
    const ssize_t put = ::write(current_.get(), record.data(), record.size());
    const bool whole = put == static_cast<ssize_t>(record.size());
    if (!whole || (options_.sync && ::fdatasync(current_.get()) != 0)) {
        const int error = put < 0 || whole ? errno : ENOSPC;
        // Remove what was written of it, so that the next record follows a good one.
        if (::ftruncate(current_.get(), static_cast<off_t>(segment.bytes)) != 0) current_.reset();
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot write {}", segment.path.string()), error));
    }
    segment.bytes += record.size();
    segment.end = next_ + 1;
    const std::uint64_t sequence = next_++;
    enforce_limit();
    return sequence;
}

void Outbox::enforce_limit() {
    std::uint64_t total = 0;
    for (const Segment& segment : segments_) total += segment.bytes;
    while (total > options_.limit_bytes && segments_.size() > 1) {
        const Segment& oldest = segments_.front();
        total -= oldest.bytes;
        lost_ += oldest.end - std::max(oldest.first, acknowledged_ + 1);
        std::error_code error;
        fs::remove(oldest.path, error);
        segments_.pop_front();
    }
}

Result<std::vector<OutboxRecord>> Outbox::read(std::uint64_t first,
                                               std::size_t maximum_bytes) const {
    const std::lock_guard lock(mutex_);
    return read_locked(first, maximum_bytes);
}

Result<std::vector<OutboxRecord>> Outbox::read_locked(std::uint64_t first,
                                                      std::size_t maximum_bytes) const {
    std::vector<OutboxRecord> records;
    std::size_t bytes = 0;
    for (const Segment& segment : segments_) {
        if (segment.end <= first) continue;
        const auto content = read_file(segment.path, segment_limit);
        std::error_code error;
        // It is missing: its numbers are a gap, and the others must not wait for it.
        if (!content && !fs::exists(segment.path, error)) continue;
        if (!content) return fail(content.error());
        scan_segment(as_bytes(*content), maximum_payload,
                     [&](std::uint64_t sequence, ByteView payload) {
                         if (sequence < first) return true;
                         if (!records.empty() && bytes + payload.size() > maximum_bytes)
                             return false;
                         records.push_back({sequence, std::string(as_text(payload))});
                         bytes += payload.size();
                         return true;
                     });
        if (bytes >= maximum_bytes) break;
    }
    return records;
}

void Outbox::skip_to(std::uint64_t next) {
    const std::lock_guard lock(mutex_);
    if (next <= next_ || next >= highest_sequence) return;
    log::error("{}: records {} to {} are missing", directory_.string(), next_, next - 1);
    lost_ += next - next_;
    next_ = next;
    first_since_open_ = next;
    if (auto started = start_segment(); !started) log::error("{}", started.error().message);
}

void Outbox::acknowledge(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    acknowledge_locked(sequence);
}

void Outbox::resume_after(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    if (sequence >= first_since_open_ && sequence < highest_sequence) continue_after(sequence);
    acknowledge_locked(sequence);
}

void Outbox::acknowledge_locked(std::uint64_t sequence) {
    acknowledged_ = std::max(acknowledged_, std::min(sequence, next_ - 1));
    while (segments_.size() > 1 && segments_.front().end <= acknowledged_ + 1) {
        std::error_code error;
        fs::remove(segments_.front().path, error);
        segments_.pop_front();
    }
}

/// A snapshot was restored, or the disk lost data that it had acknowledged. The collector would
/// take numbers given since then for records that it has, and drop them.
void Outbox::continue_after(std::uint64_t sequence) {
    const auto fresh =
        read_locked(std::max(first_since_open_, acknowledged_ + 1), options_.limit_bytes);
    if (!fresh) {
        log::error("{}", fresh.error().message);
        return;
    }
    log::warn("{} is an older state: the collector has records up to {}, this had up to {}; {} "
              "new records get new numbers",
              directory_.string(), sequence, first_since_open_ - 1, fresh->size());
    std::error_code error;
    for (const Segment& segment : segments_) fs::remove(segment.path, error);
    segments_.clear();
    current_.reset();
    next_ = sequence + 1;
    first_since_open_ = next_;
    acknowledged_ = sequence;
    if (auto started = start_segment(); !started) log::error("{}", started.error().message);
    for (const OutboxRecord& record : *fresh) {
        if (auto kept = append_locked(record.payload); !kept) {
            log::error("{}", kept.error().message);
            ++lost_;
        }
    }
}

std::uint64_t Outbox::next_sequence() const {
    const std::lock_guard lock(mutex_);
    return next_;
}

std::uint64_t Outbox::first_sequence() const {
    const std::lock_guard lock(mutex_);
    return segments_.empty() ? next_ : segments_.front().first;
}

std::uint64_t Outbox::acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
}

std::uint64_t Outbox::waiting_records() const {
    const std::lock_guard lock(mutex_);
    return next_ - 1 - acknowledged_;
}

std::uint64_t Outbox::bytes() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t total = 0;
    for (const Segment& segment : segments_) total += segment.bytes;
    return total;
}

std::uint64_t Outbox::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

} // namespace minewarden::agent
