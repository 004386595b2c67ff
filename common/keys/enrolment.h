// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/keys/curve_key.h"

#include <map>
#include <optional>
#include <vector>

namespace minewarden {

/// An entry of the collector's allow-list of agents: one YAML file <fingerprint>.yaml in the
/// directory `collector.enrolled`. The file of a revoked key stays, so that its past findings keep
/// their name.
struct Enrolment {
    CurvePublicKey key;
    std::string name; ///< of the host; 1 to 128 bytes
    WallTime enrolled_at;
    std::optional<WallTime> revoked_at;
};

/// Reads all enrolments, sorted by name. An unreadable file is an error, because an incomplete
/// allow-list must not look complete.
Result<std::vector<Enrolment>> read_enrolments(const std::filesystem::path& directory);

/// The same, but leaves bad files out, so that one of them does not keep all agents away. `known`
/// holds what the files gave before, by path, and is updated: a file that is bad now keeps the
/// enrolment that it gave. Each problem is a message with the file's name. A key in two files is
/// revoked if one of them says so.
std::vector<Enrolment> read_good_enrolments(const std::filesystem::path& directory,
                                            std::map<std::filesystem::path, Enrolment>& known,
                                            std::vector<std::string>& problems);

/// Adds or renews the enrolment of a key. Lifts a revocation.
Result<void> enroll(const std::filesystem::path& directory, const Enrolment& enrolment);

/// Revokes an enrolment and returns it. `which`: a fingerprint, a prefix of one (at least 4
/// digits), or a name. Running collectors notice within a second and disconnect the agent.
Result<Enrolment> revoke(const std::filesystem::path& directory, std::string_view which,
                         WallTime now);

} // namespace minewarden
