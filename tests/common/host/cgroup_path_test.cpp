// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "common/host/cgroup_mount.h"
#include "common/host/cgroup_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <unistd.h>

namespace minewarden {
namespace {

// The id of a cgroup is the inode number of its directory.
TEST(CgroupPaths, AreFoundByIdUntilTheCgroupIsRemoved) {
    const auto mountinfo = read_file("/proc/self/mountinfo", 16 << 20);
    ASSERT_TRUE(mountinfo);
    const std::filesystem::path mount = find_cgroup2_mount(*mountinfo);
    if (mount.empty()) GTEST_SKIP() << "no cgroup2 mount here";
    const std::string name = "minewarden-test-" + std::to_string(::getpid());
    const std::filesystem::path group = mount / name;
    std::error_code error;
    if (!std::filesystem::create_directory(group, error)) GTEST_SKIP() << error.message();
    struct stat status{};
    ASSERT_EQ(::stat(group.c_str(), &status), 0);

    const auto paths = CgroupPaths::open();
    ASSERT_TRUE(paths) << paths.error().message;
    const std::string found = paths->find(status.st_ino);
    std::filesystem::remove(group);
    if (::geteuid() != 0) GTEST_SKIP() << "needs CAP_DAC_READ_SEARCH";
    EXPECT_EQ(found, "/" + name);
    EXPECT_EQ(paths->find(status.st_ino), "");
    EXPECT_EQ(paths->find(0), "");
    EXPECT_EQ(paths->find(UINT64_MAX), "");
    ASSERT_EQ(::stat(mount.c_str(), &status), 0);
    EXPECT_EQ(paths->find(status.st_ino), "/");
}

} // namespace
} // namespace minewarden
