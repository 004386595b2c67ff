// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// What the placeholders of a pattern stood for. Views of the path, and of static text for
/// `runtime`. Empty where the pattern has no such placeholder, or left it out.
struct PathCaptures {
    std::string_view container;
    std::string_view group;
    std::string_view step;
    std::string_view pod;
    std::string_view user;
    std::string_view runtime;
    std::size_t length = 0; ///< bytes of the path that matched
};

/// Matches the beginning of a cgroup path, whole segments only. A pattern is literal text with
/// - [...]: may be left out
/// - {*}: any bytes, or none; {name} -> container, {group} -> group, {step} -> step: at least one
/// - {machine}, {machine=PREFIX} -> container: a name with the escapes of systemd.unit(5), which
///   begins with PREFIX and goes on after it
/// - {id} -> container: 64 hexadecimal digits
/// - {pod} -> pod: a uid of Kubernetes, with '-' or '_', or the hash that names a static pod
/// - {task} -> group: 32 hexadecimal digits or a UUID; {allocation} -> group: a UUID
/// - {job} -> group, {user} -> user: decimal digits
/// - {runtime} -> runtime: the prefix of a container runtime (docker, cri-containerd, ...)
/// - {namespace} -> group: a usual namespace of containerd
/// No placeholder stands for a '/'. Of a text that has no fixed length the shortest match counts.
/// Segments over 1024 bytes do not match: cgroup names have at most 255.
[[nodiscard]] std::optional<PathCaptures> match_path(std::string_view pattern,
                                                     std::string_view path);

/// Replaces the escapes \xHH of systemd.unit(5). An escape that is not valid stays as it is, and so
/// does one that stands for a control character. The result is valid UTF-8.
[[nodiscard]] std::string unescape_unit(std::string_view text);

} // namespace minewarden
