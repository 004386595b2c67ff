// SPDX-License-Identifier: Apache-2.0
#include "agent/findings/saved_state.h"

#include "common/file.h"

#include <fmt/format.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view format_name = "minewarden.agent-state/1";
constexpr std::size_t maximum_bytes = 64 << 20;

} // namespace

Result<std::optional<SavedState>> load_state(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::optional<SavedState>();
    TRY_ASSIGN(const auto content, read_file(path, maximum_bytes));
    auto root = cbor::decode(as_bytes(content));
    if (!root) return fail(ErrorKind::data, path.string() + ": " + root.error().message);
    auto* map = root->get_if<cbor::Map>();
    if (map == nullptr || !map->contains("format") || !map->contains("engine") ||
        !map->contains("findings") || map->find("format")->second != cbor::Value(format_name))
        return fail(ErrorKind::data, path.string() + ": not a saved agent state");
    SavedState state{
        std::move(map->find("engine")->second), std::move(map->find("findings")->second), {}, 0};
    // Older files do not have it.
    if (const auto stream = map->find("stream"); stream != map->end()) {
        const auto* bytes = stream->second.get_if<cbor::Bytes>();
        if (const auto id = bytes != nullptr ? StreamId::from(*bytes) : std::nullopt)
            state.stream = *id;
    }
    if (const auto sequence = map->find("sequence"); sequence != map->end()) {
        if (const auto* number = sequence->second.get_if<std::int64_t>(); number && *number > 0)
            state.sequence = static_cast<std::uint64_t>(*number);
    }
    return std::optional(std::move(state));
}

Result<void> save_state(const std::filesystem::path& path, const SavedState& state) {
    cbor::Map map;
    map.emplace("format", format_name);
    map.emplace("engine", state.engine);
    map.emplace("findings", state.findings);
    map.emplace("stream", state.stream.view());
    map.emplace("sequence", static_cast<std::int64_t>(state.sequence));
    const auto bytes = cbor::encode(map);
    if (bytes.size() > maximum_bytes)
        return fail(
            ErrorKind::data,
            fmt::format("{}: the state has {} bytes, of which only {} could be read again; it was "
                        "not saved, and a restart continues from the previous one",
                        path.string(), bytes.size(), maximum_bytes));
    return write_file_atomically(path, bytes, 0600);
}

} // namespace minewarden::agent
