// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/file.h"
#include "common/language.h"
#include "common/wire/activity.h"
#include "common/yaml/document.h"
#include "rules/arithmetic/numbers.h"
#include "rules/conditions/condition.h"
#include "rules/rule_set/attributes.h"

#include <map>
#include <memory>
#include <span>
#include <variant>

namespace minewarden::rules {

struct Weight {
    Activity activity;
    MilliNats milli_nats = 0;
};

struct Rule {
    std::string id; ///< unique in the rule set: lower-case words joined by '.' and '-'
    LocalizedText title;
    ObservationType on;
    conditions::Condition condition;
    std::string condition_source;
    Family family;
    std::vector<Weight> weights; ///< by activity
    /// Attributes of the verdicts it supports: a value, or a text field of the observation.
    std::map<Attribute, std::variant<std::string, std::size_t>> attributes;
    LocalizedText explanation; ///< with {field} placeholders, checked against the observation type
    std::vector<std::string> attack;          ///< MITRE ATT&CK techniques
    std::vector<std::string> false_positives; ///< known look-alikes, for display
    std::string file;

    [[nodiscard]] MilliNats weight_for(Activity activity) const;
};

/// A text that says which missing evidence would settle a case.
struct Settlement {
    std::string activity_prefix;
    Family missing; ///< shown while no evidence of this family supports the activity
    LocalizedText text;
};

struct PackInfo {
    std::string id;
    std::string version;
    LocalizedText title;
    std::vector<std::string> sources;
    std::string file;
};

using RuleFile = TextFile;

/// The parts of a rule that evaluation needs, kept together so that all rules on a type fit into
/// the CPU cache. Points into its rule set.
struct RuleToTry {
    std::span<const conditions::Requirement> requirements; ///< of the condition
    const conditions::BooleanNode* condition = nullptr;
    const Rule* rule = nullptr;
};

/// All rules, from one or more files. Immutable.
class RuleSet {
  public:
    RuleSet(const RuleSet&) = delete; // by_type_ points into it
    RuleSet& operator=(const RuleSet&) = delete;

    /// Compiles all files and reports all problems. Ids must be unique over all files. If no file
    /// has "numbers", adds the shipped numbers as a file of the set.
    static Result<std::shared_ptr<const RuleSet>, yaml::Diagnostics>
    load(std::vector<RuleFile> files);

    [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
    [[nodiscard]] std::span<const RuleToTry> rules_on(ObservationType type) const {
        return by_type_[static_cast<std::size_t>(type)];
    }
    [[nodiscard]] const Rule* find(std::string_view id) const;
    [[nodiscard]] const Numbers& numbers() const { return numbers_; }
    [[nodiscard]] std::span<const Settlement> settlements() const { return settlements_; }
    [[nodiscard]] std::span<const PackInfo> packs() const { return packs_; }
    [[nodiscard]] std::span<const RuleFile> files() const { return files_; }
    /// Maximum number of windows that a condition on this type needs; 0 without rules on it.
    [[nodiscard]] std::size_t windows_of(ObservationType type) const {
        return windows_[static_cast<std::size_t>(type)];
    }
    /// SHA-256 of the canonical encoding [[name, content], ...] of the files, sorted by name.
    [[nodiscard]] const Digest& digest() const { return digest_; }

  private:
    friend class RuleSetLoader;
    RuleSet() = default;
    std::vector<Rule> rules_;
    std::array<std::vector<RuleToTry>, observation_type_count> by_type_;
    std::vector<conditions::Requirement> requirements_; ///< of all rules, by type
    std::array<std::size_t, observation_type_count> windows_{};
    Numbers numbers_;
    std::vector<Settlement> settlements_;
    std::vector<PackInfo> packs_;
    std::vector<RuleFile> files_;
    Digest digest_;
};

inline constexpr std::size_t maximum_rules = 2000;
inline constexpr MilliNats maximum_weight = 20'000;

} // namespace minewarden::rules
