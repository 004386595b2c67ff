// SPDX-License-Identifier: Apache-2.0
#include "common/patient_output.h"

#include "common/log.h"

#include <cerrno>
#include <chrono>
#include <poll.h>
#include <system_error>

namespace minewarden {
namespace {

/// A reader that takes nothing for so long has stalled.
constexpr int stall_ms = 5000;
constexpr int retry_ms = 5000;

} // namespace

bool PatientOutput::write(std::string_view text, const std::stop_token& stop) {
    if (is_closed_) return false;
    const std::stop_callback wake(stop, [this] { stopped_.set(); });
    while (!text.empty()) {
        const auto written = writer_.write(text);
        if (!written && written.error() == EPIPE) {
            is_closed_ = true;
            return false;
        }
        if (!written) {
            if (!wait_after_error(written.error(), stop)) return false;
            continue;
        }
        if (*written == 0) {
            if (!wait_for_reader(stop)) return false;
            continue;
        }
        note_progress();
        text.remove_prefix(*written);
    }
    return true;
}

/// False if a stop is requested.
bool PatientOutput::wait_for_reader(const std::stop_token& stop) {
    pollfd wait[]{{writer_.fd(), POLLOUT, 0}, {stopped_.fd(), POLLIN, 0}};
    while (!stop.stop_requested()) {
        const int ready = ::poll(wait, 2, is_stalled_ ? -1 : stall_ms);
        if (ready > 0 && wait[0].revents != 0) return true;
        if (ready != 0 || is_stalled_) continue;
        is_stalled_ = true;
        log::warn("{} is not read: what is to be printed waits, everything else goes on", name_);
    }
    return false;
}

/// False if a stop is requested.
bool PatientOutput::wait_after_error(int error, const std::stop_token& stop) {
    if (error != last_error_) {
        last_error_ = error;
        log::error("cannot write to {}: {}; trying again", name_,
                   std::generic_category().message(error));
    }
    pollfd wait{stopped_.fd(), POLLIN, 0};
    (void)::poll(&wait, 1, retry_ms);
    return !stop.stop_requested();
}

void PatientOutput::note_progress() {
    if (is_stalled_) log::info("{} is read again", name_);
    if (last_error_ != 0) log::info("{} can be written again", name_);
    is_stalled_ = false;
    last_error_ = 0;
}

} // namespace minewarden
