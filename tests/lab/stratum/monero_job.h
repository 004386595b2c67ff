// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/stratum/target.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace minewarden::lab {

/// A job of a Monero pool. Invariant: the blob is long enough for the nonce.
struct MoneroJob {
    static constexpr std::size_t nonce_offset = 39; ///< of the 4 bytes in the blob
    static constexpr std::size_t maximum_blob = 408;

    std::string job_id;
    std::vector<std::uint8_t> blob;
    std::uint64_t target = 0;
    std::string target_hex;
    std::uint64_t height = 0;
    Hash seed_hash{}; ///< the RandomX key
    std::string algorithm;
};

struct MoneroShare {
    std::string job_id;
    std::array<std::uint8_t, 4> nonce{}; ///< as in the blob
    Hash result{};
};

[[nodiscard]] std::vector<std::uint8_t> blob_with_nonce(const MoneroJob& job,
                                                        const std::array<std::uint8_t, 4>& nonce);

[[nodiscard]] Json to_json(const MoneroJob& job);
/// Errors have kind data and name the member.
Result<MoneroJob> parse_monero_job(const Json& json);
/// Parses the params of a submit.
Result<MoneroShare> parse_monero_share(const Json& params);

} // namespace minewarden::lab
