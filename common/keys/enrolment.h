// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/keys/curve_key.h"

#include <map>
#include <optional>
#include <vector>

namespace minewarden {

/// An agent's place on the collector's allow-list: one YAML file <fingerprint>.yaml in the
/// directory `collector.enrolled`. A revoked key stays on file, so that its past findings keep
/// their name.
struct Enrolment {
    CurvePublicKey key;
    std::string name; ///< of the host; 1 to 128 bytes
    WallTime enrolled_at;
    std::optional<WallTime> revoked_at;
};

/// All enrolments, by name. A file that cannot be read is an error: a half-read allow-list must not
/// look like a whole one.
Result<std::vector<Enrolment>> read_enrolments(const std::filesystem::path& directory);

/// The same, but leaves bad files out, so that one of them does not keep all agents away. `known`
/// holds what the files gave before, by path, and is updated: a file that is bad now keeps the
/// enrolment that it gave. Each problem is a message with the file's name. A key in two files is
/// revoked if one of them says so.
std::vector<Enrolment> read_good_enrolments(const std::filesystem::path& directory,
                                            std::map<std::filesystem::path, Enrolment>& known,
                                            std::vector<std::string>& problems);

/// Adds or renews (lifting a revocation) the enrolment of a key.
Result<void> enroll(const std::filesystem::path& directory, const Enrolment& enrolment);

/// `which` is a fingerprint, its beginning (at least 4 digits), or a name. Returns what was
/// revoked. Running collectors notice within a second and cut the agent off.
Result<Enrolment> revoke(const std::filesystem::path& directory, std::string_view which,
                         WallTime now);

} // namespace minewarden
