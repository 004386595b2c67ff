// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A strict subset of YAML: maps, sequences and scalars. Refuses duplicate keys, anchors, aliases,
/// tags and several documents, which yaml-cpp allows. Limits size, depth and number of nodes.
namespace minewarden::yaml {

/// A position in a file, counted from 1.
struct Mark {
    int line = 1;
    int column = 1;
};

/// A problem and its position. Shown as "file:line:column: message".
struct Diagnostic {
    std::string file;
    Mark mark;
    std::string message;
};
using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);
/// An Error of kind `config` with one line per diagnostic. Of a file that is a symbolic link only
/// the place is shown, because it can lead to a file that the reader of the message must not see.
[[nodiscard]] Error to_error(const Diagnostics& diagnostics);

enum class NodeKind { scalar, sequence, map };

struct Node {
    struct Entry;

    NodeKind kind = NodeKind::scalar;
    Mark mark;
    std::string scalar;         ///< value of a scalar
    bool quoted = false;        ///< scalar in quotes, or block scalar: always text
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
    std::string file; ///< name for diagnostics
    std::string source;
    Node root; ///< an empty map if the file is empty

    /// The position in the file of the character at `offset` in the value of a scalar. Works for
    /// folded and block scalars too.
    [[nodiscard]] Mark locate(const Node& scalar, std::size_t offset) const;
};

inline constexpr std::size_t maximum_bytes = 1 << 20;
inline constexpr std::size_t maximum_depth = 24;
inline constexpr std::size_t maximum_nodes = 100'000;

Result<Document, Diagnostics> parse(std::string source, std::string file);

[[nodiscard]] const char* name_of(NodeKind kind);

} // namespace minewarden::yaml
