// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/bpf/iterator.h"

#include "common/fd.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <cerrno>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::size_t iterator_chunk = 64 << 10;

} // namespace

Result<bool> read_iterator_in_pieces(const bpf_link* link, std::string_view name,
                                     const std::function<std::size_t(std::string_view)>& take,
                                     const std::function<bool()>& go_on) {
    const Fd iterator(bpf_iter_create(bpf_link__fd(link)));
    if (!iterator) return fail(bpf_error(fmt::format("cannot start the iterator {}", name), errno));
    std::string piece(iterator_chunk, '\0');
    std::size_t kept = 0; // bytes of the last piece that were not used yet
    while (go_on()) {
        const ssize_t got = ::read(iterator.get(), piece.data() + kept, piece.size() - kept);
        // EAGAIN: the program wrote nothing for a million objects (bpf_seq_read).
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
    TRY(read_iterator_in_pieces(link, name, keep, [] { return true; }));
    return {};
}

} // namespace minewarden::agent
