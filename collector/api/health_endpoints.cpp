// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"

namespace minewarden::collector {
namespace {

constexpr const char* plain_text = "text/plain; charset=utf-8";

/// Reports if findings can be stored and read. /livez must not: a restart does not free a full
/// disk.
Answer show_readiness(const ApiSources& sources) {
    const auto status = sources.store.status();
    if (!status) return Response{503, plain_text, "store: " + status.error().message + "\n"};
    if (!sources.counters.is_storing)
        return Response{503, plain_text, "store: findings cannot be stored, see the log\n"};
    return Response{200, plain_text, "ready\n"};
}

} // namespace

void add_health_endpoints(Router& router, const ApiSources& sources) {
    router.constant("/livez", {200, plain_text, "alive\n"});
    router.get(
        "/readyz", [&sources](const Request&) { return show_readiness(sources); }, Lane::health);
    router.get("/metrics", [&sources](const Request&) -> Answer {
        return Response{200, "text/plain; version=0.0.4; charset=utf-8", render_metrics(sources)};
    });
}

} // namespace minewarden::collector
