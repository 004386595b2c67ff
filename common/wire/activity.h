// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace minewarden {

/// One activity of common/wire/activities.yaml.
class Activity {
  public:
    /// nullopt if the list does not have this name.
    [[nodiscard]] static std::optional<Activity> find(std::string_view name);
    [[nodiscard]] static std::vector<Activity> all();
    /// The activity "unknown".
    [[nodiscard]] static Activity unknown();

    [[nodiscard]] const std::string& name() const;
    [[nodiscard]] const LocalizedText& title() const;
    /// True if the activity equals `prefix` or is below it: "mining" covers "mining.pow.cpu".
    [[nodiscard]] bool is_under(std::string_view prefix) const;

    auto operator<=>(const Activity&) const = default;

  private:
    explicit Activity(std::uint16_t index) : index_(index) {}
    std::uint16_t index_;
};

/// All names, for did_you_mean().
[[nodiscard]] const std::vector<std::string_view>& activity_names();

} // namespace minewarden
