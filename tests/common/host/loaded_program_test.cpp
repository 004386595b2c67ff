// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "common/host/loaded_program.h"
#include "common/host/process_files.h"
#include "tests/common/support/child_process.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <unistd.h>

namespace minewarden {
namespace {

TEST(LoaderName, IsOneOfTheUsualOnes) {
    for (const char* path :
         {"/lib64/ld-linux-x86-64.so.2", "/usr/lib/x86_64-linux-gnu/ld-2.31.so", "/lib/ld.so.1",
          "/usr/bin/ld.so", "/lib/ld-musl-x86_64.so.1", "/lib/ld-linux-aarch64.so.1",
          "/lib64/ld64.so.2", "/usr/lib/x86_64-linux-musl/libc.so", "/lib/libc.musl-x86_64.so.1",
          "ld-linux.so.2", "/tmp/ld-linux-x86-64.so.2 (deleted)"})
        EXPECT_TRUE(has_loader_name(path)) << path;
    for (const char* path : {"", "/usr/bin/ld", "/usr/bin/ld.gold", "/usr/bin/ld-something",
                             "/lib/libc.so.6", "/usr/bin/bash", "/ld.so/x", "/tmp/ld-x.so.conf"})
        EXPECT_FALSE(has_loader_name(path)) << path;
}

std::string loader_of_this_system() {
    for (const char* path : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"})
        if (std::filesystem::exists(path)) return std::filesystem::canonical(path).string();
    return {};
}

TEST(LoaderFile, IsRecognisedByItsContent) {
    const std::string loader = loader_of_this_system();
    if (loader.empty()) GTEST_SKIP() << "no loader at the usual places";
    const auto content = read_file(loader, 64 << 20);
    ASSERT_TRUE(content);
    EXPECT_TRUE(is_loader_file(*content));
    for (const char* other : {"/bin/sleep", "/proc/self/exe"}) {
        const auto elf = read_file(other, std::size_t{1} << 30);
        ASSERT_TRUE(elf) << other;
        EXPECT_FALSE(is_loader_file(*elf)) << other;
    }
    for (std::size_t size = 0; size < 4096 && size < content->size(); ++size)
        (void)is_loader_file(std::string_view(*content).substr(0, size));
    EXPECT_FALSE(is_loader_file("\x7f"
                                "ELF"));
}

const std::string loader = "/usr/lib/ld-linux-x86-64.so.2";

std::string line(const char* start, const char* permissions, const std::string& path) {
    return std::string(start) + "-7fffffffffff " + permissions + " 00000000 08:01 42    " + path +
           "\n";
}

TEST(LoadedProgram, IsTheExecutableMappingThatIsNoLibrary) {
    const std::string maps = line("7f0000000000", "r-xp", "/usr/lib/libc.so.6") +
                             line("7f0010000000", "r--p", "/srv/data.mdb") +
                             line("7f0020000000", "r-xp", "/opt/my miner") +
                             line("7f0030000000", "r--p", loader) +
                             line("7f0030001000", "r-xp", loader) +
                             "7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0 [stack]\n";
    EXPECT_EQ(find_loaded_program(maps, loader), "/opt/my miner");
}

TEST(LoadedProgram, WithTheNameOfALibraryIsTheOneBesideTheLoader) {
    const std::string downwards = line("7f0000000000", "r-xp", "/usr/lib/libc.so.6") +
                                  line("7f0010000000", "r-xp", "/usr/lib/libuv.so.1") +
                                  line("7f0020000000", "r-xp", "/tmp/libz.so.1") +
                                  line("7f0030000000", "r--p", loader);
    EXPECT_EQ(find_loaded_program(downwards, loader), "/tmp/libz.so.1");
    const std::string upwards = line("7f0000000000", "r-xp", loader) +
                                line("7f0010000000", "r-xp", "/tmp/libz.so.1") +
                                line("7f0020000000", "r-xp", "/usr/lib/libc.so.6");
    EXPECT_EQ(find_loaded_program(upwards, loader), "/tmp/libz.so.1");
    const std::string fixed = line("00400000", "r-xp", "/tmp/libz.so.1") +
                              line("7f0020000000", "r-xp", "/usr/lib/libc.so.6") +
                              line("7f0030000000", "r--p", loader);
    EXPECT_EQ(find_loaded_program(fixed, loader), "/tmp/libz.so.1");
}

TEST(LoadedProgram, FromAMemfdIsFound) {
    const std::string maps = line("7f0010000000", "r-xp", "/memfd:x (deleted)") +
                             line("7f0020000000", "r-xp", "/usr/lib/libc.so.6") +
                             line("7f0030000000", "r--p", loader);
    EXPECT_EQ(find_loaded_program(maps, loader), "/memfd:x (deleted)");
}

TEST(LoadedProgram, IsUnknownWhereNothingSaysIt) {
    for (const std::string& maps :
         {std::string(), line("7f0030000000", "r-xp", loader), std::string("garbage\n/ - \n-/ \n"),
          line("7f0030000000", "rwxp", "/dev/zero (deleted)"),
          line("zz", "r-xp", "/tmp/x") + "1-2 r-/x\n"})
        EXPECT_EQ(find_loaded_program(maps, loader), "") << maps;
}

std::uint64_t start_of(pid_t pid) {
    static const auto tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return *read_start_ticks(pid) * tick;
}

/// Starts sleep through this loader and returns what is read of it.
std::optional<LoadedProgram> read_sleep_through(const std::string& path,
                                                const std::string& program) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execl(path.c_str(), "x", "--library-path", "/lib:/usr/lib", program.c_str(), "60",
                nullptr);
        ::_exit(127);
    }
    std::optional<LoadedProgram> loaded;
    for (int tries = 0; tries < 500; ++tries) { // until the loader has mapped the program
        loaded = read_loaded_program(pid, start_of(pid));
        if (loaded && !loaded->program.empty()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return loaded;
}

TEST(LoadedProgram, OfARealProcessIsRead) {
    const std::string system_loader = loader_of_this_system();
    if (system_loader.empty()) GTEST_SKIP() << "no loader at the usual places";
    const test::TemporaryDirectory directory;
    const std::string renamed = (directory / "kworker").string();
    std::filesystem::copy_file(system_loader, renamed);
    const std::string library = (directory / "libsleep.so.1").string();
    std::filesystem::copy_file("/bin/sleep", library);
    for (const std::string& path : {system_loader, renamed}) {
        for (const std::string& program :
             {std::filesystem::canonical("/bin/sleep").string(), library}) {
            const auto loaded = read_sleep_through(path, program);
            ASSERT_TRUE(loaded) << path;
            EXPECT_EQ(loaded->loader, path);
            EXPECT_EQ(loaded->program, program);
        }
    }
}

TEST(LoadedProgram, OfAnOrdinaryProcessIsNone) {
    const auto child = test::ChildProcess::running("/bin/sleep");
    EXPECT_FALSE(read_loaded_program(child.pid(), start_of(child.pid())));
    EXPECT_FALSE(read_loaded_program(child.pid(), start_of(child.pid()) + 1'000'000'000));
    EXPECT_FALSE(read_loaded_program(0, 0));
}

} // namespace
} // namespace minewarden
