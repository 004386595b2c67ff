// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cbor/value.h"
#include "common/result.h"

#include <compare>
#include <cstdint>
#include <string_view>
#include <variant>

/// What an observation, a verdict or a finding is about, within one boot of one host.
namespace minewarden::rules {

/// One program image of one process. Evidence belongs to an image and does not survive exec.
struct ImageKey {
    std::uint32_t pid = 0; ///< in the initial pid namespace
    std::uint64_t start_boottime_ns = 0;
    std::uint64_t image = 0; ///< increases at each exec
    auto operator<=>(const ImageKey&) const = default;
};

/// The host as a whole.
struct HostSubject {
    auto operator<=>(const HostSubject&) const = default;
};

/// All processes of a cgroup: a container, a service.
struct WorkloadSubject {
    std::uint64_t cgroup_id = 0; ///< in the v2 hierarchy; not reused until reboot
    auto operator<=>(const WorkloadSubject&) const = default;
};

struct NetworkNamespaceSubject {
    std::uint64_t inode = 0; ///< as in /proc/PID/ns/net
    auto operator<=>(const NetworkNamespaceSubject&) const = default;
};

struct GpuSubject {
    std::uint64_t pci_address = 0; ///< domain << 32 | bus << 16 | device << 8 | function
    auto operator<=>(const GpuSubject&) const = default;
};

using Subject =
    std::variant<ImageKey, HostSubject, WorkloadSubject, NetworkNamespaceSubject, GpuSubject>;

/// In the order of the variant.
enum class SubjectKind { process, host, workload, network_namespace, gpu };

[[nodiscard]] inline SubjectKind kind_of(const Subject& subject) {
    return static_cast<SubjectKind>(subject.index());
}
[[nodiscard]] std::string_view to_string(SubjectKind kind);

/// For display and comparison: "pid 42, start 1000, image 3", "host", "workload 77".
[[nodiscard]] std::string to_display(const Subject& subject);

/// A map of "kind" and the identifying fields of that kind.
[[nodiscard]] cbor::Map to_cbor(const Subject& subject);
/// Errors: data if it is malformed; unavailable for an unknown kind (a newer version may know it).
Result<Subject> subject_from_cbor(const cbor::Value& encoded);

struct SubjectHash {
    std::size_t operator()(const Subject& subject) const;
};

} // namespace minewarden::rules
