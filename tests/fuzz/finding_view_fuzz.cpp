// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_view.h"
#include "cli/findings_csv.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

using namespace minewarden;

/// What the client makes of an answer. Texts of hosts are in it: no control character may pass.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto json = nlohmann::json::parse(data, data + size, nullptr, false);
    if (json.is_discarded()) return 0;
    for (const Language language : {Language::en, Language::zh}) {
        const cli::ViewStyle style{language, false, 140};
        for (const std::string& text : {cli::show_finding(json, style), cli::table_row(json, style),
                                        cli::csv_row(json), cli::visibility_csv_row(json)})
            for (const char c : text)
                if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r') || c == 0x7f)
                    __builtin_trap();
    }
    return 0;
}
