// SPDX-License-Identifier: Apache-2.0

/// Asked by LeakSanitizer. libzmq 4.3.4 now and then loses the message that an engine was about to
/// send when its context ends (one allocation of the message's size, none of ours on its stack).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libzmq.so.5\n";
}
