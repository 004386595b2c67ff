// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/cbor/value.h"
#include "common/result.h"

#include <filesystem>
#include <optional>

namespace minewarden::agent {

/// What survives a restart of the agent: the open verdicts of the engine, and their findings.
struct SavedState {
    cbor::Value engine;
    cbor::Value findings;
    StreamId stream;            ///< of the outbox
    std::uint64_t sequence = 0; ///< of the last record in the outbox when it was saved
};

/// The state is one file, which is replaced as a whole. Returns nullopt if it is missing. A damaged
/// file is an error of kind data.
Result<std::optional<SavedState>> load_state(const std::filesystem::path& path);
Result<void> save_state(const std::filesystem::path& path, const SavedState& state);

} // namespace minewarden::agent
