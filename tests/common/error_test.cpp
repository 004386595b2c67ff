// SPDX-License-Identifier: Apache-2.0
#include "common/error.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <sysexits.h>

namespace minewarden {
namespace {

TEST(Error, KindsAreSysexitsCodes) {
    EXPECT_EQ(exit_code(ErrorKind::usage), EX_USAGE);
    EXPECT_EQ(exit_code(ErrorKind::data), EX_DATAERR);
    EXPECT_EQ(exit_code(ErrorKind::unavailable), EX_UNAVAILABLE);
    EXPECT_EQ(exit_code(ErrorKind::internal), EX_SOFTWARE);
    EXPECT_EQ(exit_code(ErrorKind::permission), EX_NOPERM);
    EXPECT_EQ(exit_code(ErrorKind::config), EX_CONFIG);
}

TEST(Error, SystemErrorsNameObjectAndCause) {
    const Error error = system_error(ErrorKind::config, "cannot open /x", ENOENT);
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_EQ(error.message, "cannot open /x: No such file or directory");
}

TEST(Error, TextsNameTheLimitOfDescriptorsThatRanOut) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(errno_text(EMFILE), "Too many open files; this process may have " +
                                      std::to_string(limit.rlim_cur) +
                                      " descriptors (LimitNOFILE= in its unit, or ulimit -n)");
    EXPECT_EQ(errno_text(ENFILE), "Too many open files in system; this host has no descriptor left "
                                  "(sysctl fs.file-max)");
    EXPECT_EQ(errno_text(ENOENT), "No such file or directory");
}

TEST(Error, MissingPermissionsGiveKindPermission) {
    EXPECT_EQ(system_error(ErrorKind::config, "x", EACCES).kind, ErrorKind::permission);
    EXPECT_EQ(system_error(ErrorKind::data, "x", EPERM).kind, ErrorKind::permission);
}

} // namespace
} // namespace minewarden
