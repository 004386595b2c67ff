// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"

#include <gtest/gtest.h>

#include <string>

namespace minewarden::rules::test {

/// A pack with these sections after its head. Each section includes its key.
inline std::string pack(const std::string& id, const std::string& sections) {
    return "pack:\n  id: " + id + "\n  version: 1.0.0\n  title: {en: A pack, zh: 规则包}\n" +
           sections;
}

struct RuleText {
    std::string id;
    std::string on = "thread.window";
    std::string condition = "cpu_permille >= 1";
    std::string family = "compute";
    std::string weights = "{mining.pow.cpu: 1000}";
    std::string explain = "{en: It ran., zh: 运行。}";
    std::string extra{};
};

inline std::string rule(const RuleText& text) {
    return "  - id: " + text.id + "\n    title: {en: A rule, zh: 规则}\n    on: " + text.on +
           "\n    condition: " + text.condition + "\n    family: " + text.family +
           "\n    weights: " + text.weights + "\n    explain: " + text.explain + "\n" + text.extra;
}

/// A section "numbers" that differs from the shipped one.
inline std::string numbers_section(const std::string& prior = "-4600") {
    return "numbers:\n  prior: " + prior +
           "\n  suspected_from: 100\n  probable_from: 2000\n  confirmed_from: 5000\n"
           "  family_supports_from: 1000\n"
           "  caps: {protocol: 8000, destination: 8000, flow-shape: 8000, compute: 8000,\n"
           "         memory: 8000, preparation: 8000, provenance: 8000, concealment: 8000,\n"
           "         load: 8000}\n"
           "  decay: [1000, 500]\n  refuting_decay: [1000, 100]\n";
}

inline std::shared_ptr<const RuleSet> load(std::vector<RuleFile> files) {
    auto rules = RuleSet::load(std::move(files));
    EXPECT_TRUE(rules) << (rules ? "" : yaml::to_error(rules.error()).message);
    return rules ? *rules : nullptr;
}

inline std::shared_ptr<const RuleSet> load(const std::string& content) {
    return load(std::vector<RuleFile>{{"test.yaml", content}});
}

inline Activity activity(std::string_view name) {
    return *Activity::find(name);
}

} // namespace minewarden::rules::test
