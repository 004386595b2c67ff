// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"
#include "common/host/boot.h"

#include <nlohmann/json.hpp>

namespace minewarden::agent {

std::string to_json(const std::vector<Feature>& features) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Feature& feature : features) {
        nlohmann::ordered_json item;
        item["feature"] = feature.name;
        item["needed_by"] = feature.needed_by;
        item["verdict"] = feature.works ? "works" : "missing";
        item["source"] = feature.source;
        item["detail"] = feature.detail;
        item["remedy"] = feature.remedy;
        list.push_back(std::move(item));
    }
    nlohmann::ordered_json root;
    root["kernel"] = kernel_release();
    root["features"] = std::move(list);
    return root.dump(2) + "\n";
}

} // namespace minewarden::agent
