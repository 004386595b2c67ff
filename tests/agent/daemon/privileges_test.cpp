// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/privileges.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <unistd.h>

namespace minewarden::agent {
namespace {

/// What a process that dropped its privileges may no longer do; 0 if all is as it should be.
int what_is_left() {
    if (!drop_privileges()) return 10;
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 11;
    if (::sethostname("x", 1) == 0) return 12; // CAP_SYS_ADMIN
    if (::chroot("/") == 0) return 13;         // CAP_SYS_CHROOT
    // CAP_SETUID. Not through the library, which asks all threads: that of ThreadSanitizer, which
    // has dropped nothing, would be answered otherwise, and the library ends a process for that.
    if (::syscall(SYS_setuid, 1) == 0) return 14;
    return 0;
}

TEST(Privileges, CannotBeRegained) {
    if (::geteuid() != 0) GTEST_SKIP() << "has no privileges to drop: needs root";
    const pid_t child = ::fork();
    if (child == 0) ::_exit(what_is_left());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

} // namespace
} // namespace minewarden::agent
