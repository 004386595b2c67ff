// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "rules/language/condition.h"

using namespace minewarden;
using namespace minewarden::rules;

/// The first byte chooses the observation type, the rest is the condition. What compiles must
/// evaluate.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto type = static_cast<ObservationType>(data[0] % observation_type_count);
    const auto condition =
        language::Condition::compile(as_text({data + 1, size - 1}), type, language::Names{});
    if (!condition) return 0;
    Observation observation(type);
    const auto& fields = spec_of(type).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].type == ValueType::integer) observation.set(i, std::int64_t{data[0]});
        if (fields[i].type == ValueType::text) observation.set(i, std::string("monero"));
        if (fields[i].type == ValueType::boolean) observation.set(i, (data[0] & 1) != 0);
        if (fields[i].type == ValueType::address) observation.set(i, IpAddress{});
    }
    std::vector<const Observation*> span(condition->windows(), &observation);
    (void)condition->evaluate(span);
    span.assign(condition->windows(), nullptr);
    span[0] = &observation;
    (void)condition->evaluate(span);
    return 0;
}
