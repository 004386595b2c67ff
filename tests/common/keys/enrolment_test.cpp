// SPDX-License-Identifier: Apache-2.0
#include "common/keys/enrolment.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden {
namespace {

constexpr WallTime monday{1'795'000'000'000'000'000};
constexpr WallTime tuesday{monday.ns + 86'400'000'000'000};

class EnrolmentDirectory : public ::testing::Test {
  protected:
    Enrolment add(const std::string& name) {
        const Enrolment enrolment{CurveKeyPair::generate().public_key(), name, monday, {}};
        const auto result = enroll(path(), enrolment);
        EXPECT_TRUE(result) << name << ": " << (result ? "" : result.error().message);
        return enrolment;
    }
    [[nodiscard]] std::vector<Enrolment> read() const {
        const auto enrolments = read_enrolments(path());
        EXPECT_TRUE(enrolments) << (enrolments ? "" : enrolments.error().message);
        return enrolments ? *enrolments : std::vector<Enrolment>{};
    }
    [[nodiscard]] std::filesystem::path path() const { return directory_.path(); }
    [[nodiscard]] static std::string file_of(const Enrolment& enrolment) {
        return fingerprint(enrolment.key) + ".yaml";
    }
    test::TemporaryDirectory directory_;
};

TEST_F(EnrolmentDirectory, AnEmptyDirectoryHasNoEnrolments) {
    EXPECT_TRUE(read().empty());
}

TEST_F(EnrolmentDirectory, ReadsBackAnEnrolment) {
    const Enrolment added = add("host-1");
    const auto enrolments = read();
    ASSERT_EQ(enrolments.size(), 1U);
    EXPECT_EQ(enrolments[0].key, added.key);
    EXPECT_EQ(enrolments[0].name, "host-1");
    EXPECT_EQ(enrolments[0].enrolled_at, monday);
    EXPECT_EQ(enrolments[0].revoked_at, std::nullopt);
    EXPECT_TRUE(std::filesystem::exists(path() / file_of(added)));
}

TEST_F(EnrolmentDirectory, SortsEnrolmentsByName) {
    for (const char* name : {"zebra", "apple", "mango"}) add(name);
    std::vector<std::string> names;
    for (const Enrolment& enrolment : read()) names.push_back(enrolment.name);
    EXPECT_EQ(names, (std::vector<std::string>{"apple", "mango", "zebra"}));
}

TEST_F(EnrolmentDirectory, KeepsAnyHostName) {
    const std::vector<std::string> names{"主机-1",
                                         "a: b",
                                         "# not a comment",
                                         "it's \"quoted\"",
                                         "yes",
                                         "~",
                                         "1",
                                         "back\\slash",
                                         "- item",
                                         "&a",
                                         "*a",
                                         "!t",
                                         "{x}",
                                         "%a",
                                         "@x",
                                         " padded ",
                                         std::string(128, 'n')};
    for (const std::string& name : names) add(name);
    std::vector<std::string> expected = names;
    std::vector<std::string> found;
    for (const Enrolment& enrolment : read()) found.push_back(enrolment.name);
    std::ranges::sort(expected);
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
}

TEST_F(EnrolmentDirectory, RefusesNamesThatCannotBeShown) {
    for (const std::string& name :
         {std::string(), std::string(129, 'n'), std::string("a\nb"), std::string("a\x1b[31m"),
          std::string("a\0b", 3), std::string("a\x7f"), std::string("\xff"), std::string("\u0085"),
          std::string("\u202eabc")}) {
        const Enrolment enrolment{CurveKeyPair::generate().public_key(), name, monday, {}};
        EXPECT_FALSE(enroll(path(), enrolment)) << name.size() << " bytes: " << name;
    }
    EXPECT_TRUE(read().empty());
}

TEST_F(EnrolmentDirectory, KeepsTheFileOfARevokedKey) {
    const Enrolment added = add("host-1");
    const auto revoked = revoke(path(), "host-1", tuesday);
    ASSERT_TRUE(revoked) << revoked.error().message;
    EXPECT_EQ(revoked->key, added.key);
    EXPECT_EQ(revoked->revoked_at, tuesday);
    const auto enrolments = read();
    ASSERT_EQ(enrolments.size(), 1U);
    EXPECT_EQ(enrolments[0].name, "host-1");
    EXPECT_EQ(enrolments[0].enrolled_at, monday);
    EXPECT_EQ(enrolments[0].revoked_at, tuesday);
}

TEST_F(EnrolmentDirectory, RevokesByFingerprintOrPrefix) {
    for (const std::size_t digits : {std::size_t{16}, std::size_t{15}, std::size_t{8}}) {
        const Enrolment added = add("host");
        const auto revoked = revoke(path(), fingerprint(added.key).substr(0, digits), tuesday);
        ASSERT_TRUE(revoked) << digits << ": " << revoked.error().message;
        EXPECT_EQ(revoked->key, added.key);
    }
}

TEST_F(EnrolmentDirectory, AShortPrefixRevokesNothing) {
    const Enrolment added = add("host");
    for (const std::size_t digits : {0, 1, 2, 3})
        EXPECT_FALSE(revoke(path(), fingerprint(added.key).substr(0, digits), tuesday)) << digits;
    EXPECT_EQ(read()[0].revoked_at, std::nullopt);
}

TEST_F(EnrolmentDirectory, AnUnknownNameRevokesNothing) {
    add("host");
    for (const char* which : {"other", "hos", "host ", "HOST", "../host", "0000000000000000"}) {
        const auto revoked = revoke(path(), which, tuesday);
        EXPECT_FALSE(revoked) << which;
    }
    EXPECT_EQ(read()[0].revoked_at, std::nullopt);
}

TEST_F(EnrolmentDirectory, AnAmbiguousNameRevokesNothing) {
    add("twin");
    add("twin");
    EXPECT_FALSE(revoke(path(), "twin", tuesday));
    for (const Enrolment& enrolment : read()) EXPECT_EQ(enrolment.revoked_at, std::nullopt);
}

TEST_F(EnrolmentDirectory, EnrollingAgainLiftsARevocation) {
    Enrolment enrolment = add("host");
    ASSERT_TRUE(revoke(path(), "host", tuesday));
    enrolment.name = "renamed";
    enrolment.enrolled_at = tuesday;
    ASSERT_TRUE(enroll(path(), enrolment));
    const auto enrolments = read();
    ASSERT_EQ(enrolments.size(), 1U);
    EXPECT_EQ(enrolments[0].name, "renamed");
    EXPECT_EQ(enrolments[0].enrolled_at, tuesday);
    EXPECT_EQ(enrolments[0].revoked_at, std::nullopt);
}

TEST_F(EnrolmentDirectory, RefusesAnUnreadableFile) {
    add("good");
    const std::string good = directory_.read(file_of(read()[0]));
    const std::string key = to_hex(read()[0].key);
    const auto without = [&](const std::string& part, const std::string& other) {
        std::string content = good;
        return content.replace(content.find(part), part.size(), other);
    };
    const std::vector<std::string> damaged{
        "",
        "garbage",
        std::string("\0\0\0\0", 4),
        good + "unknown: key\n",
        good + good,
        without(key, key.substr(2)),
        without(key, key + "00"),
        without(key, std::string(64, 'g')),
        without("public_key", "public_kay"),
        without("enrolled_at", "enroled_at"),
        without("name", "nam"),
        without("2026", "when"),
        "name: x\n",
    };
    for (std::size_t i = 0; i < damaged.size(); ++i) {
        directory_.write("0123456789abcdef.yaml", damaged[i]);
        const auto enrolments = read_enrolments(path());
        ASSERT_FALSE(enrolments) << "number " << i;
        EXPECT_NE(enrolments.error().message.find("0123456789abcdef.yaml"), std::string::npos)
            << enrolments.error().message;
    }
}

TEST_F(EnrolmentDirectory, RefusesATruncatedRevocation) {
    const Enrolment added = add("host");
    ASSERT_TRUE(revoke(path(), "host", tuesday));
    const std::string whole = directory_.read(file_of(added));
    const std::size_t revocation = whole.find("revoked_at");
    ASSERT_NE(revocation, std::string::npos);
    for (std::size_t length = revocation + 1; length < whole.size(); ++length) {
        directory_.write(file_of(added), whole.substr(0, length));
        const auto enrolments = read_enrolments(path());
        EXPECT_TRUE(!enrolments || (*enrolments)[0].revoked_at) << whole.substr(0, length);
    }
}

// Otherwise a forgotten copy ("cp x.yaml backup.yaml") would admit a revoked key.
TEST_F(EnrolmentDirectory, RefusesAKeyInTwoFiles) {
    const Enrolment added = add("host");
    directory_.write("backup.yaml", directory_.read(file_of(added)));
    EXPECT_FALSE(read_enrolments(path()));
    directory_.write(file_of(added),
                     directory_.read(file_of(added)) + "revoked_at: 2026-11-01T00:00:00Z\n");
    std::map<std::filesystem::path, Enrolment> known;
    std::vector<std::string> problems;
    const auto good = read_good_enrolments(path(), known, problems);
    ASSERT_EQ(good.size(), 1u);
    EXPECT_TRUE(good[0].revoked_at);
    EXPECT_EQ(problems.size(), 1u);
}

TEST_F(EnrolmentDirectory, LeavesOutEditorsLocksAndNamesBadFiles) {
    add("host");
    std::filesystem::create_symlink("root@host.1234:5", path() / ".#local.yaml");
    directory_.write(".x.yaml.swp", "draft");
    EXPECT_TRUE(read_enrolments(path()));
    std::filesystem::create_symlink("nowhere", path() / "dangling.yaml");
    std::map<std::filesystem::path, Enrolment> known;
    std::vector<std::string> problems;
    EXPECT_EQ(read_good_enrolments(path(), known, problems).size(), 1u);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_NE(problems[0].find("dangling.yaml"), std::string::npos);
}

TEST_F(EnrolmentDirectory, IgnoresOtherFiles) {
    const Enrolment added = add("host");
    directory_.write("README", "not an enrolment");
    directory_.write(file_of(added) + ".bak", "not an enrolment");
    EXPECT_EQ(read().size(), 1U);
}

} // namespace
} // namespace minewarden
