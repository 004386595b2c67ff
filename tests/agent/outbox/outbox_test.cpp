// SPDX-License-Identifier: Apache-2.0
#include "agent/outbox/outbox.h"
#include "common/clock.h"
#include "common/file.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace minewarden::agent {
namespace {

namespace fs = std::filesystem;

class OutboxTest : public testing::Test {
  protected:
    std::unique_ptr<Outbox> open(OutboxOptions options = {.sync = false}) {
        auto outbox = Outbox::open(directory_.path() / "outbox", options);
        EXPECT_TRUE(outbox) << outbox.error().message;
        return outbox ? std::move(*outbox) : nullptr;
    }
    std::vector<fs::path> segments() const {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(directory_.path() / "outbox"))
            if (entry.path().extension() == ".log") files.push_back(entry.path());
        std::ranges::sort(files);
        return files;
    }
    static std::vector<std::string> payloads(const Outbox& outbox, std::uint64_t first = 1) {
        std::vector<std::string> texts;
        const auto records = outbox.read(first, 1 << 30);
        EXPECT_TRUE(records);
        for (const OutboxRecord& record : *records) texts.push_back(record.payload);
        return texts;
    }

    static void damage(const fs::path& path, std::streamoff at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const int byte = file.get();
        file.seekp(at);
        file.put(static_cast<char>(byte ^ 0x20));
    }

    TemporaryDirectory directory_;
};

TEST_F(OutboxTest, KeepsRecordsInOrderAndNumbersThemFromOne) {
    const auto outbox = open();
    EXPECT_EQ(*outbox->append("a"), 1u);
    EXPECT_EQ(*outbox->append("b"), 2u);
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(payloads(*outbox, 2), (std::vector<std::string>{"b"}));
    EXPECT_EQ(outbox->waiting_records(), 2u);
}

TEST_F(OutboxTest, SurvivesARestartWithItsStreamAndNumbers) {
    StreamId stream;
    {
        const auto outbox = open();
        stream = outbox->stream();
        (void)outbox->append("a");
    }
    const auto outbox = open();
    EXPECT_EQ(outbox->stream(), stream);
    EXPECT_EQ(*outbox->append("b"), 2u);
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"a", "b"}));
}

TEST_F(OutboxTest, DoesNotReuseNumbersAfterEverythingWasAcknowledged) {
    {
        const auto outbox = open({.sync = false, .segment_bytes = 1});
        for (int i = 0; i < 5; ++i) (void)outbox->append("x");
        outbox->acknowledge(5);
    }
    open(); // a start that appends nothing
    const auto outbox = open();
    EXPECT_EQ(*outbox->append("next"), 6u);
}

TEST_F(OutboxTest, BeginsAnotherStreamWhenTheDirectoryIsLost) {
    const StreamId first = open()->stream();
    fs::remove_all(directory_.path() / "outbox");
    EXPECT_NE(open()->stream(), first);
}

// The torn record may have been stored before: its number is a gap.
TEST_F(OutboxTest, KeepsAllButATornRecordAtTheEnd) {
    {
        const auto outbox = open();
        (void)outbox->append("whole");
        (void)outbox->append("torn");
    }
    const fs::path file = segments().front();
    fs::resize_file(file, fs::file_size(file) - 2);
    const auto outbox = open();
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"whole"}));
    EXPECT_EQ(*outbox->append("again"), 3u);
    EXPECT_EQ(outbox->lost(), 1u);
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"whole", "again"}));
}

TEST_F(OutboxTest, LosesAndCountsOnlyADamagedRecord) {
    {
        const auto outbox = open({.sync = false, .segment_bytes = 64});
        for (int i = 0; i < 9; ++i) (void)outbox->append("record " + std::to_string(i));
    }
    ASSERT_GE(segments().size(), 3u);
    {
        std::fstream file(segments()[1], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(30);
        file.put('\xff');
    }
    const auto outbox = open();
    const auto kept = payloads(*outbox);
    EXPECT_EQ(kept.front(), "record 0");
    EXPECT_EQ(kept.back(), "record 8");
    EXPECT_EQ(kept.size(), 8u);
    EXPECT_EQ(outbox->lost(), 1u);
    EXPECT_EQ(*outbox->append("next"), 10u);
}

TEST_F(OutboxTest, DoesNotReuseNumbersAfterDamageInTheNewestSegment) {
    {
        const auto outbox = open();
        for (int i = 1; i <= 5; ++i) (void)outbox->append("record " + std::to_string(i));
    }
    damage(segments().front(), 8 + 24 + 2); // the length of the second
    const auto outbox = open();
    EXPECT_EQ(payloads(*outbox),
              (std::vector<std::string>{"record 1", "record 3", "record 4", "record 5"}));
    EXPECT_EQ(outbox->lost(), 1u);
    EXPECT_EQ(*outbox->append("next"), 6u);
}

TEST_F(OutboxTest, ReadsOnAfterDamageWhileItIsOpen) {
    const auto outbox = open();
    for (int i = 1; i <= 3; ++i) (void)outbox->append("record " + std::to_string(i));
    damage(segments().front(), 8 + 24 + 20);
    (void)outbox->append("record 4");
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"record 1", "record 3", "record 4"}));
    EXPECT_EQ(payloads(*outbox, 2), (std::vector<std::string>{"record 3", "record 4"}));
}

TEST_F(OutboxTest, ReadsOnAfterASegmentWasDeletedWhileItIsOpen) {
    const auto outbox = open({.sync = false, .segment_bytes = 64});
    for (int i = 1; i <= 9; ++i) (void)outbox->append("record " + std::to_string(i));
    fs::remove(segments()[1]);
    EXPECT_LT(payloads(*outbox).size(), 9u);
    EXPECT_EQ(payloads(*outbox).back(), "record 9");
    fs::remove(segments().back()); // the one that is written to
    EXPECT_EQ(*outbox->append("after"), 10u);
    EXPECT_EQ(payloads(*outbox).back(), "after");
    EXPECT_GE(outbox->lost(), 1u);
    EXPECT_EQ(payloads(*open()).back(), "after");
}

TEST_F(OutboxTest, CountsAMissingSegmentAndDoesNotReuseItsNumbers) {
    {
        const auto outbox = open({.sync = false, .segment_bytes = 1});
        for (int i = 1; i <= 4; ++i) (void)outbox->append("record " + std::to_string(i));
    }
    fs::remove(segments()[1]);
    {
        const auto outbox = open();
        EXPECT_EQ(payloads(*outbox),
                  (std::vector<std::string>{"record 1", "record 3", "record 4"}));
        EXPECT_EQ(outbox->lost(), 1u);
        EXPECT_EQ(outbox->next_sequence(), 5u);
    }
    // Without the newest segment the directory cannot know them. The saved state of the agent does.
    fs::remove(segments().back());
    fs::remove(segments().back());
    const auto outbox = open();
    EXPECT_LT(outbox->next_sequence(), 5u);
    outbox->skip_to(5);
    EXPECT_EQ(*outbox->append("next"), 5u);
    outbox->skip_to(3); // nothing to skip
    EXPECT_EQ(*outbox->append("next"), 6u);
}

TEST_F(OutboxTest, StartsWithAnUnreadableSegment) {
    {
        const auto outbox = open({.sync = false, .segment_bytes = 1});
        for (int i = 1; i <= 3; ++i) (void)outbox->append("record " + std::to_string(i));
    }
    const fs::path file = segments()[1];
    fs::remove(file);
    fs::create_directory(file); // reading it fails, as from a bad disk
    const auto outbox = open();
    ASSERT_TRUE(outbox);
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"record 1", "record 3"}));
}

TEST_F(OutboxTest, BoundsTheSearchInBytesThatImitateRecords) {
    {
        const auto outbox = open();
        // Heads with a large length and a next number, at every offset of 16.
        std::string heads;
        while (heads.size() < 1 << 20) {
            heads += std::string("\0\0\0\0\xff\xff\x0f\0", 8);
            heads += std::string("\x02\0\0\0\0\0\0\0", 8);
        }
        (void)outbox->append(heads);
        (void)outbox->append("good");
    }
    damage(segments().front(), 8);
    // In CPU time, which does not depend on other work on the machine. A search that checks each
    // head would take minutes.
    const std::uint64_t before = thread_cpu_ns();
    const auto outbox = open();
    EXPECT_LT(thread_cpu_ns() - before, 20'000'000'000u);
    EXPECT_GE(*outbox->append("next"), 2u);
}

TEST_F(OutboxTest, DeletesAcknowledgedSegments) {
    const auto outbox = open({.sync = false, .segment_bytes = 1});
    for (int i = 0; i < 10; ++i) (void)outbox->append("x");
    const std::size_t before = segments().size();
    outbox->acknowledge(8);
    EXPECT_LT(segments().size(), before);
    EXPECT_EQ(payloads(*outbox, 9).size(), 2u);
    EXPECT_EQ(outbox->waiting_records(), 2u);
    outbox->acknowledge(3); // late: changes nothing
    EXPECT_EQ(outbox->acknowledged(), 8u);
    outbox->acknowledge(1000); // more than there is
    EXPECT_EQ(outbox->acknowledged(), 10u);
}

TEST_F(OutboxTest, DropsAndCountsTheOldestBeyondTheLimit) {
    const auto outbox = open({.limit_bytes = 4096, .sync = false, .segment_bytes = 512});
    for (int i = 0; i < 200; ++i) (void)outbox->append(std::string(100, 'x'));
    EXPECT_LE(outbox->bytes(), 4096u + 512u);
    EXPECT_GT(outbox->lost(), 100u);
    EXPECT_EQ(payloads(*outbox).size() + outbox->lost(), 200u);
    EXPECT_EQ(outbox->read(1, 1)->front().sequence, outbox->first_sequence());
}

TEST_F(OutboxTest, StoresNoPartialRecordOnAFullDisk) {
    const auto outbox = open();
    (void)outbox->append("before");
    {
        const FullDisk full(fs::file_size(segments().back()) + 40);
        const auto refused = outbox->append(std::string(500, 'x'));
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message.find("cannot write"), std::string::npos);
    }
    EXPECT_EQ(*outbox->append("after"), 2u);
    EXPECT_EQ(payloads(*outbox), (std::vector<std::string>{"before", "after"}));
    EXPECT_EQ(payloads(*open()), (std::vector<std::string>{"before", "after"}));
}

TEST_F(OutboxTest, RejectsARecordThatNoCollectorAccepts) {
    const auto outbox = open();
    EXPECT_FALSE(outbox->append(std::string(Outbox::maximum_payload + 1, 'x')));
    EXPECT_EQ(outbox->next_sequence(), 1u);
}

TEST_F(OutboxTest, CreatesFilesForTheirOwnerOnly) {
    const auto outbox = open();
    (void)outbox->append("x");
    for (const fs::path& file : segments())
        EXPECT_EQ(fs::status(file).permissions() & fs::perms(0077), fs::perms::none) << file;
    EXPECT_EQ(fs::status(directory_.path() / "outbox").permissions() & fs::perms(0077),
              fs::perms::none);
}

// As after a restored snapshot: the collector has numbers that this directory does not know.
TEST_F(OutboxTest, RenumbersNewRecordsAfterAnOlderStateWasRestored) {
    const fs::path now = directory_.path() / "outbox";
    const fs::path snapshot = directory_.path() / "snapshot";
    {
        const auto outbox = open();
        for (const char* text : {"a", "b", "c"}) (void)outbox->append(text);
    }
    fs::copy(now, snapshot, fs::copy_options::recursive);
    {
        const auto outbox = open();
        for (const char* text : {"d", "e"}) (void)outbox->append(text);
        outbox->acknowledge(5);
    }
    fs::remove_all(now);
    fs::rename(snapshot, now);

    const auto outbox = open();
    EXPECT_EQ(*outbox->append("x"), 4u); // a number that the collector has from "d"
    EXPECT_EQ(*outbox->append("y"), 5u);
    outbox->resume_after(5);
    EXPECT_EQ(outbox->acknowledged(), 5u);
    EXPECT_EQ(outbox->waiting_records(), 2u);
    const auto records = outbox->read(6, 1 << 20);
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 2u);
    EXPECT_EQ(records->at(0).sequence, 6u);
    EXPECT_EQ(records->at(0).payload, "x");
    EXPECT_EQ(records->at(1).payload, "y");
    EXPECT_EQ(*outbox->append("z"), 8u);
    EXPECT_EQ(outbox->lost(), 0u);
}

TEST_F(OutboxTest, KeepsNumbersWhenResumingNormally) {
    {
        const auto outbox = open();
        for (const char* text : {"a", "b", "c"}) (void)outbox->append(text);
    }
    const auto outbox = open();
    (void)outbox->append("d");
    outbox->resume_after(3); // all of the last life arrived, its acknowledgement did not
    EXPECT_EQ(outbox->waiting_records(), 1u);
    EXPECT_EQ(payloads(*outbox, 4), std::vector<std::string>{"d"});
}

TEST_F(OutboxTest, KeepsTheNumbersAfterAnOlderStateOverARestart) {
    {
        const auto outbox = open();
        (void)outbox->append("x");
        outbox->resume_after(9);
    }
    const auto outbox = open();
    EXPECT_EQ(outbox->next_sequence(), 11u);
    EXPECT_EQ(payloads(*outbox), std::vector<std::string>{"x"});
}

} // namespace
} // namespace minewarden::agent
