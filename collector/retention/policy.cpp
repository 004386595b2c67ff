// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/policy.h"

namespace minewarden::collector {

RetentionPolicy retention_policy(const Settings& settings) {
    RetentionPolicy policy;
    const auto limit = [&](Setting age, Setting size) {
        return ClassLimit{settings.duration(age), settings.size(size)};
    };
    policy.of(DataClass::findings) =
        limit(Setting::retention_findings, Setting::retention_findings_size);
    policy.of(DataClass::gaps) = limit(Setting::retention_gaps, Setting::retention_gaps_size);
    policy.of(DataClass::visibility) =
        limit(Setting::retention_visibility, Setting::retention_visibility_size);
    policy.of(DataClass::rule_sets) =
        limit(Setting::retention_rule_sets, Setting::retention_rule_sets_size);
    policy.of(DataClass::agents) = {settings.duration(Setting::retention_agents), 0};
    return policy;
}

} // namespace minewarden::collector
