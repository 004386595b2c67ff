// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"

#include <chrono>

namespace minewarden::collector {
namespace {

constexpr const char* plain_text = "text/plain; charset=utf-8";

/// An intake that has done nothing for so long hangs, or does not run.
constexpr std::chrono::seconds longest_round{10};

/// Reports if findings can be received, stored and read. /livez must not: a restart does not free a
/// full disk.
Answer show_readiness(const ApiSources& sources) {
    const auto status = sources.store.status();
    if (!status) return Response{503, plain_text, "store: " + status.error().message + "\n"};
    if (!sources.counters.is_storing)
        return Response{503, plain_text, "store: findings cannot be stored, see the log\n"};
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (now - std::chrono::nanoseconds(sources.counters.last_round_ns.load()) > longest_round)
        return Response{503, plain_text, "intake: it does not run, see the log\n"};
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
