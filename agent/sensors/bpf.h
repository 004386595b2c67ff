// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"
#include "kernel/error_abi.h"

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct bpf_link;
struct bpf_map;
struct bpf_object;
struct bpf_program;

/// RAII and error texts over libbpf. Needs CAP_BPF and CAP_PERFMON (or root).
namespace minewarden::agent {

struct LinkDeleter {
    void operator()(bpf_link* link) const;
};
using BpfLink = std::unique_ptr<bpf_link, LinkDeleter>;

/// Frees a skeleton with its own destroy function.
template <class Skeleton>
struct SkeletonDeleter {
    void operator()(Skeleton* skeleton) const { Skeleton::destroy(skeleton); }
};
template <class Skeleton>
using SkeletonOwner = std::unique_ptr<Skeleton, SkeletonDeleter<Skeleton>>;

/// Sends libbpf's own messages nowhere but into the text that bpf_error() takes along. Call once,
/// before anything else here.
void set_up_bpf();

/// An error of kind unavailable (permission on EPERM): what failed, errno's text and the last lines
/// libbpf or the verifier said about it.
[[nodiscard]] Error bpf_error(std::string_view what, int error);

/// How often something went wrong, by place (kernel/error_abi.h).
struct ErrorCount {
    std::string_view place;
    abi::error_effect effect = abi::ERROR_LOST;
    std::string_view loss; ///< what is lost or left out
    std::uint64_t count = 0;
    std::int64_t last_error = 0;
};

/// The two maps that all sensors share: the event ring and the error counts.
class SharedMaps {
  public:
    static Result<SharedMaps> create();

    /// Makes an object that was opened but not loaded use these maps instead of its own.
    Result<void> share_with(bpf_object* object) const;

    [[nodiscard]] int ring() const { return ring_.get(); }
    /// Places with a count above 0.
    [[nodiscard]] std::vector<ErrorCount> read_errors() const;

  private:
    SharedMaps(Fd ring, Fd errors) : ring_(std::move(ring)), errors_(std::move(errors)) {}
    Fd ring_;
    Fd errors_;
};

/// Reads an iterator from beginning to end. `buffer` is overwritten and grows as needed.
Result<void> read_iterator(const bpf_link* link, std::string_view name, std::string& buffer);

/// Reads an iterator without keeping what it said: `take` gets what was read, says how much of it
/// was whole, and gets the rest again with what follows. Stops early, and returns false, when
/// `go_on` says so between two reads.
Result<bool> read_iterator_in_pieces(const bpf_link* link, std::string_view name,
                                     const std::function<std::size_t(std::string_view)>& take,
                                     const std::function<bool()>& go_on);

/// Reads an iterator that writes records of one type, into `records`, whose memory is used again.
template <class Record>
Result<std::span<const Record>> pull_records(const bpf_link* link, std::string_view name,
                                             std::string& buffer, std::vector<Record>& records) {
    if (auto read = read_iterator(link, name, buffer); !read) return fail(std::move(read).error());
    records.resize(buffer.size() / sizeof(Record));
    if (!records.empty())
        std::memcpy(records.data(), buffer.data(), records.size() * sizeof(Record));
    return std::span<const Record>(records);
}

} // namespace minewarden::agent
