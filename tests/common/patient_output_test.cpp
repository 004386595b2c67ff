// SPDX-License-Identifier: Apache-2.0
#include "common/patient_output.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace minewarden {
namespace {

class PatientOutputTest : public testing::Test {
  protected:
    PatientOutputTest() {
        ::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        reader_ = Fd(ends[0]);
        writer_ = Fd(ends[1]);
    }
    Fd reader_;
    Fd writer_;
    const std::string large_ = std::string(1 << 20, 'x'); // more than a pipe takes
};

TEST_F(PatientOutputTest, WaitsForASlowReader) {
    std::size_t taken = 0;
    std::jthread reading([&] {
        std::array<char, 10'000> piece{};
        for (;;) {
            const auto got = ::read(reader_.get(), piece.data(), piece.size());
            if (got <= 0) return;
            taken += static_cast<std::size_t>(got);
        }
    });
    {
        PatientOutput output(writer_.get(), "pipe");
        EXPECT_TRUE(output.write(large_, {}));
        EXPECT_TRUE(output.write("end", {}));
    }
    writer_.reset();
    reading.join();
    EXPECT_EQ(taken, large_.size() + 3);
}

TEST_F(PatientOutputTest, StopsWhileTheReaderStalls) {
    PatientOutput output(writer_.get(), "pipe");
    std::jthread writing(
        [&](const std::stop_token& stop) { EXPECT_FALSE(output.write(large_, stop)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // most likely it waits
    writing.request_stop();
    writing.join();
    EXPECT_FALSE(output.is_closed());
}

TEST_F(PatientOutputTest, AfterAStopWritesWhatIsTakenAtOnce) {
    std::stop_source stop;
    stop.request_stop();
    PatientOutput output(writer_.get(), "pipe");
    EXPECT_TRUE(output.write("a line\n", stop.get_token()));
    EXPECT_FALSE(output.write(large_, stop.get_token()));
}

TEST_F(PatientOutputTest, EndsWhenTheReaderIsGone) {
    PatientOutput output(writer_.get(), "pipe");
    std::jthread writing([&] { EXPECT_FALSE(output.write(large_, {})); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // most likely it waits
    reader_.reset();
    writing.join();
    EXPECT_TRUE(output.is_closed());
    EXPECT_FALSE(output.write("more", {}));
}

} // namespace
} // namespace minewarden
