// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/document.h"

#include "common/text.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <stack>

namespace minewarden::yaml {
namespace {

Mark to_mark(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

/// Leaves the parser early; never leaves parse().
struct Refusal {
    Mark mark;
    std::string message;
};

/// Builds our tree from yaml-cpp's events. Values are moved into their parent when they end.
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
        bool has_key = false; // a map's key was read and waits for its value
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

} // namespace

const Node* Node::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

// Folding changes only white space, so the n-th visible character of the value is the n-th visible
// character of the source after the scalar's start (after its header line for block scalars).
Mark Document::locate(const Node& scalar, std::size_t offset) const {
    std::size_t at = 0;
    for (int line = 1; line < scalar.mark.line && at != std::string::npos; ++line)
        at = source.find('\n', at) + 1;
    at += static_cast<std::size_t>(scalar.mark.column - 1);
    if (at >= source.size()) return scalar.mark;
    if (source[at] == '|' || source[at] == '>') {
        at = source.find('\n', at);
        if (at == std::string::npos) return scalar.mark;
    } else if (source[at] == '"' || source[at] == '\'') {
        ++at;
    }
    const std::string_view before = std::string_view(scalar.scalar).substr(0, offset);
    auto visible = std::count_if(before.begin(), before.end(), [](char c) { return !is_blank(c); });
    for (; at < source.size(); ++at) {
        if (is_blank(source[at])) continue;
        if (visible-- == 0) break;
    }
    if (at >= source.size()) return scalar.mark;
    const std::size_t line_start = source.rfind('\n', at == 0 ? 0 : at - 1);
    const auto lines = std::count(source.begin(), source.begin() + static_cast<long>(at), '\n');
    const std::size_t column = line_start == std::string::npos ? at : at - line_start - 1;
    return {static_cast<int>(lines) + 1, static_cast<int>(column) + 1};
}

Result<Document, Diagnostics> parse(std::string source, std::string file) {
    const auto refuse = [&](Mark mark, std::string message) {
        return fail(Diagnostics{{file, mark, std::move(message)}});
    };
    if (source.size() > maximum_bytes)
        return refuse({}, fmt::format("larger than {} bytes", maximum_bytes));
    if (to_valid_utf8(source) != source) return refuse({}, "not valid UTF-8");
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
    document.file = std::move(file);
    document.source = std::move(source);
    if (builder.has_root()) document.root = builder.take_root();
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
        text += to_string(diagnostic);
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
