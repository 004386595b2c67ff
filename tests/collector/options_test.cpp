// SPDX-License-Identifier: Apache-2.0
#include "collector/options.h"

#include <gtest/gtest.h>

#include <array>

namespace minewarden::collector {
namespace {

template <std::size_t Count>
auto parse(const std::array<const char*, Count>& arguments) {
    return parse_options(static_cast<int>(Count), arguments.data());
}

TEST(CollectorOptions, AcceptsAFileAndOverrides) {
    const auto parsed = parse(std::array{"minewarden-collector", "--config", "/x.yaml", "-o",
                                         "log.level=debug", "-o", "api.socket=/s"});
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto& options = std::get<Options>(*parsed);
    EXPECT_EQ(options.sources.main_file, "/x.yaml");
    EXPECT_TRUE(options.sources.main_file_required);
    EXPECT_EQ(options.sources.overrides,
              (std::vector<std::string>{"log.level=debug", "api.socket=/s"}));
}

TEST(CollectorOptions, PrintsHelpAndVersion) {
    const auto help = parse(std::array{"minewarden-collector", "--help"});
    ASSERT_TRUE(help && std::holds_alternative<Information>(*help));
    EXPECT_NE(std::get<Information>(*help).text.find("collector.listen"), std::string::npos);
    const auto version = parse(std::array{"minewarden-collector", "--version"});
    ASSERT_TRUE(version && std::holds_alternative<Information>(*version));
}

TEST(CollectorOptions, RefusesUnknownOptions) {
    for (const char* argument : {"--confg", "stray", "--config"}) {
        const auto parsed = parse(std::array{"minewarden-collector", argument});
        ASSERT_FALSE(parsed) << argument;
        EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    }
}

} // namespace
} // namespace minewarden::collector
