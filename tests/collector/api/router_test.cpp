// SPDX-License-Identifier: Apache-2.0
#include "collector/api/router.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::collector {
namespace {

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        const auto handler = [](const Request&) { return Response{200, "text/plain", "ok"}; };
        router_.get("/things", handler);
        router_.add(Method::post, "/things", handler);
        router_.get("/things/{id}/part", handler, Lane::health);
        router_.constant("/alive", {200, "text/plain", "alive"});
    }
    /// The route's lane, or the response if there is no route.
    std::variant<Lane, Response> find(std::string_view target, Method method = Method::get) {
        request_ = {.method = method,
                    .target = std::string(target),
                    .content_type = "",
                    .body = "",
                    .principal = UnixPeer{},
                    .query = {},
                    .segments = {}};
        auto found = router_.find(request_);
        if (const auto* route = std::get_if<const Router::Route*>(&found)) return (*route)->lane;
        return std::get<Response>(std::move(found));
    }
    unsigned status(std::string_view target, Method method = Method::get) {
        const auto found = find(target, method);
        const auto* response = std::get_if<Response>(&found);
        return response == nullptr ? 0 : response->status;
    }

    Router router_;
    Request request_;
};

TEST_F(RouterTest, DecodesSegmentsAndQuery) {
    EXPECT_EQ(std::get<Lane>(find("/things/a%2Fb/part?x=%E7%9F%BF&y=1+2&&z")), Lane::health);
    EXPECT_EQ(request_.segments.at("id"), "a/b");
    const std::vector<std::pair<std::string, std::string>> query{
        {"x", "矿"}, {"y", "1+2"}, {"z", ""}};
    EXPECT_EQ(request_.query, query);
}

TEST_F(RouterTest, RoutesByMethodAndServesHeadAsGet) {
    EXPECT_EQ(std::get<Lane>(find("/things", Method::get)), Lane::work);
    EXPECT_EQ(std::get<Lane>(find("/things", Method::head)), Lane::work);
    EXPECT_EQ(std::get<Lane>(find("/things", Method::post)), Lane::work);
}

TEST_F(RouterTest, ReturnsAConstantResponse) {
    EXPECT_EQ(std::get<Response>(find("/alive")).body, "alive");
    EXPECT_EQ(std::get<Response>(find("/alive", Method::head)).body, "alive");
    EXPECT_EQ(status("/alive", Method::post), 405u);
}

TEST_F(RouterTest, ListsTheMethodsOfAPathIn405) {
    const auto allowed = [&](std::string_view target, Method method) {
        const auto response = std::get<Response>(find(target, method));
        EXPECT_EQ(response.status, 405u);
        const auto field = std::ranges::find(response.fields, "Allow",
                                             &std::pair<std::string, std::string>::first);
        return field == response.fields.end() ? std::string() : field->second;
    };
    EXPECT_EQ(allowed("/things", Method::delete_), "GET, HEAD, POST");
    EXPECT_EQ(allowed("/things", Method::other), "GET, HEAD, POST");
    EXPECT_EQ(allowed("/things/1/part", Method::post), "GET, HEAD");
}

TEST_F(RouterTest, Returns404ForAnUnknownPath) {
    for (const char* target :
         {"/", "", "/thing", "/things/", "/things//part", "/things/a/part/b", "*"})
        EXPECT_EQ(status(target), 404u) << target;
    EXPECT_EQ(status("/thing", Method::post), 404u);
}

TEST_F(RouterTest, Returns400ForAnInvalidEncoding) {
    for (const char* target :
         {"/things?x=%", "/things?x=%4", "/things?x=%zz", "/things?%ff=1", "/things/%c0%af/part"})
        EXPECT_EQ(status(target), 400u) << target;
}

TEST(Problem, IsTheDocumentOfRfc9457) {
    const Response response = to_response({400, "", "limit: expected \"1\"", "limit"});
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_NE(response.body.find(R"("detail":"limit: expected \"1\"")"), std::string::npos);
    EXPECT_NE(response.body.find(R"("parameter":"limit")"), std::string::npos);
    EXPECT_NE(response.body.find(R"("title":"Bad request")"), std::string::npos);
}

} // namespace
} // namespace minewarden::collector
