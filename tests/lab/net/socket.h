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

/// A connected non-blocking socket. Waits for the connection, an error, or the stop.
Result<Fd> connect_to(const LoopbackAddress& address, const Stop& stop);

/// Sends small messages at once (TCP_NODELAY), as Stratum implementations do.
void send_without_delay(int fd);

/// Sends all bytes. Waits for buffer space until the stop.
Result<void> send_all(int fd, std::string_view bytes, const Stop& stop);

enum class ReadStatus { data, nothing, closed };
/// Appends the available data, at most 16 KiB, to `bytes`. A reset counts as closed.
ReadStatus read_some(int fd, std::string& bytes);

} // namespace minewarden::lab
