// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/saved_state.h"
#include "common/file.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

class SavedStateTest : public testing::Test {
  protected:
    static SavedState state(std::int64_t engine) {
        return {cbor::Value(engine), cbor::Value(cbor::Map{}), {}, 5};
    }
    TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "state.cbor";
};

TEST_F(SavedStateTest, IsRestored) {
    EXPECT_FALSE(load_state(path_)->has_value());
    ASSERT_TRUE(save_state(path_, state(3)));
    const auto loaded = load_state(path_);
    ASSERT_TRUE(loaded && loaded->has_value());
    EXPECT_EQ((*loaded)->engine, cbor::Value(std::int64_t{3}));
    EXPECT_EQ((*loaded)->sequence, 5u);
}

TEST_F(SavedStateTest, IsNotReplacedByOneThatIsTooLarge) {
    ASSERT_TRUE(save_state(path_, state(3)));
    SavedState large = state(4);
    large.findings = cbor::Value(std::string(65 << 20, 'x'));
    const auto saved = save_state(path_, large);
    ASSERT_FALSE(saved);
    EXPECT_NE(saved.error().message.find("could be read again"), std::string::npos);
    EXPECT_EQ((*load_state(path_))->engine, cbor::Value(std::int64_t{3}));
}

TEST_F(SavedStateTest, NamesADamagedFileInTheError) {
    ASSERT_TRUE(write_file_atomically(path_, "no state", 0600));
    const auto loaded = load_state(path_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::data);
    EXPECT_NE(loaded.error().message.find(path_.string()), std::string::npos);
}

} // namespace
} // namespace minewarden::agent
