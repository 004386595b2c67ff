// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_words.h"

#include "cli/phrase.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace minewarden::cli {
namespace {

struct Word {
    std::string_view name;
    Phrase phrase;
};

constexpr std::array<Word, 3> certainties{{
    {"suspected", {"suspected", "疑似"}},
    {"probable", {"probable", "很可能"}},
    {"confirmed", {"confirmed", "已确认"}},
}};

constexpr std::array<Word, 2> states{{
    {"open", {"open", "进行中"}},
    {"closed", {"closed", "已结束"}},
}};

constexpr std::array<Word, 5> subject_kinds{{
    {"process", {"process", "进程"}},
    {"host", {"whole host", "整台主机"}},
    {"workload", {"workload", "工作负载"}},
    {"network-namespace", {"network namespace", "网络命名空间"}},
    {"gpu", {"GPU", "GPU"}},
}};

constexpr std::array<Word, 5> attributes{{
    {"actor", {"actor", "行为人"}},
    {"algorithm", {"algorithm", "算法"}},
    {"chain", {"chain", "链"}},
    {"client", {"client", "客户端"}},
    {"role", {"role", "角色"}},
}};

constexpr std::array<Word, 9> families{{
    {"protocol", {"protocol", "协议"}},
    {"destination", {"destination", "目的地址"}},
    {"flow-shape", {"flow-shape", "流量形态"}},
    {"compute", {"compute", "计算"}},
    {"memory", {"memory", "内存"}},
    {"preparation", {"preparation", "准备行为"}},
    {"provenance", {"provenance", "程序来源"}},
    {"concealment", {"concealment", "隐藏行为"}},
    {"load", {"load", "负载"}},
}};

constexpr std::array<Word, 5> reasons{{
    {"evidence-ended", {"there is no more evidence for it", "相关证据已不再出现"}},
    {"process-exited", {"the process exited", "进程已退出"}},
    {"program-replaced", {"the process became another program", "进程已执行其他程序"}},
    {"process-gone",
     {"the process ended while the agent was not running", "探针未运行期间进程已结束"}},
    {"host-rebooted", {"the host rebooted", "主机已重启"}},
}};

std::string look_up(std::span<const Word> words, const std::string& name, Language language) {
    const auto found = std::ranges::find(words, name, &Word::name);
    return found == words.end() ? name : found->phrase.in(language);
}

} // namespace

std::string certainty_word(const std::string& name, Language language) {
    return look_up(certainties, name, language);
}

std::string state_word(const std::string& name, Language language) {
    return look_up(states, name, language);
}

std::string family_word(const std::string& name, Language language) {
    return look_up(families, name, language);
}

std::string subject_kind_word(const std::string& name, Language language) {
    return look_up(subject_kinds, name, language);
}

std::string attribute_word(const std::string& name, Language language) {
    return look_up(attributes, name, language);
}

std::string reason_sentence(const std::string& name, Language language) {
    return look_up(reasons, name, language);
}

} // namespace minewarden::cli
