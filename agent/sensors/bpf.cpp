// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/bpf.h"

#include "common/text.h"
#include "kernel/event_abi.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstdarg>
#include <mutex>

namespace minewarden::agent {
namespace {

constexpr std::size_t remembered_bytes = 2048;
constexpr std::size_t iterator_chunk = 64 << 10;

/// What libbpf said lately, for the next error. libbpf may call from any thread.
std::mutex recent_mutex;
std::string recent_messages;

int remember(enum libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG) return 0;
    std::array<char, 1024> line{};
    const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
    const std::lock_guard lock(recent_mutex);
    recent_messages += line.data();
    if (recent_messages.size() > remembered_bytes)
        recent_messages.erase(0, recent_messages.size() - remembered_bytes);
    return length;
}

struct Place {
    std::string_view name;
    abi::error_effect effect;
    std::string_view loss;
};
constexpr std::array<Place, abi::ERROR_PLACE_COUNT> places{{
#define X(name, effect, loss) {#name, abi::ERROR_##effect, loss},
    ERROR_PLACES(X)
#undef X
}};

Result<void> reuse(bpf_object* object, const char* name, int fd) {
    bpf_map* map = bpf_object__find_map_by_name(object, name);
    if (map == nullptr) return {}; // this sensor does not use it
    const int error = bpf_map__reuse_fd(map, fd);
    if (error != 0) return fail(bpf_error(fmt::format("cannot share the map {}", name), -error));
    return {};
}

} // namespace

void LinkDeleter::operator()(bpf_link* link) const {
    bpf_link__destroy(link);
}

void set_up_bpf() {
    libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
    libbpf_set_print(remember);
}

Error bpf_error(std::string_view what, int error) {
    Error result = system_error(ErrorKind::unavailable, what, error);
    const std::lock_guard lock(recent_mutex);
    for (const std::string_view line : split(recent_messages, '\n')) {
        if (!trim(line).empty()) result.message += fmt::format("\n  {}", escape_for_terminal(line));
    }
    recent_messages.clear();
    return result;
}

Result<SharedMaps> SharedMaps::create() {
    Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, EVENT_RING_BYTES, nullptr));
    if (!ring) return fail(bpf_error("cannot create the event ring", errno));
    Fd errors(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "error_counts", sizeof(std::uint32_t),
                             sizeof(abi::error_count), abi::ERROR_PLACE_COUNT, nullptr));
    if (!errors) return fail(bpf_error("cannot create the error counts", errno));
    return SharedMaps(std::move(ring), std::move(errors));
}

Result<void> SharedMaps::share_with(bpf_object* object) const {
    if (auto shared = reuse(object, "events", ring_.get()); !shared) return shared;
    return reuse(object, "error_counts", errors_.get());
}

std::vector<ErrorCount> SharedMaps::read_errors() const {
    std::vector<ErrorCount> result;
    const int cpus = libbpf_num_possible_cpus();
    if (cpus <= 0) return result;
    std::vector<abi::error_count> values(static_cast<std::size_t>(cpus));
    for (std::uint32_t key = 0; key < places.size(); ++key) {
        if (bpf_map_lookup_elem(errors_.get(), &key, values.data()) != 0) continue;
        ErrorCount sum{places[key].name, places[key].effect, places[key].loss};
        for (const abi::error_count& value : values) {
            sum.count += value.count;
            if (value.last_error != 0) sum.last_error = value.last_error;
        }
        if (sum.count != 0) result.push_back(sum);
    }
    return result;
}

Result<bool> read_iterator_in_pieces(const bpf_link* link, std::string_view name,
                                     const std::function<std::size_t(std::string_view)>& take,
                                     const std::function<bool()>& go_on) {
    const Fd iterator(bpf_iter_create(bpf_link__fd(link)));
    if (!iterator) return fail(bpf_error(fmt::format("cannot start the iterator {}", name), errno));
    std::string piece(iterator_chunk, '\0');
    std::size_t kept = 0; // of the last piece, not whole yet
    while (go_on()) {
        const ssize_t got = ::read(iterator.get(), piece.data() + kept, piece.size() - kept);
        // EAGAIN: a million objects were looked at and none was told of (bpf_seq_read).
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0)
            return fail(bpf_error(fmt::format("cannot read the iterator {}", name), errno));
        if (got == 0) return true;
        const std::size_t filled = kept + static_cast<std::size_t>(got);
        const std::size_t taken = take(std::string_view(piece.data(), filled));
        kept = filled - taken;
        std::memmove(piece.data(), piece.data() + taken, kept);
    }
    return false;
}

Result<void> read_iterator(const bpf_link* link, std::string_view name, std::string& buffer) {
    buffer.clear();
    const auto keep = [&buffer](std::string_view piece) {
        buffer += piece;
        return piece.size();
    };
    auto read = read_iterator_in_pieces(link, name, keep, [] { return true; });
    if (!read) return fail(std::move(read).error());
    return {};
}

} // namespace minewarden::agent
