// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/router.h"
#include "collector/store/fleet.h"
#include "common/clock.h"

#include <optional>
#include <span>

namespace minewarden::collector {

/// Reads the typed parameters of a query. Reports invalid values with what was expected, unknown
/// parameters, and duplicates.
class QueryReader {
  public:
    explicit QueryReader(const Request& request) : request_(request) {}

    std::optional<std::string> text(std::string_view name);
    /// RFC 3339, a date, or an age such as 2h.
    std::optional<WallTime> time(std::string_view name);
    std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least,
                                        std::uint64_t most);
    std::optional<bool> boolean(std::string_view name);
    /// The position among `choices`.
    std::optional<std::size_t> choice(std::string_view name,
                                      std::span<const std::string_view> choices);
    /// An activity or a prefix of one.
    std::optional<std::string> activity(std::string_view name);
    /// An agent by its name, its key, or a prefix of the key's fingerprint.
    std::optional<CurvePublicKey> agent(std::string_view name, FleetQueries& store);
    /// A cursor from an earlier response.
    std::optional<Cursor> cursor(std::string_view name);

    void report(std::string_view name, std::string detail);
    /// The first problem, if any. Call it after reading all parameters.
    std::optional<Problem> finish();

  private:
    const Request& request_;
    std::vector<std::string_view> known_;
    std::optional<Problem> problem_;
};

/// The response for an error of the store.
[[nodiscard]] Response store_failed(const Error& error);

} // namespace minewarden::collector
