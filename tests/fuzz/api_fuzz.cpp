// SPDX-License-Identifier: Apache-2.0
#include "collector/api/query_reader.h"
#include "collector/api/request_reader.h"
#include "collector/api/router.h"
#include "common/bytes.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <string>

using namespace minewarden;
using namespace minewarden::collector;

namespace {

Answer read_query(const Request& request) {
    static constexpr std::array<std::string_view, 2> choices{"open", "closed"};
    QueryReader query(request);
    (void)query.time("since");
    (void)query.number("limit", 1, 1000);
    (void)query.boolean("current");
    (void)query.choice("state", choices);
    (void)query.activity("activity");
    (void)query.text("after");
    if (const auto problem = query.finish()) return to_response(*problem);
    return Response{};
}

/// All requests that were read, as text. An error ends them, at the latest once the bytes are there
/// that the parser waits for.
std::string read(std::string_view bytes, std::size_t piece) {
    RequestReader reader({.header_bytes = 2048, .body_bytes = 512});
    std::string seen;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        reader.append(bytes.substr(0, piece));
        for (;;) {
            const auto next = reader.next();
            if (!next) return seen;
            if (!*next) break;
            const Request& request = (*next)->request;
            seen += request.target + request.content_type + request.body;
        }
    }
    return seen;
}

} // namespace

/// What a client sends: the bytes of a connection, which give the same requests in pieces of any
/// size, and the target of a request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text({data, size});
    if (read(bytes, bytes.size()) != read(bytes, 1)) std::abort();

    Router router;
    router.get("/a", read_query);
    router.add(Method::post, "/a/{id}/b", read_query);
    for (const Method method : {Method::get, Method::post}) {
        Request request;
        request.method = method;
        request.target = bytes;
        const auto found = router.find(request);
        if (const auto* route = std::get_if<const Router::Route*>(&found))
            (void)(*route)->handler(request);
    }
    return 0;
}
