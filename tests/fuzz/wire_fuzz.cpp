// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/message_reader.h"
#include "collector/render/record_json.h"

#include <nlohmann/json.hpp>

using namespace minewarden;

namespace {

/// A collector that has no rules.
class NoRules final : public collector::RuleSource {
  public:
    std::shared_ptr<const rules::RuleSet> find(const Digest&) const override { return nullptr; }
};

} // namespace

/// A message as it comes from an agent, enrolled or not; and what the collector answers, as it
/// comes to an agent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    collector::MessageReader reader;
    (void)reader.read({data, size});
    wire::FromCollector answer;
    (void)answer.ParseFromArray(data, static_cast<int>(size));
    wire::Finding finding;
    if (finding.ParseFromArray(data, static_cast<int>(size))) {
        nlohmann::json json;
        collector::add_record(json, finding, NoRules());
    }
    return 0;
}
