// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "rules/rule_set/explanation.h"
#include "rules/rule_set/rule_set.h"

using namespace minewarden;

/// A rule file: refused with diagnostics, or usable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto rules = rules::RuleSet::load({{"fuzz.yaml", std::string(as_text({data, size}))}});
    if (!rules) {
        if (rules.error().empty()) __builtin_trap();
        (void)yaml::to_error(rules.error());
        return 0;
    }
    for (const rules::Rule& rule : (*rules)->rules())
        (void)rules::explain(rule.explanation, Language::zh, rules::Observation(rule.on));
    return 0;
}
