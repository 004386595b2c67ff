// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cbor/value.h"
#include "common/result.h"

#include <compare>
#include <cstdint>
#include <string_view>
#include <variant>

/// Whom an observation, a verdict and a finding are about, on one host in one boot.
namespace minewarden::rules {

/// Which program of which process: evidence belongs to an image and never crosses exec.
struct ImageKey {
    std::uint32_t pid = 0; ///< in the initial pid namespace
    std::uint64_t start_boottime_ns = 0;
    std::uint64_t image = 0; ///< grows at each exec
    auto operator<=>(const ImageKey&) const = default;
};

/// The host as a whole.
struct HostSubject {
    auto operator<=>(const HostSubject&) const = default;
};

/// All processes of a cgroup: a container, a service.
struct WorkloadSubject {
    std::uint64_t cgroup_id = 0; ///< of the v2 hierarchy; not used again until reboot
    auto operator<=>(const WorkloadSubject&) const = default;
};

struct NetworkNamespaceSubject {
    std::uint64_t inode = 0; ///< as /proc/PID/ns/net names it
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

/// For people and for comparisons: "pid 42, start 1000, image 3", "host", "workload 77".
[[nodiscard]] std::string to_display(const Subject& subject);

/// A map of "kind" and what tells it from others of that kind.
[[nodiscard]] cbor::Map to_cbor(const Subject& subject);
/// An error of kind data names what is wrong; an unknown kind is one of kind unavailable, because a
/// newer version may know it.
Result<Subject> subject_from_cbor(const cbor::Value& encoded);

struct SubjectHash {
    std::size_t operator()(const Subject& subject) const;
};

} // namespace minewarden::rules
