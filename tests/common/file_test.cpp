// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace minewarden {
namespace {

namespace fs = std::filesystem;

class File : public ::testing::Test {
  protected:
    [[nodiscard]] static mode_t mode_of(const fs::path& path) {
        struct stat status{};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777;
    }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
    }
    test::TemporaryDirectory directory_;
};

TEST_F(File, ReadsAWholeFileUpToTheLimit) {
    const std::string content = std::string("some\0bytes\n", 11) + std::string(5000, 'x');
    const fs::path path = directory_.write("file", content);
    EXPECT_EQ(*read_file(path, content.size()), content);
    const auto longer = read_file(path, content.size() - 1);
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().kind, ErrorKind::data);
    EXPECT_NE(longer.error().message.find(path.string()), std::string::npos);
}

TEST_F(File, ReadsAProcFileWithSizeZero) {
    const auto content = read_file("/proc/self/status", 1 << 16);
    ASSERT_TRUE(content);
    EXPECT_NE(content->find("Name:"), std::string::npos);
}

TEST_F(File, RefusesAMissingFileAndADirectory) {
    EXPECT_FALSE(read_file(directory_ / "none", 100));
    EXPECT_FALSE(read_file(directory_.path(), 100));
}

TEST_F(File, StopsAnEndlessFileAtTheLimit) {
    EXPECT_FALSE(read_file("/dev/zero", 100'000));
}

TEST_F(File, ReadsYamlFilesInNameOrder) {
    directory_.write("rules/20-b.yaml", "b");
    directory_.write("rules/10-a.yml", "a");
    directory_.write("rules/30-c.yaml", "c");
    directory_.write("rules/notes.txt", "n");
    directory_.write("rules/x.yaml.bak", "x");
    const fs::path single = directory_.write("single.yaml", "s");
    const std::vector<fs::path> paths{directory_ / "rules", single};
    const auto files = read_yaml_files(paths, 100);
    ASSERT_TRUE(files) << files.error().message;
    std::vector<std::string> contents;
    for (const TextFile& file : *files) contents.push_back(file.content);
    EXPECT_EQ(contents, (std::vector<std::string>{"a", "b", "c", "s"}));
}

TEST_F(File, AcceptsAnEmptyDirectory) {
    fs::create_directory(directory_ / "empty");
    const std::vector<fs::path> paths{directory_ / "empty"};
    const auto files = read_yaml_files(paths, 100);
    ASSERT_TRUE(files);
    EXPECT_TRUE(files->empty());
}

TEST_F(File, AMissingPathIsAConfigError) {
    const std::vector<fs::path> paths{directory_ / "none"};
    const auto files = read_yaml_files(paths, 100);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().kind, ErrorKind::config);
    EXPECT_NE(files.error().message.find("none"), std::string::npos);
}

TEST_F(File, WritesModeAndContentAtomically) {
    for (const mode_t mode : {0600, 0644}) {
        for (const mode_t mask : {0000, 0077}) {
            const mode_t old = ::umask(mask);
            const auto result = write_file_atomically(directory_ / "file", "new", mode);
            ::umask(old);
            ASSERT_TRUE(result) << result.error().message;
            EXPECT_EQ(mode_of(directory_ / "file"), mode) << "umask " << mask;
            EXPECT_EQ(directory_.read("file"), "new");
        }
    }
    EXPECT_EQ(entries(), 1U) << "no temporary file is left";
}

TEST_F(File, ReplacesAWholeFileAtomically) {
    directory_.write("file", "a long old content");
    ASSERT_TRUE(write_file_atomically(directory_ / "file", "new", 0600));
    EXPECT_EQ(directory_.read("file"), "new");
    EXPECT_EQ(mode_of(directory_ / "file"), 0600U);
}

TEST_F(File, LeavesNoFileAfterAFailedWrite) {
    fs::create_directory(directory_ / "taken");
    directory_.write("taken/inside", "x");
    EXPECT_FALSE(write_file_atomically(directory_ / "taken", "new", 0600));
    EXPECT_FALSE(write_file_atomically(directory_ / "none/file", "new", 0600));
    EXPECT_EQ(entries(), 1U) << "no temporary file is left";
}

TEST_F(File, CreatesDirectoriesWithParents) {
    ASSERT_TRUE(make_directory(directory_ / "a/b/c", 0700));
    EXPECT_TRUE(fs::is_directory(directory_ / "a/b/c"));
    EXPECT_EQ(mode_of(directory_ / "a/b/c"), 0700U);
    EXPECT_TRUE(make_directory(directory_ / "a/b/c", 0700)) << "it exists";
    directory_.write("file", "x");
    EXPECT_FALSE(make_directory(directory_ / "file", 0700)) << "a file has this name";
    EXPECT_FALSE(make_directory(directory_ / "file/below", 0700));
}

} // namespace
} // namespace minewarden
