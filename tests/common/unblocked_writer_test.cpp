// SPDX-License-Identifier: Apache-2.0
#include "common/unblocked_writer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace minewarden {
namespace {

struct Ends {
    Fd read;
    Fd write;
};

Ends make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return {Fd(ends[0]), Fd(ends[1])};
}

Ends make_sockets() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {Fd(ends[0]), Fd(ends[1])};
}

std::string read_some(int fd) {
    std::string text(1 << 20, '\0');
    const auto got = ::read(fd, text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

/// Until it takes no more.
std::size_t fill(const UnblockedWriter& writer) {
    const std::string block(3000, 'x');
    std::size_t total = 0;
    for (;;) {
        const auto written = writer.write(block);
        EXPECT_TRUE(written);
        if (!written || *written == 0) return total;
        total += *written;
    }
}

class UnblockedWriterTest : public testing::TestWithParam<Ends (*)()> {
  protected:
    UnblockedWriterTest() { ::signal(SIGPIPE, SIG_IGN); }
    Ends ends_ = GetParam()();
    UnblockedWriter writer_{ends_.write.get()};
};

TEST_P(UnblockedWriterTest, WritesWhatTheReaderTakesAndNeverWaits) {
    EXPECT_EQ(*writer_.write("hello"), 5u);
    EXPECT_EQ(read_some(ends_.read.get()), "hello");
    EXPECT_GT(fill(writer_), 4096u);
    EXPECT_EQ(*writer_.write("more"), 0u);
    (void)read_some(ends_.read.get());
    EXPECT_EQ(*writer_.write("more"), 4u);
}

TEST_P(UnblockedWriterTest, LeavesTheFlagsOfTheDescriptionAlone) {
    EXPECT_EQ(::fcntl(ends_.write.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_P(UnblockedWriterTest, SaysThatTheReaderIsGone) {
    ends_.read.reset();
    const auto written = writer_.write("hello");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), EPIPE);
}

INSTANTIATE_TEST_SUITE_P(Kinds, UnblockedWriterTest, testing::Values(make_pipe, make_sockets),
                         [](const auto& tested) { return tested.index == 0 ? "Pipe" : "Socket"; });

TEST(UnblockedWriter, ContinuesAFile) {
    std::string path = testing::TempDir() + "unblocked-XXXXXX";
    const Fd file(::mkstemp(path.data()));
    ASSERT_TRUE(file);
    ASSERT_EQ(::write(file.get(), "one ", 4), 4);
    EXPECT_EQ(*UnblockedWriter(file.get()).write("two"), 3u);
    ASSERT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
    EXPECT_EQ(read_some(file.get()), "one two");
    ::unlink(path.c_str());
}

TEST(UnblockedWriter, SaysThatTheDiskIsFull) {
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const auto written = UnblockedWriter(full.get()).write("hello");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), ENOSPC);
}

} // namespace
} // namespace minewarden
