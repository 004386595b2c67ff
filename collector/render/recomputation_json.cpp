// SPDX-License-Identifier: Apache-2.0
#include "collector/render/recomputation_json.h"

#include <nlohmann/json.hpp>

namespace minewarden::collector {

using nlohmann::json;

json render_recomputation(const std::optional<Recomputation>& recomputation) {
    if (!recomputation) return nullptr;
    json rendered{{"result", rules::to_string(recomputation->result)},
                  {"at", to_rfc3339(recomputation->made_at)}};
    if (!recomputation->problem.empty()) rendered["problem"] = recomputation->problem;
    for (const rules::Difference& difference : recomputation->differences)
        rendered["differences"].push_back({{"field", difference.field},
                                           {"reported", difference.reported},
                                           {"recomputed", difference.recomputed}});
    return rendered;
}

json render_recompute_status(const RecomputeCounters& counters, std::uint64_t mismatched_kept) {
    return {{"matched", counters.matched.load()},
            {"mismatched", counters.mismatched.load()},
            {"rules_missing", counters.rules_missing.load()},
            {"newer_version", counters.newer_version.load()},
            {"unreadable", counters.unreadable.load()},
            {"skipped", counters.skipped.load()},
            {"mismatched_kept", mismatched_kept}};
}

} // namespace minewarden::collector
