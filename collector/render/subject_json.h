// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <minewarden.pb.h>

namespace minewarden::collector {

/// The subject of a finding. `notes`: sentences in en and zh about what is uncertain or unusual.
/// Texts from hosts are not escaped.
[[nodiscard]] nlohmann::json render_subject(const wire::Subject& subject);

} // namespace minewarden::collector
