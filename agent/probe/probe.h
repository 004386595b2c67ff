// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace minewarden::agent {

/// One thing a kernel may or may not offer, tried for real.
struct Feature {
    std::string_view name;
    std::string_view needed_by; ///< what does not work without it
    bool works = false;
    std::string detail; ///< what was found, or the kernel's own words
    std::string remedy; ///< the next step if it does not work
    /// Which of several ways works here, the same text on every host with this kernel; "" if there
    /// is only one.
    std::string source = {};
};

/// Tries every feature; loads and attaches programs for a moment. Needs root for a true picture.
[[nodiscard]] std::vector<Feature> probe_features();

[[nodiscard]] std::string to_table(const std::vector<Feature>& features);
[[nodiscard]] std::string to_json(const std::vector<Feature>& features);

} // namespace minewarden::agent
