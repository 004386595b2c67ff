// SPDX-License-Identifier: Apache-2.0
#include "common/bounded_output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>

namespace minewarden {
namespace {

using namespace std::chrono_literals;

/// Longer than any test takes.
constexpr std::chrono::milliseconds forever = 1h;

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

std::string read_all(int fd) {
    std::string all;
    for (std::string piece = read_some(fd); !piece.empty(); piece = read_some(fd)) all += piece;
    return all;
}

class BoundedOutputTest : public testing::TestWithParam<Ends (*)()> {
  protected:
    BoundedOutputTest() { ::signal(SIGPIPE, SIG_IGN); }

    Ends ends_ = GetParam()();
    std::optional<BoundedOutput> output_{std::in_place, ends_.write.get()};
    const std::string large_ = std::string(1 << 20, 'x'); ///< more than the kernel keeps
};

TEST_P(BoundedOutputTest, KeepsTheRestOfATextForTheNextWrite) {
    EXPECT_TRUE(output_->write("begin ", 0ms));
    EXPECT_TRUE(output_->write(large_, 0ms));
    EXPECT_FALSE(output_->is_complete());
    const auto refused = output_->write("refused", 0ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), EAGAIN);

    std::string read;
    std::jthread reading([&] { read = read_all(ends_.read.get()); });
    EXPECT_TRUE(output_->write(" end", forever));
    EXPECT_TRUE(output_->is_complete());
    output_.reset();
    ends_.write.reset();
    reading.join();
    EXPECT_EQ(read, "begin " + large_ + " end");
}

TEST_P(BoundedOutputTest, LeavesTheFlagsOfTheDescriptionAlone) {
    EXPECT_EQ(::fcntl(ends_.write.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_P(BoundedOutputTest, AStopEndsTheWaitForTheReader) {
    EXPECT_TRUE(output_->write(large_, 0ms));
    std::jthread writing([&](const std::stop_token& stop) {
        const auto written = output_->write("more", forever, stop);
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error(), EAGAIN);
    });
    std::this_thread::sleep_for(20ms); // most likely it waits now
    writing.request_stop();
    writing.join();
}

TEST_P(BoundedOutputTest, AfterAStopWritesWhatIsTakenAtOnce) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_TRUE(output_->write("a line\n", forever, stop.get_token()));
    EXPECT_TRUE(output_->is_complete());
    EXPECT_TRUE(output_->write(large_, forever, stop.get_token()));
    EXPECT_FALSE(output_->is_complete());
}

TEST_P(BoundedOutputTest, EndsWhenTheReaderIsGone) {
    std::jthread writing([&] {
        const auto written = output_->write(large_, forever);
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error(), EPIPE);
    });
    std::this_thread::sleep_for(20ms); // most likely it waits now
    ends_.read.reset();
    writing.join();
    const auto again = output_->write("more", forever);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), EPIPE);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BoundedOutputTest, testing::Values(make_pipe, make_sockets),
                         [](const auto& tested) { return tested.index == 0 ? "Pipe" : "Socket"; });

TEST(BoundedOutput, ContinuesAFile) {
    std::string path = testing::TempDir() + "output-XXXXXX";
    const Fd file(::mkstemp(path.data()));
    ASSERT_TRUE(file);
    ASSERT_EQ(::write(file.get(), "one ", 4), 4);
    EXPECT_TRUE(BoundedOutput(file.get()).write("two", 0ms));
    ASSERT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
    EXPECT_EQ(read_some(file.get()), "one two");
    ::unlink(path.c_str());
}

TEST(BoundedOutput, SaysThatTheDiskIsFull) {
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const auto written = BoundedOutput(full.get()).write("hello", 1ms);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), ENOSPC);
}

} // namespace
} // namespace minewarden
