// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// YAML as our files use it: maps, sequences and scalars. The reader is strict where yaml-cpp is
/// lenient: duplicate keys, anchors, aliases, tags and several documents are refused, and size,
/// depth and node count are bounded.
namespace minewarden::yaml {

/// A place in a file, counted from 1.
struct Mark {
    int line = 1;
    int column = 1;
};

/// What is wrong, where. Shown as "file:line:column: message".
struct Diagnostic {
    std::string file;
    Mark mark;
    std::string message;
};
using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);
/// One line each, as an Error of kind `config`. Of a file that is a symbolic link only the place is
/// shown: it can lead to a file that the reader of the message must not see.
[[nodiscard]] Error to_error(const Diagnostics& diagnostics);

enum class NodeKind { scalar, sequence, map };

struct Node {
    struct Entry;

    NodeKind kind = NodeKind::scalar;
    Mark mark;
    std::string scalar;         ///< of a scalar
    bool quoted = false;        ///< a scalar in quotes, or a block scalar: always text
    std::vector<Node> items;    ///< of a sequence
    std::vector<Entry> entries; ///< of a map, in file order; keys are unique

    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Node::Entry {
    std::string key;
    Mark key_mark;
    Node value;
};

struct Document {
    std::string file; ///< as named in diagnostics
    std::string source;
    Node root; ///< an empty map if the file is empty

    /// The place in the file of the character at `offset` of a scalar's value, also in folded and
    /// block scalars.
    [[nodiscard]] Mark locate(const Node& scalar, std::size_t offset) const;
};

inline constexpr std::size_t maximum_bytes = 1 << 20;
inline constexpr std::size_t maximum_depth = 24;
inline constexpr std::size_t maximum_nodes = 100'000;

Result<Document, Diagnostics> parse(std::string source, std::string file);

[[nodiscard]] const char* name_of(NodeKind kind);

} // namespace minewarden::yaml
