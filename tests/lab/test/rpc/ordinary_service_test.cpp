// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/rpc/ordinary_service.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/monero_job.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

TEST(OrdinaryService, SharesOnlyWordsWithStratum) {
    EventLog events([](std::string_view) {});
    OrdinaryService service(events);
    service.opened(1, *LoopbackAddress::parse("127.0.0.1:1"));
    std::string all;
    for (const std::string& line : ordinary_requests()) {
        const auto request = parse_message(line);
        ASSERT_TRUE(request) << line;
        EXPECT_FALSE(request->method.starts_with("mining.")) << line;
        const Answer answer = service.on_line(1, line);
        EXPECT_EQ(answer.drop_reason, "");
        EXPECT_TRUE(answer.bytes.ends_with('\n'));
        EXPECT_FALSE(Json::parse(answer.bytes)["result"].contains("job"));
        all += line;
    }
    for (const char* word : {"mining.subscribe", "stratum+tcp", "\"login\"", "\"submit\""})
        EXPECT_NE(all.find(word), std::string::npos) << word;
    service.begin_tick();
    const auto push = parse_message(service.push(1));
    ASSERT_TRUE(push);
    EXPECT_EQ(push->method, "job");
    EXPECT_FALSE(parse_monero_job(push->params));
    EXPECT_NE(service.on_line(1, "no json").drop_reason, "");
}

} // namespace
} // namespace minewarden::lab
