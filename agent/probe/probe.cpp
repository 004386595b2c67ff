// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"

#include "common/host/boot.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace minewarden::agent {
namespace {

std::string_view verdict_of(Coverage coverage) {
    switch (coverage) {
    case Coverage::full:
        return "works";
    case Coverage::partial:
        return "degraded";
    case Coverage::none:
        break;
    }
    return "missing";
}

} // namespace

std::string to_table(const std::vector<Capability>& capabilities) {
    std::string text = fmt::format("kernel {}\n\n", kernel_release());
    const auto line = [&text](std::string_view label, std::string_view value) {
        if (!value.empty()) text += fmt::format("{:<28} {}{}\n", "", label, value);
    };
    text += fmt::format("{:<19} {:<8} {}\n", "CAPABILITY", "VERDICT", "NEEDED BY / FOUND");
    bool all = true;
    for (const Capability& capability : capabilities) {
        all = all && capability.coverage == Coverage::full;
        text += fmt::format("{:<19} {:<8} {}\n", capability.name, verdict_of(capability.coverage),
                            capability.purpose);
        line("by ", capability.source);
        line("", capability.detail);
        line("problem: ", capability.problem);
        line("what helps: ", capability.remedy);
    }
    text += all ? "\nEverything works here.\n"
                : "\nThe agent runs without what is missing, and reports it.\n";
    return text;
}

std::string to_json(const std::vector<Capability>& capabilities) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Capability& capability : capabilities) {
        list.push_back({{"capability", capability.name},
                        {"needed_by", capability.purpose},
                        {"verdict", verdict_of(capability.coverage)},
                        {"source", capability.source},
                        {"detail", capability.detail},
                        {"problem", capability.problem},
                        {"remedy", capability.remedy}});
    }
    const nlohmann::ordered_json root{{"kernel", kernel_release()},
                                      {"capabilities", std::move(list)}};
    return root.dump(2) + "\n";
}

} // namespace minewarden::agent
