// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/unkept.h"

#include "common/error.h"
#include "common/log.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace minewarden::agent {
namespace {

// In host byte order, because the file does not leave the host. The third number is the sum of the
// others, to detect a partly written or damaged file.
using Image = std::array<std::uint64_t, 3>;

Image image_of(const UnkeptCount::Value& value) {
    const auto since = static_cast<std::uint64_t>(value.since.ns);
    return {value.records, since, value.records + since + 1};
}

} // namespace

UnkeptCount::UnkeptCount(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    Image image{};
    if (file_ && ::pread(file_.get(), image.data(), sizeof(image), 0) == sizeof(image)) {
        const Value value{image[0], {static_cast<std::int64_t>(image[1])}};
        if (image == image_of(value)) left_ = value;
    }
    const Image none = image_of({});
    if (!file_ || ::pwrite(file_.get(), none.data(), sizeof(none), 0) != sizeof(none))
        log::warn(
            "cannot use {}: {}; if the agent is killed while the disk is full, the records in "
            "memory are lost without being counted",
            path.string(), errno_text(errno));
    else
        ::fsync(file_.get());
}

void UnkeptCount::set(std::uint64_t records) {
    if (!file_ || records == now_.records) return;
    if (now_.records == 0) now_.since = wall_now();
    now_.records = records;
    const Image image = image_of(records == 0 ? Value{} : now_);
    (void)!::pwrite(file_.get(), image.data(), sizeof(image), 0);
}

} // namespace minewarden::agent
