// SPDX-License-Identifier: Apache-2.0

/// Called by LeakSanitizer. libzmq 4.3.4 sometimes leaks the message that an engine is about to
/// send when its context ends (one allocation of the message's size, without our code on the
/// stack).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libzmq.so.5\n";
}
