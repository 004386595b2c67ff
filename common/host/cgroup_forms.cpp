// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_forms.h"

#include "common/host/path_pattern.h"

#include <algorithm>
#include <array>

namespace minewarden {
namespace {

using Kind = WorkloadKind;

enum class Trust {
    usual,       ///< the manager that this form belongs to made the cgroup
    only_form,   ///< nothing marks the path as the runtime's own
    users_below, ///< the manager made the cgroup and gave what is below to a user
};

/// One way in which a manager of workloads names its cgroups.
struct Form {
    std::string_view pattern; ///< see path_pattern.h
    Kind kind;
    std::string_view runtime = "";    ///< "" if the pattern captures it
    std::string_view group_kind = ""; ///< of what the pattern captures as group
    Trust trust = Trust::usual;
    bool at_root = false;
};

/// The first form that matches counts.
constexpr std::array forms{
    // logind makes the slice of a user, the sessions and the manager. The rest is the user's.
    Form{"user.slice/user-{user}.slice/session-{*}.scope", Kind::session, "", "",
         Trust::users_below},
    Form{"user.slice/user-{user}.slice/user@{user}.service", Kind::session, "", "",
         Trust::users_below},
    Form{"user.slice/user-{user}.slice", Kind::session, "", "", Trust::users_below},
    Form{"user.slice", Kind::session, "", "", Trust::users_below},
    // The same, read from a cgroup namespace below user.slice.
    Form{"user-{user}.slice", Kind::session, "", "", Trust::users_below},
    Form{"user@{user}.service", Kind::session, "", "", Trust::users_below},
    Form{"session-{*}.scope", Kind::session, "", "", Trust::users_below},

    // Kubernetes. A runtime with the cgroupfs driver joins a systemd path with colons.
    Form{"{*}-pod{pod}.slice:{runtime}:{id}", Kind::pod},
    Form{"{*}-pod{pod}.slice:kata[_overhead]:{id}", Kind::pod, "kata"},
    Form{"{*}-pod{pod}.slice", Kind::pod},
    Form{"pod{pod}[.slice]", Kind::pod},
    Form{"{*}:{runtime}:{id}", Kind::container},
    Form{"kata_{id}", Kind::virtual_machine, "kata"},
    Form{"kata-{id}[.scope]", Kind::virtual_machine, "kata"},
    Form{"kata_overhead/{id}", Kind::virtual_machine, "kata"},

    // BuildKit, in a daemon's unit (systemd driver) or beside containers (cgroupfs driver). The
    // unit belongs to the form: a build step is not the daemon.
    Form{"[{*}.service/]buildkit/{name}", Kind::container, "buildkit"},
    Form{"{*}:buildkit:{name}", Kind::container, "buildkit"},
    Form{"buildkit-{name}.scope", Kind::container, "buildkit"},

    // Containers of one program.
    Form{"{runtime}-{id}[.scope]", Kind::container},
    Form{"docker/{id}", Kind::container, "docker"},
    Form{"actions_job/{id}", Kind::container, "docker"}, // --cgroup-parent of GitHub's runners
    Form{"ecs/{task}[/{name}]", Kind::container, "ecs", "task"},
    Form{"ecstasks.slice/ecstasks-{task}.slice[/docker-{id}.scope]", Kind::container, "ecs",
         "task"},
    Form{"garden/good/{name}", Kind::container, "garden"}, // sorted by their use of the CPU
    Form{"garden/bad/{name}", Kind::container, "garden"},
    Form{"garden/{name}", Kind::container, "garden"},
    Form{"nomad.slice/{*}.slice/{allocation}.{name}.scope", Kind::container, "nomad", "allocation"},
    Form{"nomad[/{*}]/{allocation}.{name}[.scope]", Kind::container, "nomad", "allocation"},
    Form{"mesos/{name}", Kind::container, "mesos"},
    Form{"hadoop-yarn/{name}", Kind::container, "yarn"},

    // Containers that boot a system, and virtual machines.
    Form{"lxc.payload.{name}", Kind::container, "lxc"},
    Form{"lxc.payload/{name}", Kind::container, "lxc"},
    Form{"lxc/{name}", Kind::container, "lxc"},
    Form{"{name}.libvirt-lxc", Kind::container, "lxc"},
    Form{"machine-{machine=lxc-}.scope", Kind::container, "lxc"},
    Form{"machine-{machine=qemu-}.scope", Kind::virtual_machine, "qemu"},
    Form{"{name}.libvirt-qemu", Kind::virtual_machine, "qemu"},
    Form{"qemu.slice/{name}.scope", Kind::virtual_machine, "qemu"}, // Proxmox
    Form{"firecracker/{name}", Kind::virtual_machine, "firecracker"},
    // systemd-nspawn itself stays beside the payload.
    Form{"machine-{machine}.scope/payload", Kind::container, "nspawn"},
    Form{"systemd-nspawn@{machine}.service/payload", Kind::container, "nspawn"},

    // Batch systems. With several nodes of Slurm on a host, the first segment has the node's name.
    Form{"slurm[_{*}]/uid_{user}/job_{job}[/step_{step}]", Kind::job, "slurm", "job",
         Trust::users_below},
    Form{"[{*}_]slurmstepd.scope/job_{job}[/step_{step}]", Kind::job, "slurm", "job",
         Trust::users_below},
    Form{"lsf/{*}/job.{job}[.{*}]", Kind::job, "lsf", "job", Trust::users_below},
    Form{"htcondor/condor{*}_slot{group}", Kind::job, "htcondor", "slot", Trust::users_below},
    Form{"pbs{*}.service/jobid/{group}", Kind::job, "pbs", "job", Trust::users_below},

    // `ctr run` names the namespace and the container, no more.
    Form{"{namespace}/{name}", Kind::container, "containerd", "namespace", Trust::only_form, true},
    Form{"{id}[.scope]", Kind::container, "", "", Trust::only_form},
};

std::string with_dashes(std::string_view uid) {
    std::string text(uid);
    std::ranges::replace(text, '_', '-');
    return text;
}

} // namespace

std::optional<CgroupNames> read_cgroup_names(std::string_view path, bool at_root) {
    for (const Form& form : forms) {
        if (form.at_root && !at_root) continue;
        const auto found = match_path(form.pattern, path);
        if (!found) continue;
        CgroupNames names;
        names.kind = form.kind;
        names.runtime = form.runtime.empty() ? found->runtime : form.runtime;
        names.group_kind = found->group.empty() ? std::string_view() : form.group_kind;
        const bool is_escaped = form.pattern.find("{machine") != form.pattern.npos;
        names.container =
            is_escaped ? unescape_unit(found->container) : std::string(found->container);
        names.group = found->group;
        names.step = found->step;
        names.pod = with_dashes(found->pod);
        names.user = found->user;
        names.only_form = form.trust == Trust::only_form;
        names.users_below = form.trust == Trust::users_below;
        names.length = found->length;
        return names;
    }
    return std::nullopt;
}

} // namespace minewarden
