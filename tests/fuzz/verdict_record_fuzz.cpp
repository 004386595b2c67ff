// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/claim.h"

#include <algorithm>
#include <cstdlib>

using namespace minewarden;

/// A verdict record from the wire or the store.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto rules = *rules::RuleSet::load({});
    const auto decoded = rules::decode_record({data, size});
    // What is left of a newer version's record need not be whole.
    if (decoded && decoded->newer.empty()) {
        const std::string again = rules::encode_record(decoded->record);
        if (!rules::decode_record(as_bytes(again))) std::abort();
    }
    const bool is_same = rules::recompute_record({data, size}, *rules).has_value();
    rules::Claim claim;
    if (decoded) {
        const rules::VerdictRecord& record = decoded->record;
        claim = {.id = {},
                 .agent_key = {},
                 .activity = std::string(record.activity.name()),
                 .certainty = record.verdict.certainty,
                 .is_open = true,
                 .boot = record.boot,
                 .subject = record.subject,
                 .attributes = record.attributes};
    }
    const auto checked =
        rules::check_claim(claim, {data, size}, [&](const Digest&) { return rules; });
    if ((checked.result == rules::ClaimResult::matched) != is_same) std::abort();
    return 0;
}
