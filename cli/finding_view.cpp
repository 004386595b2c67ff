// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_view.h"

#include "cli/finding_words.h"
#include "cli/json_text.h"
#include "cli/phrase.h"
#include "common/text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unistd.h>
#include <vector>

namespace minewarden::cli {
namespace {

using nlohmann::json;

/// The member of this name; null if there is none, or `value` is not an object.
const json& member(const json& value, const char* key) {
    static const json nothing;
    if (!value.is_object()) return nothing;
    const auto found = value.find(key);
    return found == value.end() ? nothing : *found;
}

/// The elements of the list member of this name; empty if it is not a list.
const json::array_t& list_at(const json& value, const char* key) {
    static const json::array_t nothing;
    const json& list = member(value, key);
    return list.is_array() ? list.get_ref<const json::array_t&>() : nothing;
}

std::string localized_at(const json& value, const std::string& path, Language language) {
    return text_at(value, path + (language == Language::zh ? ".zh" : ".en"));
}

/// Thousandths of a nat as nats with one decimal, without floating point: 15999 -> "+16.0".
std::string nats(std::int64_t milli_nats) {
    const auto size = milli_nats < 0 ? -static_cast<std::uint64_t>(milli_nats)
                                     : static_cast<std::uint64_t>(milli_nats);
    const std::uint64_t tenths = size / 100 + (size % 100 + 50) / 100;
    return fmt::format("{}{}.{}", milli_nats < 0 ? '-' : '+', tenths / 10, tenths % 10);
}

/// Adds colours if `on`.
struct Paint {
    bool on;
    [[nodiscard]] std::string operator()(const char* code, const std::string& text) const {
        return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }
};

const char* certainty_colour(const std::string& name) {
    if (name == "confirmed") return "1;31";
    if (name == "probable") return "1;33";
    return "1;36";
}

/// Length in bytes of the character that starts with this byte of valid UTF-8.
std::size_t utf8_length(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte < 0x80) return 1;
    if (byte < 0xe0) return 2;
    return byte < 0xf0 ? 3 : 4;
}

constexpr std::string_view closing_glyphs = "”）》。，、；："; // never start a line
constexpr std::string_view opening_glyphs = "“（《";           // never end a line

bool contains(std::string_view glyphs, std::string_view glyph) {
    return glyphs.find(glyph) != std::string_view::npos;
}

/// Breaks lines at spaces and between wide characters. Indents every line.
std::string wrap(const std::string& text, std::size_t indent, std::size_t columns) {
    const std::size_t width = columns > indent + 20 ? columns - indent : 20;
    std::string lines;
    std::string line;
    std::string word;
    const auto flush_line = [&] {
        if (!line.empty()) lines += std::string(indent, ' ') + line + "\n";
        line.clear();
    };
    const auto flush_word = [&](bool space_before) {
        if (word.empty()) return;
        const std::size_t needed =
            display_width(line) + display_width(word) + (space_before ? 1 : 0);
        if (needed > width) flush_line();
        if (!line.empty() && space_before) line += ' ';
        line += word;
        word.clear();
    };
    bool space_before = false;
    bool after_opening = false; // the last glyph may not end a line
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text[i]);
        if (text[i] == ' ') {
            flush_word(space_before);
            space_before = true;
            after_opening = false;
        } else if (length >= 3) { // East Asian: no spaces between words
            const std::string glyph = text.substr(i, length);
            if (contains(closing_glyphs, glyph) && word.empty() && !line.empty()) {
                line += glyph; // one column too far, but not at the start of a line
            } else {
                if (!after_opening && !contains(closing_glyphs, glyph)) {
                    if (!word.empty()) {
                        flush_word(space_before);
                        space_before = false;
                    }
                    space_before = space_before && !line.empty();
                }
                word += glyph;
                after_opening = contains(opening_glyphs, glyph);
                if (!after_opening) {
                    flush_word(space_before);
                    space_before = false;
                }
            }
        } else {
            word += text.substr(i, length);
            after_opening = false;
        }
        i += length;
    }
    flush_word(space_before);
    flush_line();
    return lines;
}

/// The subject in short: "42 name" of a process, "whole host", "workload 1234".
std::string subject_phrase(const json& finding, Language language) {
    const std::string kind = text_at(finding, "subject.kind");
    if (kind == "process")
        return fmt::format("{} {}", text_at(finding, "subject.pid"),
                           text_at(finding, "subject.command"));
    std::string phrase = subject_kind_word(kind, language);
    for (const char* key : {"cgroup_id", "inode", "pci_address"}) {
        if (const std::string id = text_at(finding, fmt::format("subject.{}", key)); !id.empty())
            phrase += " " + id;
    }
    return phrase;
}

class FindingText {
  public:
    FindingText(const json& finding, const ViewStyle& style)
        : finding_(finding), style_(style), language_(style.language), paint_{style.colour} {}

    std::string build() {
        add_head();
        add_newer();
        add_subject();
        add_evidence("for", {"Evidence for it", "支持的证据"});
        add_evidence("against", {"Evidence against it", "反对的证据"});
        add_settlements();
        add_sum();
        return std::move(text_);
    }

  private:
    void add_head() {
        const std::string certainty = text_at(finding_, "certainty");
        const std::string title = localized_at(finding_, "activity_title", language_);
        text_ +=
            fmt::format("{}  {}  {}\n", paint_("1", text_at(finding_, "activity")), title,
                        paint_(certainty_colour(certainty), certainty_word(certainty, language_)));
        const std::string state = text_at(finding_, "state");
        constexpr Phrase life{"Finding {}, version {}: {} since {}\n",
                              "检出 {}，第 {} 版：{}，始于 {}\n"};
        text_ += life.with(language_, text_at(finding_, "id"), text_at(finding_, "version"),
                           state_word(state, language_), text_at(finding_, "opened_at"));
        constexpr Phrase closed{"Closed {}: {}\n", "结束于 {}：{}\n"};
        if (state == "closed")
            text_ += closed.with(language_, text_at(finding_, "changed_at"),
                                 reason_sentence(text_at(finding_, "close_reason"), language_));
        add_recomputation();
        text_ += "\n";
    }

    /// Shown only without a match: the reader must know it before trusting the rest.
    void add_recomputation() {
        const json& recomputed = member(finding_, "recomputed");
        const std::string result = text_at(recomputed, "result");
        if (!recomputed.is_object() || result == "matched") return;
        if (result != "mismatched") {
            constexpr Phrase failed{"The collector could not recompute this verdict: {}\n",
                                    "采集端无法重新计算该结论：{}\n"};
            text_ += failed.with(language_, text_at(recomputed, "problem"));
            return;
        }
        constexpr Phrase differs{
            "NOT REPRODUCED: the collector recomputed this verdict from its evidence and got "
            "another result. Check the agent and its host before you act on it.",
            "结论无法重现：采集端根据其证据重新计算，结果不一致。请先检查该探针及其主机，核实前不要"
            "据此处置。"};
        text_ += paint_("1;31", wrap(differs.in(language_), 0, style_.columns));
        constexpr Phrase field{"  {}: reported \"{}\", recomputed \"{}\"\n",
                               "  {}：上报为“{}”，重新计算为“{}”\n"};
        for (const json& difference : list_at(recomputed, "differences"))
            text_ += field.with(language_, text_at(difference, "field"),
                                text_at(difference, "reported"), text_at(difference, "recomputed"));
    }

    void add_newer() {
        if (member(finding_, "newer").empty()) return;
        constexpr Phrase newer{
            "Written by a newer version of minewarden. This version can read only what follows; {}",
            "由较新版本的 minewarden 生成。以下为本版本能够识别的内容；{}"};
        text_ +=
            wrap(newer.with(language_, text_at(finding_, "record_problem")), 0, style_.columns) +
            "\n";
    }

    void line(const Phrase& label, const std::string& value) {
        if (value.empty()) return;
        text_ += fmt::format("  {}  {}\n", fit_to_width(label.in(language_), 9), value);
    }

    void add_subject() {
        const std::string kind = text_at(finding_, "subject.kind");
        if (kind == "process")
            add_process();
        else
            line({"Subject", "对象"}, subject_phrase(finding_, language_));
        line({"Workload", "工作负载"}, text_at(finding_, "subject.workload.label"));
        if (text_at(finding_, "subject.workload.path") !=
            text_at(finding_, "subject.workload.label"))
            line({"Cgroup", "控制组"}, text_at(finding_, "subject.workload.path"));
        add_notes();
        constexpr Phrase host{"{} (agent {})", "{}（探针 {}）"};
        line({"Host", "主机"},
             host.with(language_, text_at(finding_, "agent.name"), text_at(finding_, "agent.key")));
        add_attributes();
    }

    /// What is uncertain or unusual about the subject.
    void add_notes() {
        for (const json& each : list_at(member(finding_, "subject"), "notes")) {
            const std::string lines =
                wrap(localized_at(each, "text", language_), 13, style_.columns);
            if (lines.empty()) continue;
            line({"Note", "说明"}, lines.substr(13, lines.size() - 14));
        }
    }

    void add_attributes() {
        std::string shown;
        for (const auto& [name, value] : member(finding_, "attributes").items()) {
            if (!value.is_string()) continue;
            shown +=
                fmt::format("{}{} {}", shown.empty() ? "" : ", ", attribute_word(name, language_),
                            escape_for_terminal(value.get_ref<const std::string&>()));
        }
        line({"Details", "属性"}, shown);
    }

    void add_process() {
        // A container's PID namespace numbers it differently.
        const std::string inside = text_at(finding_, "subject.pid_inside");
        constexpr Phrase inside_its_namespace{", {} in its own namespace", "，其命名空间内为 {}"};
        line({"Process", "进程"},
             fmt::format("{} (pid {}{}, uid {})  {}", text_at(finding_, "subject.command"),
                         text_at(finding_, "subject.pid"),
                         inside.empty() ? "" : inside_its_namespace.with(language_, inside),
                         text_at(finding_, "subject.user_id"),
                         text_at(finding_, "subject.executable")));
        line({"Started", "启动时间"}, text_at(finding_, "subject.started_at"));
    }

    void heading(const Phrase& phrase) { text_ += "\n" + paint_("1", phrase.in(language_)) + "\n"; }

    void add_evidence(const std::string& side, const Phrase& title) {
        bool any = false;
        for (const json& item : list_at(finding_, "evidence")) {
            if (text_at(item, "side") != side) continue;
            if (!any) heading(title);
            any = true;
            const std::string name = localized_at(item, "title", language_);
            text_ += fmt::format("  {:>5}  {}  {}\n", nats(integer_at(item, "counts")),
                                 fit_to_width(family_word(text_at(item, "family"), language_), 11),
                                 name.empty() ? text_at(item, "rule") : name);
            std::string detail = localized_at(item, "text", language_);
            if (detail.empty()) detail = observed_text(item);
            text_ += wrap(detail + age_note(item), 9, style_.columns);
        }
        if (!any && side == "against") {
            heading(title);
            text_ += fmt::format("  {}\n", Phrase{"none was seen", "未观察到"}.in(language_));
        }
    }

    /// The observed values, if the collector does not have the rule and so no text.
    static std::string observed_text(const json& item) {
        std::string text;
        const json& observed = member(item, "observed");
        for (const auto& [key, value] : observed.items())
            text += fmt::format(
                "{}{} = {}", text.empty() ? "" : ", ", escape_for_terminal(key),
                escape_for_terminal(value.is_string() ? value.get<std::string>() : value.dump()));
        return text;
    }

    [[nodiscard]] std::string age_note(const json& item) const {
        const std::int64_t age = integer_at(item, "age");
        std::string note;
        const std::int64_t entities = integer_at(item, "entities");
        constexpr Phrase several{" Seen on {} threads or connections.", "（共 {} 个线程或连接）"};
        constexpr Phrase aged{" Last seen {} window(s) ago, so it counts less.",
                              "（{} 个窗口前最后出现，权重已衰减）"};
        constexpr Phrase not_added{" Not added: of its group only the strongest evidence counts.",
                                   "（同组证据只计最强的一项，此项不累加）"};
        if (entities > 1) note += several.with(language_, entities);
        if (!text_at(item, "group").empty() && integer_at(item, "counts") == 0)
            note += not_added.in(language_);
        else if (age > 0)
            note += aged.with(language_, age);
        return note;
    }

    void add_settlements() {
        const json::array_t& settle = list_at(finding_, "settle");
        if (settle.empty()) return;
        heading({"What would settle it", "可据以定论的信息"});
        for (const json& item : settle) {
            std::string wrapped = wrap(localized_at(item, "text", language_), 4, style_.columns);
            if (wrapped.size() <= 4) continue; // there is no text
            wrapped.replace(2, 1, "-");
            text_ += wrapped;
        }
    }

    void add_sum() {
        const json& score = member(finding_, "score");
        if (score.empty()) return;
        heading({"How it adds up (log-odds in nats; 0 is even odds)",
                 "评分构成（对数几率，单位奈特；0 表示各半）"});
        std::string sum = fmt::format("  {} {}", Phrase{"prior", "先验"}.in(language_),
                                      nats(integer_at(score, "prior")));
        const json& families = member(score, "families");
        for (const auto& [family, value] : families.items())
            sum += fmt::format("   {} {}", family_word(escape_for_terminal(family), language_),
                               nats(value.is_number_integer() ? value.get<std::int64_t>() : 0));
        text_ += sum + fmt::format("   = {}\n", nats(integer_at(score, "log_odds")));
        if (const json& least = member(score, "thresholds"); least.is_object()) {
            constexpr Phrase thresholds{
                "  suspected from {}, probable from {}, confirmed from {} with two independent "
                "families\n",
                "  ≥ {} 为疑似，≥ {} 为很可能，≥ {} 且有两类独立证据方为已确认\n"};
            text_ += thresholds.with(language_, nats(integer_at(least, "suspected")),
                                     nats(integer_at(least, "probable")),
                                     nats(integer_at(least, "confirmed")));
        }
        // These are not the figures that led to the certainty above.
        if (text_at(finding_, "close_reason") == "evidence-ended") {
            constexpr Phrase closed{
                "These are the figures at closing; \"{}\" was reached before. All versions: "
                "minewarden findings {} -o json",
                "以上为结束时的数值，此前曾达到“{}”。全部版本见 minewarden findings {} -o "
                "json"};
            text_ += wrap(closed.with(language_,
                                      certainty_word(text_at(finding_, "certainty"), language_),
                                      text_at(finding_, "id").substr(0, 8)),
                          2, style_.columns);
        }
        constexpr Phrase check{"\nCheck it: minewarden findings {} --verify\nRecord sha256 {}\n",
                               "\n复核：minewarden findings {} --verify\n记录 sha256 {}\n"};
        text_ += check.with(language_, text_at(finding_, "id").substr(0, 8),
                            text_at(finding_, "record_sha256"));
    }

    const json& finding_;
    const ViewStyle& style_;
    Language language_;
    Paint paint_;
    std::string text_;
};

struct Column {
    Phrase title;
    std::size_t width;
    std::size_t shown_from; ///< least terminal width
};
constexpr std::array<Column, 8> columns{{
    {{"FINDING", "编号"}, 8, 0},
    {{"CERTAINTY", "置信度"}, 9, 0},
    {{"STATE", "状态"}, 6, 0},
    {{"ACTIVITY", "活动"}, 18, 0},
    {{"PROCESS", "进程"}, 17, 0},
    {{"SINCE", "始于"}, 17, 0},
    {{"HOST", "主机"}, 16, 100},
    {{"WORKLOAD", "工作负载"}, 30, 130},
}};

} // namespace

ViewStyle style_of_terminal(Language language) {
    ViewStyle style;
    style.language = language;
    if (::isatty(STDOUT_FILENO) == 0) {
        style.columns = 120;
        return style;
    }
    const char* no_colour = std::getenv("NO_COLOR");
    style.colour = no_colour == nullptr || *no_colour == '\0';
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        style.columns = size.ws_col;
    return style;
}

std::string show_finding(const json& finding, const ViewStyle& style) {
    return FindingText(finding, style).build();
}

std::string table_header(const ViewStyle& style) {
    std::string line;
    for (const Column& column : columns) {
        if (style.columns < column.shown_from) continue;
        line += fit_to_width(column.title.in(style.language), column.width) + " ";
    }
    return std::string(line, 0, line.find_last_not_of(' ') + 1) + "\n";
}

/// Of a version whose verdict was not reproduced, or could not be recomputed.
std::string recomputation_mark(const json& finding, Language language) {
    const std::string result = text_at(finding, "recomputed.result");
    if (result.empty() || result == "matched") return {};
    if (result == "mismatched")
        return Phrase{"! NOT REPRODUCED: its evidence does not give this verdict",
                      "! 结论无法重现：其证据得不出该结论"}
            .in(language);
    constexpr Phrase failed{"! Not recomputed: {}", "! 未能重新计算：{}"};
    return failed.with(language, text_at(finding, "recomputed.problem"));
}

std::string table_row(const json& finding, const ViewStyle& style) {
    const std::string certainty = text_at(finding, "certainty");
    const std::string opened = text_at(finding, "opened_at");
    const std::array<std::string, columns.size()> cells{
        text_at(finding, "id"),
        certainty_word(certainty, style.language),
        state_word(text_at(finding, "state"), style.language),
        text_at(finding, "activity"),
        subject_phrase(finding, style.language),
        opened.size() >= 16 ? opened.substr(0, 10) + " " + opened.substr(11, 5) + "Z" : opened,
        text_at(finding, "agent.name"),
        text_at(finding, "subject.workload.label"),
    };
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (style.columns < columns[i].shown_from) continue;
        // The id is cut without a mark, because its first digits are enough to name it.
        std::string cell = i == 0 ? cells[0].substr(0, columns[0].width)
                                  : fit_to_width(cells[i], columns[i].width);
        if (i == 1) cell = Paint{style.colour}(certainty_colour(certainty), cell);
        line += cell + " ";
    }
    std::string row(line, 0, line.find_last_not_of(' ') + 1);
    const std::string mark = recomputation_mark(finding, style.language);
    if (!mark.empty()) row += "\n         " + Paint{style.colour}("1;31", mark);
    return row + "\n";
}

} // namespace minewarden::cli
