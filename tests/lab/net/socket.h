// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"
#include "tests/lab/net/loopback_address.h"
#include "tests/lab/run/stop.h"

#include <string>
#include <string_view>

namespace minewarden::lab {

/// A non-blocking listening socket; port 0 lets the kernel choose.
Result<Fd> listen_on(const LoopbackAddress& address);

/// A connected non-blocking socket. Waits until the peer answers, the address refuses, or the stop.
Result<Fd> connect_to(const LoopbackAddress& address, const Stop& stop);

/// Small messages leave at once, as every Stratum implementation has it.
void send_without_delay(int fd);

/// Sends all, waiting for room as long as the stop allows.
Result<void> send_all(int fd, std::string_view bytes, const Stop& stop);

enum class ReadStatus { data, nothing, closed };
/// Appends what can be read now, at most 16 KiB, to `bytes`. A reset counts as closed.
ReadStatus read_some(int fd, std::string& bytes);

} // namespace minewarden::lab
