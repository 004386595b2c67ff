// SPDX-License-Identifier: Apache-2.0
#include "collector/api/query_reader.h"
#include "common/bytes.h"

#include <array>

using namespace minewarden;
using namespace minewarden::collector;

/// The target of an HTTP request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array<std::string_view, 2> choices{"open", "closed"};
    Router router;
    const auto handler = [](const Request& request) -> Answer {
        QueryReader query(request);
        (void)query.time("since");
        (void)query.number("limit", 1, 1000);
        (void)query.boolean("current");
        (void)query.choice("state", choices);
        (void)query.activity("activity");
        (void)query.text("after");
        if (const auto problem = query.finish()) return to_response(*problem);
        return Response{};
    };
    router.get("/a", handler);
    router.get("/a/{id}/b", handler);
    (void)router.route(as_text({data, size}));
    return 0;
}
