// SPDX-License-Identifier: Apache-2.0
// Plausible findings, batches and keys for tests.
#pragma once

#include "collector/store/arrivals.h"
#include "common/keys/curve_key.h"

#include <minewarden.pb.h>
#include <string>

namespace minewarden::test {

template <class Id>
[[nodiscard]] Id random_id() {
    Id id;
    fill_random(id.bytes);
    return id;
}

/// 2026-01-01T00:00:00Z, the base of sample times.
inline constexpr WallTime new_year{1767225600LL * 1'000'000'000};
[[nodiscard]] constexpr WallTime after(WallTime time, std::int64_t seconds) {
    return {time.ns + seconds * 1'000'000'000};
}

/// A well-formed open finding of random id, version 1, changed at new_year.
[[nodiscard]] wire::Finding sample_finding();
/// Replaces the verdict record and its digest.
void set_record(wire::Finding& finding, std::string record);

/// A batch of sample findings with sequences first..last.
[[nodiscard]] wire::FromAgent sample_batch(const StreamId& stream, std::uint64_t first,
                                           std::uint64_t last);

/// Findings as the intake passes them. Owns the bytes.
class SampleDelivery {
  public:
    explicit SampleDelivery(collector::StreamKey stream) : delivery_{stream, {}} {}
    SampleDelivery& add(std::uint64_t sequence, const wire::Finding& finding);
    SampleDelivery& add(std::uint64_t sequence, decltype(collector::Record::body) body);
    [[nodiscard]] collector::Delivery get() const { return delivery_; }

  private:
    collector::Delivery delivery_;
    std::vector<std::shared_ptr<std::string>> records_;
};

[[nodiscard]] collector::Opening sample_opening(const collector::StreamKey& stream,
                                                std::string name = "web-1");

} // namespace minewarden::test
