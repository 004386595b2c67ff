// SPDX-License-Identifier: Apache-2.0
#include "collector/store/store_status.h"

namespace minewarden::collector {

std::string_view to_string(DataClass data) {
    static constexpr std::array<std::string_view, data_classes> names{
        "findings", "gaps", "visibility", "rule_sets", "agents"};
    return names.at(static_cast<std::size_t>(data));
}

} // namespace minewarden::collector
