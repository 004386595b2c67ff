// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Reports the state of a daemon to the service manager (sd_notify(3)) through $NOTIFY_SOCKET. Does
/// nothing if there is no such socket.
namespace minewarden {

/// Sends READY=1 and one line for `systemctl status`.
void notify_ready(std::string_view status);
/// Sends RELOADING=1 with MONOTONIC_USEC. Call notify_ready when the reload is done.
void notify_reloading();
void notify_stopping();

/// Sends WATCHDOG=1, at most every quarter of $WATCHDOG_USEC. Call it from the main loop.
void notify_watchdog();

} // namespace minewarden
