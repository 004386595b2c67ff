// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/cbor/value.h"
#include "common/result.h"

#include <filesystem>
#include <optional>

namespace minewarden::agent {

/// What survives a restart of the agent: the engine's open verdicts and the findings made of them.
struct SavedState {
    cbor::Value engine;
    cbor::Value findings;
    StreamId stream;            ///< of the outbox
    std::uint64_t sequence = 0; ///< of the last record in the outbox that the state knows of
};

/// One file, replaced as a whole. A missing file is nullopt; a damaged one is an error of kind
/// data.
Result<std::optional<SavedState>> load_state(const std::filesystem::path& path);
Result<void> save_state(const std::filesystem::path& path, const SavedState& state);

} // namespace minewarden::agent
