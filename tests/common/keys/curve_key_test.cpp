// SPDX-License-Identifier: Apache-2.0
#include "common/keys/curve_key.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace minewarden {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

class Umask {
  public:
    explicit Umask(mode_t mask) : old_(::umask(mask)) {}
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
    ~Umask() { ::umask(old_); }

  private:
    mode_t old_;
};

class CurveKeyFile : public ::testing::Test {
  protected:
    [[nodiscard]] fs::path path(std::string_view name = "agent.key") const {
        return directory_ / name;
    }
    void damage(std::string_view name, const std::string& content, mode_t mode = 0600) const {
        ::chmod(directory_.write(name, content).c_str(), mode);
    }
    test::TemporaryDirectory directory_;
    CurveKeyPair pair_ = CurveKeyPair::generate();
};

TEST(CurveKey, PairsDiffer) {
    EXPECT_NE(CurveKeyPair::generate().public_key(), CurveKeyPair::generate().public_key());
}

TEST(CurveKey, TheFingerprintIsAPrefixOfTheDigest) {
    const CurvePublicKey key = CurveKeyPair::generate().public_key();
    EXPECT_EQ(fingerprint(key), to_hex(sha256(key.view())).substr(0, 16));
}

TEST(CurveKey, ThePublicFileIsBesideTheSecretFile) {
    EXPECT_EQ(public_key_path("/etc/minewarden/agent.key"), "/etc/minewarden/agent.pub");
    EXPECT_EQ(public_key_path("/etc/a.key/host.name.key"), "/etc/a.key/host.name.pub");
}

TEST_F(CurveKeyFile, IsReadBackUnchanged) {
    ASSERT_TRUE(write_key_pair(pair_, path()));
    const auto read = read_key_pair(path());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->public_key(), pair_.public_key());
    EXPECT_EQ(to_hex(read->secret()), to_hex(pair_.secret()));
    const auto public_key = read_public_key(path("agent.pub"));
    ASSERT_TRUE(public_key) << public_key.error().message;
    EXPECT_EQ(*public_key, pair_.public_key());
}

TEST_F(CurveKeyFile, HasItsModesForAnyUmask) {
    for (const mode_t mask : {0000, 0022, 0077}) {
        const Umask umask(mask);
        const std::string name = "mask" + std::to_string(mask);
        ASSERT_TRUE(write_key_pair(pair_, path(name + ".key")));
        EXPECT_EQ(mode_of(path(name + ".key")), 0600U) << mask;
        EXPECT_EQ(mode_of(path(name + ".pub")), 0644U) << mask;
    }
}

TEST_F(CurveKeyFile, ThePublicFileDoesNotContainTheSecret) {
    ASSERT_TRUE(write_key_pair(pair_, path()));
    EXPECT_EQ(directory_.read("agent.pub").find(to_hex(pair_.secret())), std::string::npos);
}

TEST_F(CurveKeyFile, IsNeverOverwritten) {
    ASSERT_TRUE(write_key_pair(pair_, path()));
    const std::string secret = directory_.read("agent.key");
    const std::string public_half = directory_.read("agent.pub");
    EXPECT_FALSE(write_key_pair(CurveKeyPair::generate(), path()));
    EXPECT_EQ(directory_.read("agent.key"), secret);
    EXPECT_EQ(directory_.read("agent.pub"), public_half);
}

TEST_F(CurveKeyFile, DoesNotOverwriteAnEmptyFile) {
    damage("agent.key", "");
    EXPECT_FALSE(write_key_pair(pair_, path()));
    EXPECT_EQ(directory_.read("agent.key"), "");
}

TEST_F(CurveKeyFile, DoesNotFollowALink) {
    fs::create_symlink(path("elsewhere"), path());
    EXPECT_FALSE(write_key_pair(pair_, path()));
    EXPECT_FALSE(fs::exists(path("elsewhere")));
}

TEST_F(CurveKeyFile, KeepsTheSecretOfAPathThatEndsInPub) {
    if (!write_key_pair(pair_, path("agent.pub"))) return;
    const auto read = read_key_pair(path("agent.pub"));
    ASSERT_TRUE(read) << "the public key was written over the secret one";
    EXPECT_EQ(to_hex(read->secret()), to_hex(pair_.secret()));
}

TEST_F(CurveKeyFile, AMissingDirectoryIsAnError) {
    EXPECT_FALSE(write_key_pair(pair_, path("none/agent.key")));
}

TEST_F(CurveKeyFile, RefusesASecretThatOthersMayRead) {
    ASSERT_TRUE(write_key_pair(pair_, path()));
    for (const mode_t mode : {0640, 0604, 0660, 0606, 0644, 0777}) {
        ::chmod(path().c_str(), mode);
        const auto read = read_key_pair(path());
        ASSERT_FALSE(read) << std::oct << mode;
        EXPECT_EQ(read.error().kind, ErrorKind::permission) << std::oct << mode;
        EXPECT_NE(read.error().message.find(path().string()), std::string::npos);
        EXPECT_EQ(read.error().message.find(to_hex(pair_.secret())), std::string::npos);
    }
    for (const mode_t mode : {0600, 0400}) {
        ::chmod(path().c_str(), mode);
        EXPECT_TRUE(read_key_pair(path())) << std::oct << mode;
    }
}

TEST_F(CurveKeyFile, ReportsAMissingFile) {
    const auto read = read_key_pair(path());
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find(path().string()), std::string::npos);
    EXPECT_FALSE(read_public_key(path("agent.pub")));
}

TEST_F(CurveKeyFile, RefusesADirectory) {
    EXPECT_FALSE(read_key_pair(directory_.path()));
    EXPECT_FALSE(read_public_key(directory_.path()));
}

TEST_F(CurveKeyFile, RefusesDamagedFiles) {
    ASSERT_TRUE(write_key_pair(pair_, path("good.key")));
    const std::string good = directory_.read("good.key");
    const std::string digits = to_hex(pair_.secret());
    const auto with = [&](const std::string& secret) {
        std::string content = good;
        return content.replace(content.find(digits), digits.size(), secret);
    };
    const std::vector<std::string> damaged{
        "",
        "\n",
        digits,
        with(digits.substr(1)),
        with(digits.substr(2)),
        with(digits + "00"),
        with("g" + digits.substr(1)),
        with(digits.substr(0, 32) + " " + digits.substr(32)),
        with(""),
        std::string(100, '\0'),
        std::string(1 << 20, 'a'),
        "minewarden-secret-key",
    };
    for (std::size_t i = 0; i < damaged.size(); ++i) {
        damage("bad.key", damaged[i]);
        const auto read = read_key_pair(path("bad.key"));
        EXPECT_FALSE(read) << "number " << i;
        if (read) continue;
        EXPECT_EQ(read.error().message.find(digits.substr(0, 16)), std::string::npos)
            << "the error shows the secret: " << read.error().message;
    }
}

TEST_F(CurveKeyFile, RefusesEveryTruncation) {
    ASSERT_TRUE(write_key_pair(pair_, path("good.key")));
    std::string good = directory_.read("good.key");
    while (good.ends_with('\n')) good.pop_back();
    for (std::size_t length = 0; length < good.size(); ++length) {
        damage("bad.key", good.substr(0, length));
        EXPECT_FALSE(read_key_pair(path("bad.key"))) << length;
    }
}

TEST_F(CurveKeyFile, DoesNotConfusePublicAndSecretKeys) {
    ASSERT_TRUE(write_key_pair(pair_, path()));
    ::chmod(path("agent.pub").c_str(), 0600);
    EXPECT_FALSE(read_key_pair(path("agent.pub"))) << "a public key is no secret key";
    EXPECT_FALSE(read_public_key(path())) << "a secret key is no public key";
}

} // namespace
} // namespace minewarden
