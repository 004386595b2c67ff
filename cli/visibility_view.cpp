// SPDX-License-Identifier: Apache-2.0
#include "cli/visibility_view.h"

#include "cli/phrase.h"
#include "common/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace minewarden::cli {
namespace {

using nlohmann::json;

std::string text_of(const json& value, const char* key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_string()
               ? escape_for_terminal(found->get_ref<const std::string&>())
               : std::string();
}

std::string agent_of(const json& record, const char* key) {
    return text_of(record.value("agent", json::object()), key);
}

std::string reason_text(const json& record, Language language) {
    std::string reason = text_of(record, "reason");
    if (reason == "silent")
        return Phrase{"silent: no heartbeat for three of its intervals",
                      "失联：连续三个心跳周期没有心跳"}
            .in(language);
    if (reason == "stopped")
        return Phrase{"stopped: its agent was told to stop", "已停止：代理被要求停止"}.in(language);
    if (reason == "capability-degraded") {
        const std::string problem = text_of(record, "detail");
        return Phrase{"seen in part, sensor {}: {}", "部分可见，传感器 {}：{}"}.with(
            language, text_of(record, "place"), problem);
    }
    return reason;
}

std::string end_text(const json& record, Language language) {
    std::string end = text_of(record, "ended_by");
    if (end == "heard") return Phrase{"heard again", "恢复心跳"}.in(language);
    if (end == "recovered") return Phrase{"works again", "恢复正常"}.in(language);
    if (end == "revoked") return Phrase{"key revoked", "密钥已撤销"}.in(language);
    return end;
}

std::string show(const json& records, bool open, const Phrase& heading, Language language,
                 std::size_t most) {
    std::vector<const json*> shown;
    for (const json& record : records)
        if ((text_of(record, "state") == "open") == open) shown.push_back(&record);
    if (shown.empty()) return {};
    std::string text = heading.in(language);
    const std::size_t listed = std::min(shown.size(), most);
    for (std::size_t i = 0; i < listed; ++i) text += "  " + visibility_line(*shown[i], language);
    if (listed < shown.size())
        text += Phrase{"  ({} earlier ones left out; minewarden status -o json has all)\n",
                       "  （略去更早的 {} 条；全部见 minewarden status -o json）\n"}
                    .with(language, shown.size() - listed);
    return text;
}

} // namespace

std::string visibility_line(const json& record, Language language) {
    const std::string name = agent_of(record, "name");
    const std::string since = text_of(record, "since");
    const std::string until = text_of(record, "until");
    const std::string reason = reason_text(record, language);
    if (until.empty())
        return Phrase{"! {}  since {}  {}\n", "! {}  自 {} 起  {}\n"}.with(language, name, since,
                                                                           reason);
    return Phrase{"- {}  {} to {}  {} ({})\n", "- {}  {} 至 {}  {}（{}）\n"}.with(
        language, name, since, until, reason, end_text(record, language));
}

std::string show_open_visibility(const json& records, Language language, std::size_t most) {
    return show(records, true, {"Not seen now, wholly or in part:\n", "当前不可见或部分可见：\n"},
                language, most);
}

std::string show_closed_visibility(const json& records, Language language, std::size_t most) {
    return show(records, false, {"Not seen before:\n", "此前不可见的时段：\n"}, language, most);
}

} // namespace minewarden::cli
