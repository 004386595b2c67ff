// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "rules/conditions/condition.h"

#include <cstdlib>

using namespace minewarden;
using namespace minewarden::rules;

/// The first byte chooses the observation type, the rest is the condition. What compiles must
/// evaluate.
namespace {

/// As a verdict is recomputed, and as the engine does it: with summaries that rules share, and only
/// if what the condition requires is met. All must say the same.
void evaluate_in_each_way(const conditions::Condition& condition,
                          const std::vector<const Observation*>& row) {
    const conditions::Truth alone = condition.evaluate(conditions::WindowSpan(row));
    conditions::SummaryCache summaries;
    for (int times = 0; times < 2; ++times) {
        if (condition.evaluate(conditions::WindowSpan(row, &summaries)) != alone) std::abort();
    }
    for (const conditions::Requirement& required : condition.requirements()) {
        if (alone == conditions::Truth::yes && !required.is_met(conditions::WindowSpan(row)))
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto type = static_cast<ObservationType>(data[0] % observation_type_count);
    const auto condition =
        conditions::Condition::compile(as_text({data + 1, size - 1}), type, conditions::Names{});
    if (!condition) return 0;
    Observation observation(type);
    const auto& fields = spec_of(type).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].type == ValueType::integer) observation.set(i, std::int64_t{data[0]});
        if (fields[i].type == ValueType::text) observation.set(i, std::string("monero"));
        if (fields[i].type == ValueType::boolean) observation.set(i, (data[0] & 1) != 0);
        if (fields[i].type == ValueType::address) observation.set(i, IpAddress{});
    }
    std::vector<const Observation*> row(condition->windows(), &observation);
    evaluate_in_each_way(*condition, row);
    row.assign(condition->windows(), nullptr);
    row[0] = &observation;
    evaluate_in_each_way(*condition, row);
    return 0;
}
