// SPDX-License-Identifier: Apache-2.0
#include "common/host/workload.h"

#include "common/host/cgroup_forms.h"
#include "common/text.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace minewarden {
namespace {

constexpr std::size_t maximum_name = 255;  // NAME_MAX; after to_valid_utf8 a name can be longer
constexpr std::size_t maximum_path = 4096; // PATH_MAX
constexpr std::size_t maximum_read = 3 * maximum_path; // the same
constexpr std::size_t maximum_label = 255;

bool is_root(std::string_view path) {
    return path == "/";
}

bool is_unit(std::string_view segment) {
    constexpr std::array<std::string_view, 4> endings{".service", ".scope", ".socket", ".mount"};
    return segment.size() <= maximum_name &&
           std::ranges::any_of(endings, [&](std::string_view ending) {
               return segment.size() > ending.size() && segment.ends_with(ending);
           });
}

/// Where a name of the path begins to be a user's: behind the first cgroup that one owns.
struct Boundary {
    std::size_t end = std::string_view::npos; ///< of the path of the owned cgroup
    std::uint32_t user = 0;
};

Boundary find_boundary(std::string_view path, std::string_view controllers,
                       const CgroupView& view) {
    if (!view.owner) return {};
    for (std::size_t end = path.find('/', 1); end < path.size(); end = path.find('/', end + 1)) {
        const auto owner = view.owner(controllers, path.substr(0, end));
        if (!owner) return {};
        if (*owner != 0) return {end, *owner};
    }
    return {};
}

/// Reads one path, segment by segment.
class PathReader {
  public:
    PathReader(std::string_view path, Boundary boundary, bool is_claim = false)
        : path_(path), boundary_(boundary), is_claim_(is_claim) {}

    Workload read() {
        std::size_t at = path_.starts_with('/') ? 1 : path_.size();
        while (at < path_.size()) {
            if (at > boundary_.end && !is_inside()) {
                workload_.user = std::to_string(boundary_.user);
                take_claim(path_.substr(at));
                break;
            }
            const std::size_t end = at + take_segment(at);
            at = end + 1;
            if (users_below_ && !is_claim_ && at < path_.size()) {
                take_claim(path_.substr(at));
                break;
            }
        }
        if (workload_.claim.empty() && (!workload_.outer.empty() || workload_.unit_inside))
            workload_.named_by = NameSource::container;
        return std::move(workload_);
    }

  private:
    /// Something that chooses its own names below: a container.
    [[nodiscard]] bool is_inside() const {
        return !workload_.container.empty() || !workload_.group.empty();
    }

    /// Returns how many bytes of the path were taken.
    std::size_t take_segment(std::size_t at) {
        const std::string_view rest = path_.substr(at);
        auto names = read_cgroup_names(rest, at == 1 && !is_claim_);
        // A name that reaches below the user's cgroup is the user's.
        const bool reaches_below = names && at + names->length > boundary_.end && !is_inside();
        if (names && !reaches_below && names->container.size() <= maximum_name &&
            names->group.size() <= maximum_name && names->step.size() <= maximum_name) {
            take_names(*names, rest.substr(0, names->length));
            return names->length;
        }
        const std::string_view segment = rest.substr(0, rest.find('/'));
        // The first process of a system container is the container itself.
        if (is_unit(segment) && !(is_inside() && segment == "init.scope")) take_unit(segment);
        return segment.size();
    }

    void take_unit(std::string_view unit) {
        workload_.unit = unit;
        workload_.unit_inside = is_inside();
        if (!is_inside() && workload_.pod.empty()) workload_.kind = WorkloadKind::systemd_unit;
    }

    void take_names(CgroupNames& names, std::string_view text) {
        if (names.kind == WorkloadKind::session) {
            take_unit(clip_utf8(text.substr(text.rfind('/') + 1), maximum_name));
            if (is_inside() || !workload_.pod.empty()) return; // not a user of the host
            workload_.kind = WorkloadKind::session;
            workload_.user = std::move(names.user);
            users_below_ = true;
            return;
        }
        enter(names);
        if (!names.pod.empty()) workload_.pod = std::move(names.pod);
        if (names.kind == WorkloadKind::pod && names.container.empty()) {
            workload_.kind = WorkloadKind::pod;
            return;
        }
        workload_.kind = workload_.pod.empty() ? names.kind : WorkloadKind::pod;
        workload_.runtime = names.runtime;
        workload_.container = std::move(names.container);
        workload_.group_kind = names.group_kind;
        workload_.group = std::move(names.group);
        workload_.step = std::move(names.step);
        if (!names.user.empty()) workload_.user = std::move(names.user);
        users_below_ = names.users_below;
        if (names.only_form && workload_.pod.empty()) workload_.named_by = NameSource::form;
    }

    /// What lies inside of a container names itself as it likes, so `outer` keeps the names of the
    /// host. The pod stays: what a container of a pod starts is in the pod.
    void enter(const CgroupNames& names) {
        if (!is_inside()) return;
        workload_.outer = clip_utf8(workload_.label(), maximum_label);
        if (workload_.unit_inside) workload_.unit.clear();
        workload_.unit_inside = false;
        workload_.named_by = NameSource::container;
        workload_.runtime.clear();
        workload_.container.clear();
        workload_.group_kind.clear();
        workload_.group.clear();
        workload_.step.clear();
        if (!names.pod.empty()) workload_.pod.clear();
    }

    void take_claim(std::string_view rest) {
        const std::string below = "/" + std::string(rest);
        const Workload claimed = PathReader(below, {}, true).read();
        if (claimed.kind == WorkloadKind::unknown) return;
        workload_.claim = clip_utf8(claimed.label(), maximum_label);
        workload_.named_by = NameSource::user;
    }

    std::string_view path_;
    Boundary boundary_;
    bool is_claim_; ///< all of the path is a user's own words
    Workload workload_;
    bool users_below_ = false;
};

Workload parse_path(std::string_view path, std::string_view controllers, const CgroupView& view) {
    constexpr std::string_view deleted = " (deleted)"; // proc(5): the cgroup is gone
    const std::string_view named =
        path.ends_with(deleted) ? path.substr(0, path.size() - deleted.size()) : path;
    Workload workload;
    if (named.size() <= maximum_read)
        workload = PathReader(named, find_boundary(named, controllers, view)).read();
    workload.path = clip_utf8(path, maximum_path);
    if (!is_root(path) || !view.from_host) return workload;
    if (view.namespaces == HostNamespaces::shared)
        workload.kind = WorkloadKind::host;
    else
        workload.doubt = view.namespaces == HostNamespaces::other
                             ? WorkloadDoubt::other_namespaces
                             : WorkloadDoubt::namespaces_unknown;
    return workload;
}

constexpr int specificity_of_container = 4;

/// Greater is more specific.
int specificity(const Workload& workload) {
    switch (workload.kind) {
    case WorkloadKind::unknown:
        return is_root(workload.path) ? 0 : 1; // an unknown path still says more than the root
    case WorkloadKind::host:
        return 0;
    case WorkloadKind::session:
        return 2;
    case WorkloadKind::systemd_unit:
        return 3;
    case WorkloadKind::job:
    case WorkloadKind::container:
    case WorkloadKind::virtual_machine:
        return specificity_of_container;
    case WorkloadKind::pod:
        return workload.container.empty() ? 5 : 6;
    }
    return 0;
}

bool is_more_specific(const Workload& workload, const Workload& than) {
    const auto order = [](const Workload& each) {
        // A pod without a container inside of a container is still deeper than that container.
        return std::tuple(!each.outer.empty(), specificity(each), !each.claim.empty());
    };
    return order(workload) > order(than);
}

/// A container that the path puts beside the pods of this host, by a runtime that pods can ask for
/// one, for example through a socket of Docker.
bool is_beside_pods(const Workload& workload) {
    constexpr std::array<std::string_view, 6> shared{"",     "docker", "containerd",
                                                     "crio", "podman", "buildkit"};
    return workload.kind == WorkloadKind::container && workload.pod.empty() &&
           std::ranges::find(shared, workload.runtime) != shared.end();
}

} // namespace

Workload parse_workload(std::string_view cgroup_file, const CgroupView& view) {
    Workload best;
    bool found = false;
    bool hidden = false; // a hierarchy did not show the path
    for (const std::string_view line : split(cgroup_file, '\n')) {
        // hierarchy-ID:controller-list:cgroup-path (cgroups(7))
        const std::size_t first = line.find(':');
        const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
        if (second == line.npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string_view path = line.substr(second + 1);
        if (view.ending && !controllers.empty() && is_root(path)) {
            hidden = true;
            continue;
        }
        Workload candidate = parse_path(path, controllers, view);
        if (!found || is_more_specific(candidate, best)) best = std::move(candidate);
        found = true;
    }
    // Where v1 shows nothing, a unit or the root of v2 may only be where a runtime's processes
    // appear there: a container's on a hybrid host.
    if (hidden && specificity(best) < specificity_of_container) return {};
    if (view.has_pods && is_beside_pods(best)) best.doubt = WorkloadDoubt::pod_unknown;
    return best;
}

} // namespace minewarden
