// SPDX-License-Identifier: Apache-2.0
// RuleSet::load: compiles rule files (docs/rules.md). Reports every problem with file:line:column
// and what was expected.
#include "common/text.h"
#include "common/yaml/map_reader.h"
#include "rules/rule_set/explanation.h"
#include "rules/rule_set/read_numbers.h"
#include "rules/rule_set/rule_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace minewarden::embedded {
extern const std::string_view numbers_yaml; ///< rules/packs/numbers.yaml
}

namespace minewarden::rules {
namespace {

constexpr std::string_view shipped_numbers_name = "shipped/numbers.yaml";

using yaml::Node;
using yaml::NodeKind;

/// True for lower-case words of letters, digits and '_', joined by single '.' or '-'.
bool is_id(std::string_view text) {
    bool in_word = false;
    for (const char c : text) {
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        const bool is_joint = c == '.' || c == '-';
        if (!is_word && !(is_joint && in_word)) return false;
        in_word = is_word;
    }
    return in_word && text.size() <= 100;
}

/// Fields and histograms share one name space with lists and macros in conditions.
bool is_field_name(std::string_view name) {
    return std::ranges::any_of(all_observations(), [&](const ObservationSpec& spec) {
        return find_field(spec.type, name).has_value() || !find_histogram(spec.type, name).empty();
    });
}

Digest digest_of(std::span<const RuleFile> files) {
    cbor::Array array;
    for (const RuleFile& file : files) {
        cbor::Array pair;
        pair.emplace_back(file.name);
        pair.emplace_back(file.content);
        array.emplace_back(std::move(pair));
    }
    return sha256(as_bytes(cbor::encode(array)));
}

} // namespace

/// Reads the files of one rule set, one after the other.
class RuleSetLoader {
  public:
    Result<std::shared_ptr<const RuleSet>, yaml::Diagnostics> load(std::vector<RuleFile> files) {
        std::ranges::sort(files, {}, &RuleFile::name);
        for (const RuleFile& file : files) load_file(file);
        if (!has_numbers_) {
            files.push_back(
                {std::string(shipped_numbers_name), std::string(embedded::numbers_yaml)});
            load_file(files.back());
        }
        std::ranges::sort(files, {}, &RuleFile::name);
        if (set_->rules_.size() > maximum_rules)
            problems_.push_back({"rules", {}, fmt::format("more than {} rules", maximum_rules)});
        if (!problems_.empty()) return fail(std::move(problems_));
        index();
        set_->digest_ = digest_of(files);
        set_->files_ = std::move(files);
        return std::shared_ptr<const RuleSet>(std::move(set_));
    }

  private:
    void load_file(const RuleFile& file) {
        auto document = yaml::parse(file.content, file.name);
        if (!document) {
            problems_.insert(problems_.end(), document.error().begin(), document.error().end());
            return;
        }
        document_ = &*document;
        names_ = {};
        yaml::MapReader reader(*document_, document_->root, problems_);
        if (const Node* pack = reader.required("pack")) load_pack(*pack);
        if (const Node* lists = reader.optional("lists")) load_lists(*lists);
        if (const Node* numbers = reader.optional("numbers")) load_numbers(*numbers);
        each_of(reader, "macros", [this](const Node& item) { load_macro(item); });
        each_of(reader, "rules", [this](const Node& item) { load_rule(item); });
        each_of(reader, "settle", [this](const Node& item) { load_settlement(item); });
        reader.finish();
        document_ = nullptr;
    }

    template <class Load>
    void each_of(yaml::MapReader& reader, std::string_view key, Load load_item) {
        const Node* list = reader.optional(key);
        if (list == nullptr) return;
        if (list->kind != NodeKind::sequence) {
            reader.report(list->mark, fmt::format("\"{}\" must be a list", key));
            return;
        }
        for (const Node& item : list->items) load_item(item);
    }

    void report(yaml::Mark mark, std::string message) {
        problems_.push_back({document_->file, mark, std::move(message)});
    }

    void load_pack(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        PackInfo pack;
        pack.id = reader.text("id", true).value_or("");
        pack.version = reader.text("version", true).value_or("");
        pack.title = reader.localized("title", true).value_or(LocalizedText{});
        pack.sources = reader.texts("sources", false);
        pack.file = document_->file;
        reader.finish();
        if (!pack.id.empty() && !is_id(pack.id)) report(node.mark, bad_id(pack.id));
        if (!pack_ids_.insert(pack.id).second)
            report(node.mark, fmt::format("duplicate pack id \"{}\"", pack.id));
        set_->packs_.push_back(std::move(pack));
    }

    static std::string bad_id(std::string_view id) {
        return fmt::format("\"{}\" is not an id: expected lower-case words joined by '.' or '-'",
                           escape_for_terminal(id));
    }

    /// True if the name can be used in conditions and is new.
    bool is_new_name(const std::string& name, yaml::Mark mark) {
        if (!is_id(name) || name.find_first_of(".-") != std::string::npos ||
            (name.front() >= '0' && name.front() <= '9')) {
            report(mark,
                   fmt::format("\"{}\" is not a name: expected lower-case letters, digits and "
                               "'_', beginning with a letter",
                               escape_for_terminal(name)));
            return false;
        }
        if (is_field_name(name)) {
            report(mark, fmt::format("\"{}\" is the name of a field", name));
            return false;
        }
        if (names_.lists.contains(name) || names_.macros.contains(name)) {
            report(mark, fmt::format("duplicate name \"{}\"", name));
            return false;
        }
        return true;
    }

    void load_lists(const Node& node) {
        if (node.kind != NodeKind::map) {
            report(node.mark, "\"lists\" must be a map of name: [values]");
            return;
        }
        for (const Node::Entry& entry : node.entries) {
            if (!is_new_name(entry.key, entry.key_mark)) continue;
            conditions::NamedList list;
            bool good = entry.value.kind == NodeKind::sequence && !entry.value.items.empty();
            for (const Node& item : entry.value.items) {
                const auto integer = yaml::to_integer(item);
                const ValueType type = integer ? ValueType::integer : ValueType::text;
                if (list.texts.empty() && list.integers.empty()) list.type = type;
                good = good && item.kind == NodeKind::scalar && type == list.type;
                if (integer)
                    list.integers.push_back(*integer);
                else
                    list.texts.push_back(item.scalar);
            }
            if (good)
                names_.lists.emplace(entry.key, std::move(list));
            else
                report(entry.value.mark, "expected a list of texts, or of whole numbers");
        }
    }

    std::optional<ObservationType> read_on(yaml::MapReader& reader) {
        const Node* node = reader.required("on");
        if (node == nullptr) return std::nullopt;
        if (const auto type = find_observation(node->scalar)) return type;
        std::vector<std::string_view> names;
        for (const ObservationSpec& spec : all_observations()) names.push_back(spec.name);
        report(node->mark,
               fmt::format("unknown observation \"{}\"{}; see: minewarden rules fields",
                           escape_for_terminal(node->scalar), did_you_mean(node->scalar, names)));
        return std::nullopt;
    }

    std::optional<conditions::Condition> read_condition(yaml::MapReader& reader,
                                                        std::optional<ObservationType> on,
                                                        std::string& source) {
        const Node* node = reader.required("condition");
        if (node == nullptr) return std::nullopt;
        if (node->kind != NodeKind::scalar) {
            report(node->mark, "\"condition\" must be text");
            return std::nullopt;
        }
        if (!on) return std::nullopt;
        source = trim(node->scalar);
        auto compiled = conditions::Condition::compile(node->scalar, *on, names_);
        if (compiled) return std::move(*compiled);
        for (const conditions::SyntaxError& error : compiled.error())
            report(document_->locate(*node, error.offset), error.message);
        return std::nullopt;
    }

    void load_macro(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        const auto name = reader.text("name", true);
        const auto on = read_on(reader);
        std::string source;
        auto condition = read_condition(reader, on, source);
        reader.finish();
        if (!name || !is_new_name(*name, node.mark) || !condition) return;
        names_.macros.emplace(*name, std::move(*condition));
    }

    void load_rule(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        const auto id = reader.text("id", true);
        const auto title = reader.localized("title", true);
        const auto on = read_on(reader);
        std::string source;
        auto condition = read_condition(reader, on, source);
        const auto family = read_family(reader, "family");
        auto weights = read_weights(reader);
        auto attributes = read_attributes(reader, on);
        const auto explanation = read_explanation(reader, on);
        auto attack = reader.texts("attack", false);
        auto false_positives = reader.texts("false_positives", false);
        reader.finish();
        if (id && !is_id(*id)) report(node.find("id")->mark, bad_id(*id));
        if (id && !rule_ids_.insert(*id).second)
            report(node.find("id")->mark, fmt::format("duplicate rule id \"{}\"", *id));
        if (!id || !title || !on || !condition || !family || !explanation) return;
        set_->rules_.push_back(Rule{*id, *title, *on, std::move(*condition), std::move(source),
                                    *family, std::move(weights), std::move(attributes),
                                    *explanation, std::move(attack), std::move(false_positives),
                                    document_->file});
    }

    std::optional<Family> read_family(yaml::MapReader& reader, std::string_view key) {
        const Node* node = reader.required(key);
        if (node == nullptr) return std::nullopt;
        if (const auto family = find_family(node->scalar)) return family;
        const auto names = family_names();
        std::string expected;
        for (const std::string_view name : names)
            expected += fmt::format("{}{}", expected.empty() ? "" : ", ", name);
        report(node->mark, fmt::format("unknown family \"{}\"{}; expected one of: {}",
                                       escape_for_terminal(node->scalar),
                                       did_you_mean(node->scalar, names), expected));
        return std::nullopt;
    }

    std::vector<Weight> read_weights(yaml::MapReader& reader) {
        std::vector<Weight> weights;
        const Node* node = reader.required("weights");
        if (node == nullptr) return weights;
        if (node->kind != NodeKind::map || node->entries.empty())
            report(node->mark, "\"weights\" must be a map of activity: milli-nats");
        for (const Node::Entry& entry : node->entries) {
            const auto activity = Activity::find(entry.key);
            const auto value = yaml::to_integer(entry.value);
            if (!activity)
                report(entry.key_mark,
                       fmt::format("unknown activity \"{}\"{}", escape_for_terminal(entry.key),
                                   did_you_mean(entry.key, activity_names())));
            if (!value || *value < -maximum_weight || *value > maximum_weight)
                report(entry.value.mark,
                       fmt::format("a weight is a whole number of milli-nats from {} to {}",
                                   -maximum_weight, maximum_weight));
            if (activity && value) weights.push_back({*activity, *value});
        }
        return weights;
    }

    void load_numbers(const Node& node) {
        if (std::exchange(has_numbers_, true)) {
            report(node.mark, "\"numbers\" is already set by another file");
            return;
        }
        set_->numbers_ = read_numbers(*document_, node, problems_);
    }

    /// Reads attributes: a literal value, or "{field}" for the value of a text field.
    decltype(Rule::attributes) read_attributes(yaml::MapReader& reader,
                                               std::optional<ObservationType> on) {
        decltype(Rule::attributes) attributes;
        const Node* node = reader.optional("attributes");
        if (node == nullptr || !on) return attributes;
        if (node->kind != NodeKind::map)
            report(node->mark, "\"attributes\" must be a map of attribute: value");
        for (const Node::Entry& entry : node->entries) {
            const auto attribute = find_attribute(entry.key);
            const std::string& value = entry.value.scalar;
            if (!attribute) {
                report(entry.key_mark,
                       fmt::format("unknown attribute \"{}\"{}", escape_for_terminal(entry.key),
                                   did_you_mean(entry.key, attribute_names())));
            } else if (value.size() > 2 && value.front() == '{' && value.back() == '}') {
                const auto field = find_field(*on, value.substr(1, value.size() - 2));
                if (field && spec_of(*on).fields[*field].type == ValueType::text)
                    attributes.emplace(*attribute, *field);
                else
                    report(entry.value.mark,
                           fmt::format("\"{}\" is not a text field of {}",
                                       escape_for_terminal(value), spec_of(*on).name));
            } else if (is_attribute_value(*attribute, value)) {
                attributes.emplace(*attribute, value);
            } else {
                report(entry.value.mark, fmt::format("\"{}\" is not a valid value of \"{}\"",
                                                     escape_for_terminal(value), entry.key));
            }
        }
        return attributes;
    }

    std::optional<LocalizedText> read_explanation(yaml::MapReader& reader,
                                                  std::optional<ObservationType> on) {
        auto text = reader.localized("explain", true);
        if (!text || !on) return std::nullopt;
        const Node* node = reader.optional("explain");
        for (const Language language : {Language::en, Language::zh}) {
            std::string problem = problem_of_explanation(text->in(language), *on);
            if (problem.empty()) continue;
            report(node->mark, std::move(problem));
            return std::nullopt;
        }
        return text;
    }

    void load_settlement(const Node& node) {
        yaml::MapReader reader(*document_, node, problems_);
        const Node* activity = reader.required("activity");
        const auto missing = read_family(reader, "missing");
        const auto text = reader.localized("text", true);
        reader.finish();
        if (activity == nullptr || !missing || !text) return;
        const bool known = std::ranges::any_of(Activity::all(), [&](const Activity& candidate) {
            return candidate.is_under(activity->scalar);
        });
        if (!known)
            report(activity->mark,
                   fmt::format("unknown activity \"{}\"{}", escape_for_terminal(activity->scalar),
                               did_you_mean(activity->scalar, activity_names())));
        set_->settlements_.push_back({activity->scalar, *missing, *text});
    }

    void index() {
        for (const Rule& rule : set_->rules_) {
            const auto type = static_cast<std::size_t>(rule.on);
            set_->by_type_[type].push_back({{}, rule.condition.root().get(), &rule});
            set_->windows_[type] = std::max(set_->windows_[type], rule.condition.windows());
        }
        auto& all = set_->requirements_;
        std::vector<std::size_t> counts;
        for (const auto& of_type : set_->by_type_) {
            for (const RuleToTry& each : of_type) {
                const auto its = each.rule->condition.requirements();
                all.insert(all.end(), its.begin(), its.end());
                counts.push_back(its.size());
            }
        }
        // Only now: the vector does not move any more.
        std::size_t begin = 0;
        auto count = counts.begin();
        for (auto& of_type : set_->by_type_) {
            for (RuleToTry& each : of_type) {
                each.requirements = std::span(all).subspan(begin, *count);
                begin += *count++;
            }
        }
    }

    std::unique_ptr<RuleSet> set_{new RuleSet};
    yaml::Diagnostics problems_;
    const yaml::Document* document_ = nullptr;
    conditions::Names names_; // of the current file
    bool has_numbers_ = false;
    std::set<std::string, std::less<>> pack_ids_;
    std::set<std::string, std::less<>> rule_ids_;
};

Result<std::shared_ptr<const RuleSet>, yaml::Diagnostics>
RuleSet::load(std::vector<RuleFile> files) {
    return RuleSetLoader().load(std::move(files));
}

} // namespace minewarden::rules
