// SPDX-License-Identifier: Apache-2.0
#include "collector/api/router.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        router_.get("/things", [this](const Request& request) { return note(request); });
        router_.get("/things/{id}/part", [this](const Request& request) { return note(request); });
    }
    Response answer(std::string_view target) {
        const Answer given = router_.route(target);
        EXPECT_TRUE(std::holds_alternative<Response>(given));
        return std::get<Response>(given);
    }

    Router router_;
    Request seen_;

  private:
    Answer note(const Request& request) {
        seen_ = request;
        return Response{200, "text/plain", "ok"};
    }
};

TEST_F(RouterTest, DecodesSegmentsAndQuery) {
    EXPECT_EQ(answer("/things/a%2Fb/part?x=%E7%9F%BF&y=1+2&&z").status, 200u);
    EXPECT_EQ(seen_.segments.at("id"), "a/b");
    const std::vector<std::pair<std::string, std::string>> query{
        {"x", "矿"}, {"y", "1+2"}, {"z", ""}};
    EXPECT_EQ(seen_.query, query);
}

TEST_F(RouterTest, WhatIsNotThereIs404) {
    for (const char* target : {"/", "", "/thing", "/things/", "/things//part", "/things/a/part/b"})
        EXPECT_EQ(answer(target).status, 404u) << target;
}

TEST_F(RouterTest, ABrokenEncodingIs400) {
    for (const char* target :
         {"/things?x=%", "/things?x=%4", "/things?x=%zz", "/things?%ff=1", "/things/%c0%af/part"})
        EXPECT_EQ(answer(target).status, 400u) << target;
}

TEST_F(RouterTest, AProblemIsTheDocumentOfTheRfc) {
    const Response response = to_response({400, "", "limit: expected \"1\"", "limit"});
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_NE(response.body.find(R"("detail":"limit: expected \"1\"")"), std::string::npos);
    EXPECT_NE(response.body.find(R"("parameter":"limit")"), std::string::npos);
    EXPECT_NE(response.body.find(R"("title":"Bad request")"), std::string::npos);
}

} // namespace
} // namespace minewarden::collector
