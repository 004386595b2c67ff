// SPDX-License-Identifier: Apache-2.0
#include "cli/visibility_view.h"

#include "cli/json_text.h"
#include "cli/phrase.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace minewarden::cli {
namespace {

using nlohmann::json;

std::string reason_text(const json& record, Language language) {
    std::string reason = text_at(record, "reason");
    if (reason == "silent")
        return Phrase{"silent: no heartbeat for three intervals", "失联：连续三个心跳周期没有心跳"}
            .in(language);
    if (reason == "stopped")
        return Phrase{"stopped: its agent was shut down", "已停止：探针已关闭"}.in(language);
    if (reason == "over-quota")
        return Phrase{"over its quota: what it sends now is refused and will be sent later",
                      "超出配额：当前发送的数据被拒绝，稍后补发"}
            .in(language);
    if (reason == "capability-degraded") {
        const std::string problem = text_at(record, "detail");
        return Phrase{"seen in part, capability {}: {}", "部分可见，观测能力 {}：{}"}.with(
            language, text_at(record, "place"), problem);
    }
    return reason;
}

std::string end_text(const json& record, Language language) {
    std::string end = text_at(record, "ended_by");
    if (end == "heard") return Phrase{"heard again", "恢复心跳"}.in(language);
    if (end == "recovered") return Phrase{"works again", "恢复正常"}.in(language);
    if (end == "revoked") return Phrase{"key revoked", "密钥已撤销"}.in(language);
    return end;
}

std::string show(const json& records, bool open, const Phrase& heading, Language language,
                 std::size_t most) {
    std::vector<const json*> shown;
    for (const json& record : records)
        if ((text_at(record, "state") == "open") == open) shown.push_back(&record);
    if (shown.empty()) return {};
    std::string text = heading.in(language);
    const std::size_t listed = std::min(shown.size(), most);
    for (std::size_t i = 0; i < listed; ++i) text += "  " + visibility_line(*shown[i], language);
    if (listed < shown.size())
        text += Phrase{"  ({} earlier ones omitted; all: minewarden status -o json)\n",
                       "  （略去更早的 {} 条；全部见 minewarden status -o json）\n"}
                    .with(language, shown.size() - listed);
    return text;
}

} // namespace

std::string visibility_line(const json& record, Language language) {
    const std::string name = text_at(record, "agent.name");
    const std::string since = text_at(record, "since");
    const std::string until = text_at(record, "until");
    const std::string reason = reason_text(record, language);
    if (until.empty())
        return Phrase{"! {}  since {}  {}\n", "! {}  自 {} 起  {}\n"}.with(language, name, since,
                                                                           reason);
    return Phrase{"- {}  {} to {}  {} ({})\n", "- {}  {} 至 {}  {}（{}）\n"}.with(
        language, name, since, until, reason, end_text(record, language));
}

std::string show_open_visibility(const json& records, Language language, std::size_t most) {
    return show(records, true, {"Not seen now, fully or in part:\n", "当前不可见或部分可见：\n"},
                language, most);
}

std::string show_closed_visibility(const json& records, Language language, std::size_t most) {
    return show(records, false, {"Not seen before:\n", "此前不可见的时段：\n"}, language, most);
}

} // namespace minewarden::cli
