// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/subject.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Subject>> names{
    "process", "host", "workload", "network-namespace", "gpu"};

/// Calls `field(name, value)` for each identifying field of the subject. Used for encoding,
/// decoding, display and the hash.
template <class Key, class Call>
void each_part(Key& key, Call field) {
    using Plain = std::remove_const_t<Key>;
    if constexpr (std::is_same_v<Plain, ImageKey>) {
        field("pid", key.pid);
        field("start_boottime_ns", key.start_boottime_ns);
        field("image", key.image);
    } else if constexpr (std::is_same_v<Plain, WorkloadSubject>) {
        field("cgroup_id", key.cgroup_id);
    } else if constexpr (std::is_same_v<Plain, NetworkNamespaceSubject>) {
        field("inode", key.inode);
    } else if constexpr (std::is_same_v<Plain, GpuSubject>) {
        field("pci_address", key.pci_address);
    }
}

template <class Key>
Result<void> read_parts(const cbor::Map& map, Key& key) {
    std::string problem;
    std::size_t parts = 1; // "kind"
    each_part(key, [&](std::string_view name, auto& value) {
        ++parts;
        const auto found = map.find(name);
        const auto* held = found == map.end() ? nullptr : found->second.get_if<std::int64_t>();
        using Part = std::remove_reference_t<decltype(value)>;
        if (held == nullptr || *held < 0 ||
            static_cast<std::uint64_t>(*held) > std::numeric_limits<Part>::max())
            problem = fmt::format("invalid or missing \"{}\"", name);
        else
            value = static_cast<Part>(*held);
    });
    if (!problem.empty()) return fail(ErrorKind::data, problem);
    if (parts != map.size()) return fail(ErrorKind::unavailable, "unknown parts of a subject");
    return {};
}

template <std::size_t Kind = 0>
Subject make_subject(std::size_t kind) {
    if constexpr (Kind + 1 < std::variant_size_v<Subject>) {
        if (kind != Kind) return make_subject<Kind + 1>(kind);
    }
    return Subject(std::in_place_index<Kind>);
}

} // namespace

std::string_view to_string(SubjectKind kind) {
    return names[static_cast<std::size_t>(kind)];
}

std::string to_display(const Subject& subject) {
    std::string text;
    std::visit(
        [&text](const auto& key) {
            each_part(key, [&](std::string_view name, auto value) {
                text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
            });
        },
        subject);
    const std::string_view kind = to_string(kind_of(subject));
    return text.empty() ? std::string(kind) : fmt::format("{}: {}", kind, text);
}

cbor::Map to_cbor(const Subject& subject) {
    cbor::Map map;
    map.emplace("kind", std::string(to_string(kind_of(subject))));
    std::visit(
        [&map](const auto& key) {
            each_part(key, [&](std::string_view name, auto value) {
                map.emplace(name, static_cast<std::int64_t>(value));
            });
        },
        subject);
    return map;
}

Result<Subject> subject_from_cbor(const cbor::Value& encoded) {
    const auto* map = encoded.get_if<cbor::Map>();
    const auto kind_at = map == nullptr ? cbor::Map::const_iterator{} : map->find("kind");
    const auto* kind =
        map == nullptr || kind_at == map->end() ? nullptr : kind_at->second.get_if<std::string>();
    if (kind == nullptr) return fail(ErrorKind::data, "a subject has no kind");
    const auto found = std::ranges::find(names, *kind);
    if (found == names.end())
        return fail(ErrorKind::unavailable, fmt::format("unknown kind of subject \"{}\"", *kind));
    Subject subject = make_subject(static_cast<std::size_t>(found - names.begin()));
    TRY(std::visit([map](auto& key) { return read_parts(*map, key); }, subject));
    return subject;
}

std::size_t SubjectHash::operator()(const Subject& subject) const {
    std::uint64_t hash = subject.index();
    std::visit(
        [&hash](const auto& key) {
            each_part(key, [&](std::string_view, auto value) {
                hash = (hash ^ value) * 0x9e3779b97f4a7c15; // golden ratio, Knuth TAOCP 6.4
                hash ^= hash >> 32;
            });
        },
        subject);
    return hash;
}

} // namespace minewarden::rules
