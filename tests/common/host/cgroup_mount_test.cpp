// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_mount.h"

#include <gtest/gtest.h>

namespace minewarden {
namespace {

TEST(Cgroup2Mount, IsFoundAmongOthers) {
    EXPECT_EQ(
        find_cgroup2_mount(
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
            "23 22 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n"
            "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"),
        "/sys/fs/cgroup");
}

TEST(Cgroup2Mount, IsFoundBesideVersion1) {
    EXPECT_EQ(
        find_cgroup2_mount(
            "30 22 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
            "31 30 0:27 / /sys/fs/cgroup/memory rw shared:9 master:3 - cgroup cgroup rw,memory\n"
            "32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
        "/sys/fs/cgroup/unified");
}

TEST(Cgroup2Mount, IgnoresMountsOfAPartOfTheHierarchy) {
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 /system.slice /mnt rw - cgroup2 cgroup2 rw\n"), "");
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 /../.. /mnt rw - cgroup2 cgroup2 rw\n"), "");
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 /system.slice /mnt rw - cgroup2 cgroup2 rw\n"
                                 "31 22 0:26 / /whole rw - cgroup2 cgroup2 rw\n"),
              "/whole");
}

// proc(5): blanks, tabs, newlines and backslashes are written in octal.
TEST(Cgroup2Mount, DecodesEscapes) {
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 / /mnt/with\\040blank\\134x rw - cgroup2 c rw\n"),
              "/mnt/with blank\\x");
}

TEST(Cgroup2Mount, IgnoresTheWordInOtherFields) {
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 / /cgroup2 rw - ext4 cgroup2 rw\n"), "");
    EXPECT_EQ(find_cgroup2_mount("30 22 0:26 / /x rw cgroup2 - ext4 /dev/sda rw\n"), "");
}

TEST(Cgroup2Mount, SkipsInvalidLines) {
    for (const char* content : {"", "\n", "garbage\n", "-", " - cgroup2"})
        EXPECT_EQ(find_cgroup2_mount(content), "") << content;
}

} // namespace
} // namespace minewarden
