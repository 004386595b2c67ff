// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Tells the service manager how a daemon is (sd_notify(3)): datagrams to $NOTIFY_SOCKET. Where
/// there is no such socket, nothing happens.
namespace minewarden {

/// READY=1, with one line for `systemctl status`.
void notify_ready(std::string_view status);
/// RELOADING=1 with MONOTONIC_USEC; followed by notify_ready when the reload is over.
void notify_reloading();
void notify_stopping();

/// WATCHDOG=1, at most every quarter of $WATCHDOG_USEC: call it from the loop that does the work.
void notify_watchdog();

} // namespace minewarden
