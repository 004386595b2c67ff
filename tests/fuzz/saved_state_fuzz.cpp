// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/finding_book.h"
#include "common/bytes.h"
#include "rules/engine/engine.h"

using namespace minewarden;

/// The agent's saved state, as a disk may give it back: findings and the engine's verdicts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto rules = *rules::RuleSet::load({});
    const auto value = cbor::decode({data, size});
    if (!value) return 0;
    const BootId boot = *BootId::from(as_bytes(std::string(BootId::size, 'b')));
    rules::Engine engine(rules, boot, std::chrono::seconds(10));
    if (engine.restore(*value)) (void)engine.save();
    agent::FindingBook book(as_bytes(std::string(32, 'k')), boot);
    if (book.restore(*value, {1})) {
        (void)book.save();
        for (const rules::Subject& subject : book.subjects())
            (void)book.close_subject(subject, agent::CloseReason::process_gone, {2});
    }
    return 0;
}
