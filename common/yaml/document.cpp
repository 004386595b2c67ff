// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/document.h"

#include "common/text.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <stack>

namespace minewarden::yaml {
namespace {

Mark to_mark(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

/// Thrown to stop yaml-cpp's parser; caught in parse().
struct Refusal {
    Mark mark;
    std::string message;
};

/// Builds the tree from yaml-cpp's events. Moves each value into its parent when it ends.
class TreeBuilder final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        Node node;
        node.mark = to_mark(mark);
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw Refusal{to_mark(mark), "aliases (*name) are not allowed"};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        if (tag != "?" && tag != "!") refuse_tag(mark, tag);
        Node node;
        node.mark = to_mark(mark);
        node.scalar = value;
        node.quoted = tag == "!";
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, NodeKind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, NodeKind::map);
    }
    void OnMapEnd() override { close(); }

    [[nodiscard]] bool has_root() const { return has_root_; }
    Node take_root() { return std::move(root_); }

  private:
    struct Level {
        Node node;
        std::set<std::string> keys;
        bool has_key = false; // the key of a map was read, its value comes next
    };

    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) throw Refusal{to_mark(mark), "anchors (&name) are not allowed"};
    }
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        throw Refusal{to_mark(mark), fmt::format("tags ({}) are not allowed", tag)};
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              NodeKind kind) {
        refuse_anchor(mark, anchor);
        if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(mark, tag);
        if (levels_.size() >= maximum_depth)
            throw Refusal{to_mark(mark),
                          fmt::format("nested deeper than {} levels", maximum_depth)};
        Level level;
        level.node.kind = kind;
        level.node.mark = to_mark(mark);
        levels_.push(std::move(level));
    }

    void close() {
        Node node = std::move(levels_.top().node);
        levels_.pop();
        add(std::move(node));
    }

    void add(Node node) {
        if (++nodes_ > maximum_nodes)
            throw Refusal{node.mark, fmt::format("more than {} values", maximum_nodes)};
        if (levels_.empty()) {
            root_ = std::move(node);
            has_root_ = true;
            return;
        }
        Level& level = levels_.top();
        if (level.node.kind == NodeKind::sequence) {
            level.node.items.push_back(std::move(node));
        } else if (!level.has_key) {
            if (node.kind != NodeKind::scalar) throw Refusal{node.mark, "a key must be text"};
            if (!level.keys.insert(node.scalar).second)
                throw Refusal{node.mark, fmt::format("duplicate key \"{}\"", node.scalar)};
            level.node.entries.push_back({std::move(node.scalar), node.mark, {}});
            level.has_key = true;
        } else {
            level.node.entries.back().value = std::move(node);
            level.has_key = false;
        }
    }

    std::stack<Level> levels_;
    Node root_;
    bool has_root_ = false;
    std::size_t nodes_ = 0;
};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Offset of a mark in the source.
std::size_t offset_of(std::string_view source, Mark mark) {
    std::size_t at = 0;
    for (int line = 1; line < mark.line; ++line) {
        at = source.find('\n', at);
        if (at == std::string_view::npos) return source.size();
        ++at;
    }
    return std::min(at + static_cast<std::size_t>(mark.column - 1), source.size());
}

Mark mark_of(std::string_view source, std::size_t offset) {
    const std::string_view before = source.substr(0, offset);
    const std::size_t line_start = before.rfind('\n');
    const auto lines = std::ranges::count(before, '\n');
    return {static_cast<int>(lines) + 1,
            static_cast<int>(offset - (line_start == before.npos ? 0 : line_start + 1)) + 1};
}

/// Number of source characters for the next character of a quoted scalar; more than one for an
/// escape.
std::size_t quoted_step(std::string_view rest, char quote) {
    if (quote == '\'' && rest.starts_with("''")) return 2;
    if (quote != '"' || rest.front() != '\\' || rest.size() < 2) return 1;
    switch (rest[1]) { // YAML 1.2, 5.7
    case 'x':
        return 4;
    case 'u':
        return 6;
    case 'U':
        return 10;
    default:
        return 2;
    }
}

/// True if the quoted scalar at `at` has a closing quote. yaml-cpp accepts the end of the file
/// instead.
bool is_closed(std::string_view source, std::size_t at) {
    const char quote = source[at];
    for (++at; at < source.size(); at += quoted_step(source.substr(at), quote)) {
        if (source[at] == quote && quoted_step(source.substr(at), quote) == 1) return true;
    }
    return false;
}

/// Position of the first forbidden control character, or npos.
std::size_t find_control_character(std::string_view source) {
    for (std::size_t at = 0; at < source.size(); ++at) {
        const auto byte = static_cast<unsigned char>(source[at]);
        if ((byte < 0x20 && !is_blank(source[at])) || byte == 0x7f) return at;
        if (byte == 0xc2 && at + 1 < source.size()) { // U+0080 to U+009F
            const auto next = static_cast<unsigned char>(source[at + 1]);
            if (next >= 0x80 && next < 0xa0 && next != 0x85) return at;
        }
    }
    return std::string_view::npos;
}

/// Position of the first quoted scalar without a closing quote, if any.
std::optional<Mark> find_unclosed_quote(std::string_view source, const Node& node) {
    if (node.kind == NodeKind::scalar && node.quoted) {
        const std::size_t at = offset_of(source, node.mark);
        const bool in_quotes = at < source.size() && (source[at] == '"' || source[at] == '\'');
        if (in_quotes && !is_closed(source, at)) return node.mark;
    }
    for (const Node& item : node.items) {
        if (auto mark = find_unclosed_quote(source, item)) return mark;
    }
    for (const Node::Entry& entry : node.entries) {
        if (auto mark = find_unclosed_quote(source, entry.value)) return mark;
    }
    return std::nullopt;
}

} // namespace

const Node* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &found->value;
}

// Folding changes only white space. So the n-th visible character of the value is the n-th visible
// character of the source after the start of the scalar (for block scalars, after the header line).
Mark Document::locate(const Node& scalar, std::size_t offset) const {
    std::size_t at = offset_of(source, scalar.mark);
    if (at >= source.size()) return scalar.mark;
    char quote = '\0';
    if (source[at] == '|' || source[at] == '>') {
        at = source.find('\n', at);
        if (at == std::string::npos) return scalar.mark;
    } else if (source[at] == '"' || source[at] == '\'') {
        quote = source[at++];
    }
    const std::string_view text = source;
    const std::string_view before = std::string_view(scalar.scalar).substr(0, offset);
    // Count characters, not bytes: an escape can be one character of several bytes.
    const auto is_continuation = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    };
    auto visible =
        std::ranges::count_if(before, [&](char c) { return !is_blank(c) && !is_continuation(c); });
    while (at < text.size()) {
        const std::size_t step = quote == '\0' ? 1 : quoted_step(text.substr(at), quote);
        const bool blank_escape =
            step == 2 && quote == '"' && std::string_view("nt \n").find(text[at + 1]) != text.npos;
        const bool counts = !is_blank(text[at]) && !is_continuation(text[at]) && !blank_escape;
        if (counts && visible-- == 0) break;
        at += step;
    }
    return at >= text.size() ? scalar.mark : mark_of(text, at);
}

Result<Document, Diagnostics> parse(std::string source, std::string file) {
    const auto refuse = [&](Mark mark, std::string message) {
        return fail(Diagnostics{{file, mark, std::move(message)}});
    };
    if (source.size() > maximum_bytes)
        return refuse({}, fmt::format("larger than {} bytes", maximum_bytes));
    if (const std::string valid = to_valid_utf8(source); valid != source) {
        const auto differs = std::ranges::mismatch(source, valid).in1 - source.begin();
        return refuse(mark_of(source, static_cast<std::size_t>(differs)), "not valid UTF-8");
    }
    if (const std::size_t at = find_control_character(source); at != std::string::npos)
        return refuse(mark_of(source, at), "a control character");
    TreeBuilder builder;
    try {
        std::istringstream stream(source);
        YAML::Parser parser(stream);
        if (parser.HandleNextDocument(builder)) {
            TreeBuilder next;
            if (parser.HandleNextDocument(next) && next.has_root())
                return refuse({}, "more than one YAML document");
        }
    } catch (const Refusal& refusal) {
        return refuse(refusal.mark, refusal.message);
    } catch (const YAML::Exception& error) {
        return refuse(to_mark(error.mark), error.msg);
    }
    Document document;
    if (builder.has_root()) document.root = builder.take_root();
    if (const auto unclosed = find_unclosed_quote(source, document.root))
        return refuse(*unclosed, "a quote that is never closed");
    document.file = std::move(file);
    document.source = std::move(source);
    if (document.root.kind == NodeKind::scalar && document.root.scalar.empty())
        document.root.kind = NodeKind::map;
    return document;
}

std::string to_string(const Diagnostic& diagnostic) {
    return fmt::format("{}:{}:{}: {}", escape_for_terminal(diagnostic.file), diagnostic.mark.line,
                       diagnostic.mark.column, escape_for_terminal(diagnostic.message));
}

Error to_error(const Diagnostics& diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!text.empty()) text += '\n';
        std::error_code error;
        const bool linked = std::filesystem::is_symlink(diagnostic.file, error);
        text += linked
                    ? to_string({diagnostic.file, diagnostic.mark,
                                 "not valid here; the reason is not shown, because the file is a "
                                 "symbolic link"})
                    : to_string(diagnostic);
    }
    return {ErrorKind::config, std::move(text)};
}

const char* name_of(NodeKind kind) {
    switch (kind) {
    case NodeKind::scalar:
        return "a single value";
    case NodeKind::sequence:
        return "a list";
    case NodeKind::map:
        return "a map";
    }
    return "";
}

} // namespace minewarden::yaml
