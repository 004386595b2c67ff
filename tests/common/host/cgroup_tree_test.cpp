// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_tree.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace minewarden {
namespace {

/// Ordinary directories stand for the mounts.
class CgroupTreeTest : public testing::Test {
  protected:
    CgroupTreeTest() {
        for (const char* path : {"v2/system.slice/a.service", "cpu/docker", "part/kubepods"})
            std::filesystem::create_directories(directory_ / path);
    }
    [[nodiscard]] CgroupTree tree() const {
        const std::string root = directory_.path().string();
        return CgroupTree("30 1 0:26 / " + root + "/v2 rw - cgroup2 cgroup2 rw,nsdelegate\n" +
                          "31 1 0:27 / " + root + "/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" +
                          "32 1 0:28 /sub " + root + "/part rw - cgroup cgroup rw,memory\n" +
                          "33 1 0:29 / / rw - ext4 /dev/sda rw\n");
    }
    test::TemporaryDirectory directory_;
};

TEST_F(CgroupTreeTest, TellsTheOwnerOfACgroup) {
    EXPECT_EQ(tree().owner("", "/system.slice/a.service"), ::geteuid());
    EXPECT_EQ(tree().owner("cpu,cpuacct", "/docker"), ::geteuid());
    EXPECT_EQ(tree().owner("cpuacct", "/docker"), ::geteuid());
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::chown((directory_ / "cpu/docker").c_str(), 1234, 0), 0);
    EXPECT_EQ(tree().owner("cpu,cpuacct", "/docker"), 1234U);
}

TEST_F(CgroupTreeTest, DoesNotGuess) {
    EXPECT_EQ(tree().owner("", "/docker"), std::nullopt) << "of another hierarchy";
    EXPECT_EQ(tree().owner("memory", "/kubepods"), std::nullopt) << "a part is mounted";
    EXPECT_EQ(tree().owner("cpu,pids", "/docker"), std::nullopt);
    EXPECT_EQ(tree().owner("", "/../cpu"), std::nullopt);
    EXPECT_EQ(tree().owner("", "cpu"), std::nullopt);
    EXPECT_EQ(tree().owner("", ""), std::nullopt);
    EXPECT_EQ(CgroupTree("").owner("", "/system.slice"), std::nullopt);
}

TEST_F(CgroupTreeTest, SeesPods) {
    EXPECT_FALSE(tree().has_pods());
    for (const char* pods :
         {"cpu/kubepods", "v2/kubepods.slice", "v2/kubelet.slice/kubelet-kubepods.slice"}) {
        std::filesystem::create_directories(directory_ / pods);
        EXPECT_TRUE(tree().has_pods()) << pods;
        std::filesystem::remove_all(directory_ / pods);
    }
    EXPECT_FALSE(tree().has_pods());
}

} // namespace
} // namespace minewarden
