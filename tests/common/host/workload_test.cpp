// SPDX-License-Identifier: Apache-2.0
#include "common/host/workload.h"

#include <gtest/gtest.h>

namespace minewarden {
namespace {

const std::string id = "3f4e5d6c7b8a90112233445566778899aabbccddeeff00112233445566778899";
const std::string other_id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string uid = "8d5a1c2e-3b4f-4a6d-9e8f-0123456789ab";
const std::string uid_in_slice = "8d5a1c2e_3b4f_4a6d_9e8f_0123456789ab";

const CgroupView in_host_namespaces{.namespaces = HostNamespaces::shared};

void expect_container(const std::string& path, const char* runtime) {
    const Workload workload = parse_workload("0::" + path + "\n");
    EXPECT_EQ(workload.kind, WorkloadKind::container) << path;
    EXPECT_EQ(workload.runtime, runtime) << path;
    EXPECT_EQ(workload.container, id) << path;
    EXPECT_EQ(workload.pod, "") << path;
    EXPECT_EQ(workload.path, path);
}

void expect_pod(const std::string& path, const char* runtime) {
    const Workload workload = parse_workload("0::" + path + "\n");
    EXPECT_EQ(workload.kind, WorkloadKind::pod) << path;
    EXPECT_EQ(workload.runtime, runtime) << path;
    EXPECT_EQ(workload.container, id) << path;
    EXPECT_EQ(workload.pod, uid) << path;
    EXPECT_EQ(workload.path, path);
}

void expect_unit(const std::string& path, const char* unit) {
    const Workload workload = parse_workload("0::" + path + "\n");
    EXPECT_EQ(workload.kind, WorkloadKind::systemd_unit) << path;
    EXPECT_EQ(workload.unit, unit) << path;
    EXPECT_EQ(workload.container, "") << path;
}

TEST(Workload, SystemdUnits) {
    expect_unit("/system.slice/nginx.service", "nginx.service");
    expect_unit("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service");
    expect_unit("/system.slice/foo.service/worker/3", "foo.service");
}

TEST(Workload, ScopesAreUnitsToo) {
    expect_unit("/init.scope", "init.scope");
    expect_unit("/system.slice/run-r12.scope", "run-r12.scope");
    expect_unit("/machine.slice/machine-box.scope", "machine-box.scope");
}

TEST(Workload, LoginSessions) {
    const Workload workload = parse_workload("0::/user.slice/user-1000.slice/session-3.scope\n");
    EXPECT_EQ(workload.kind, WorkloadKind::session);
    EXPECT_EQ(workload.unit, "session-3.scope");
    EXPECT_EQ(workload.user, "1000");
}

// A container can have the host's cgroup namespace and the root cgroup.
TEST(Workload, TheRootIsTheHostOnlyInItsNamespaces) {
    for (const char* content : {"0::/\n", "0::/", "4:cpu,cpuacct:/\n1:name=systemd:/\n"}) {
        const Workload host = parse_workload(content, in_host_namespaces);
        EXPECT_EQ(host.kind, WorkloadKind::host) << content;
        EXPECT_EQ(host.doubt, WorkloadDoubt::none) << content;
        const Workload other = parse_workload(content, {.namespaces = HostNamespaces::other});
        EXPECT_EQ(other.kind, WorkloadKind::unknown) << content;
        EXPECT_EQ(other.doubt, WorkloadDoubt::other_namespaces) << content;
        const Workload unknown = parse_workload(content);
        EXPECT_EQ(unknown.kind, WorkloadKind::unknown) << content;
        EXPECT_EQ(unknown.doubt, WorkloadDoubt::namespaces_unknown) << content;
        EXPECT_EQ(unknown.label(), "unknown") << content;
    }
    // Where a path names something, the namespaces do not matter.
    EXPECT_EQ(parse_workload("4:cpu:/\n0::/system.slice/a.service\n").doubt, WorkloadDoubt::none);
}

TEST(Workload, WhatNoPathSaysIsUnknown) {
    for (const char* content :
         {"", "\n", "garbage", "0::", ":::::\n", "0::relative/path\n", "\0\0"})
        EXPECT_EQ(parse_workload(content).kind, WorkloadKind::unknown) << content;
    EXPECT_EQ(parse_workload("0::/custom/group\n").kind, WorkloadKind::unknown);
}

TEST(Workload, DockerWithBothDrivers) {
    expect_container("/system.slice/docker-" + id + ".scope", "docker");
    expect_container("/docker/" + id, "docker");
}

TEST(Workload, ContainerdCrioAndPodman) {
    expect_container("/system.slice/cri-containerd-" + id + ".scope", "containerd");
    expect_container("/system.slice/crio-" + id + ".scope", "crio");
    expect_container("/machine.slice/libpod-" + id + ".scope", "podman");
    expect_container("/machine.slice/libpod-" + id + ".scope/container", "podman");
}

TEST(Workload, LxcContainers) {
    for (const char* path :
         {"/lxc.payload.web1", "/lxc.payload.web1/system.slice/ssh.service", "/lxc/web1"}) {
        const Workload workload = parse_workload(std::string("0::") + path + "\n");
        EXPECT_EQ(workload.kind, WorkloadKind::container) << path;
        EXPECT_EQ(workload.runtime, "lxc") << path;
        EXPECT_EQ(workload.container, "web1") << path;
    }
}

TEST(Workload, AnIdInsideAContainerIsTheContainersOwn) {
    expect_container("/docker/" + id + "/system.slice/nginx.service", "docker");
    expect_container("/system.slice/docker-" + id + ".scope/init.scope", "docker");
}

TEST(Workload, PodsOfKubernetesWithSystemdDriver) {
    const std::string slice = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" +
                              uid_in_slice + ".slice/";
    expect_pod(slice + "cri-containerd-" + id + ".scope", "containerd");
    expect_pod(slice + "crio-" + id + ".scope", "crio");
    expect_pod(slice + "docker-" + id + ".scope", "docker");
    expect_pod("/kubepods.slice/kubepods-pod" + uid_in_slice + ".slice/cri-containerd-" + id +
                   ".scope",
               "containerd");
}

// As in kind clusters and with kubelet --cgroup-root.
TEST(Workload, PodsBelowAnotherRootOfKubernetes) {
    expect_pod("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
               "kubelet-kubepods-besteffort-pod" +
                   uid_in_slice + ".slice/cri-containerd-" + id + ".scope",
               "containerd");
}

// What containerd makes of a systemd path when its own driver is cgroupfs.
TEST(Workload, PodsOfContainerdWithTheOtherDriver) {
    expect_pod("/system.slice/containerd.service/kubepods-burstable-pod" + uid_in_slice +
                   ".slice:cri-containerd:" + id,
               "containerd");
}

TEST(Workload, PodsOfKubernetesWithCgroupfsDriver) {
    for (const char* quality : {"", "burstable/", "besteffort/"}) {
        const std::string path = std::string("/kubepods/") + quality + "pod" + uid + "/" + id;
        const Workload workload = parse_workload("0::" + path + "\n");
        EXPECT_EQ(workload.kind, WorkloadKind::pod) << path;
        EXPECT_EQ(workload.pod, uid) << path;
        EXPECT_EQ(workload.container, id) << path;
    }
}

TEST(Workload, PodsOfCrioWithCgroupfsDriver) {
    expect_pod("/kubepods/burstable/pod" + uid + "/crio-" + id, "crio");
}

TEST(Workload, PodmanWithCgroupfsDriver) {
    expect_container("/libpod_parent/libpod-" + id, "podman");
}

TEST(Workload, AllHierarchiesOfVersionOneAreRead) {
    const Workload docker = parse_workload("12:pids:/docker/" + id + "\n" + "11:memory:/docker/" +
                                           id + "\n" + "1:name=systemd:/docker/" + id + "\n");
    EXPECT_EQ(docker.kind, WorkloadKind::container);
    EXPECT_EQ(docker.container, id);

    const Workload pod =
        parse_workload("11:memory:/kubepods/burstable/pod" + uid + "/" + id +
                       "\n4:cpu,cpuacct:/kubepods/burstable/pod" + uid + "/" + id +
                       "\n1:name=systemd:/kubepods/burstable/pod" + uid + "/" + id + "\n");
    EXPECT_EQ(pod.kind, WorkloadKind::pod);
    EXPECT_EQ(pod.pod, uid);

    const Workload unit =
        parse_workload("4:cpu,cpuacct:/\n3:cpuset:/\n1:name=systemd:/system.slice/ssh.service\n");
    EXPECT_EQ(unit.kind, WorkloadKind::systemd_unit);
    EXPECT_EQ(unit.unit, "ssh.service");
    EXPECT_EQ(unit.path, "/system.slice/ssh.service");
}

TEST(Workload, TheMostSpecificHierarchyOfAHybridHostWins) {
    const std::string docker = "/docker/" + id;
    for (const std::string& content :
         {"11:memory:" + docker + "\n1:name=systemd:/system.slice/docker.service\n0::/\n",
          "0::/\n1:name=systemd:/system.slice/docker.service\n11:memory:" + docker + "\n",
          "0::/system.slice/docker.service\n11:memory:" + docker + "\n"}) {
        const Workload workload = parse_workload(content);
        EXPECT_EQ(workload.kind, WorkloadKind::container) << content;
        EXPECT_EQ(workload.path, docker) << content;
    }
    EXPECT_EQ(
        parse_workload("1:name=systemd:/user.slice/user-0.slice/session-1.scope\n0::/\n").kind,
        WorkloadKind::session);
}

// proc(5): the kernel adds this while processes outlive their cgroup.
TEST(Workload, ARemovedCgroupIsStillRecognised) {
    const Workload workload =
        parse_workload("0::/system.slice/docker-" + id + ".scope (deleted)\n");
    EXPECT_EQ(workload.kind, WorkloadKind::container);
    EXPECT_EQ(workload.container, id);
    EXPECT_EQ(parse_workload("0::/system.slice/nginx.service (deleted)\n").unit, "nginx.service");
}

// cgroup_namespaces(7): paths outside the reader's root begin with "/..".
TEST(Workload, PathsAboveTheReadersRootAreRead) {
    EXPECT_EQ(parse_workload("0::/../../system.slice/nginx.service\n").unit, "nginx.service");
    EXPECT_EQ(parse_workload("0::/../docker-" + id + ".scope\n").container, id);
}

TEST(Workload, AColonInAPathBelongsToThePath) {
    const Workload workload = parse_workload("0::/system.slice/odd:name.service\n");
    EXPECT_EQ(workload.unit, "odd:name.service");
}

TEST(Workload, ConmonIsNotTheContainerItWatches) {
    const Workload workload = parse_workload("0::/machine.slice/libpod-conmon-" + id + ".scope\n");
    EXPECT_NE(workload.kind, WorkloadKind::container);
}

// Programs in a container choose the names inside, so the outer container is shown as well.
TEST(Workload, ANestedContainerIsToldWithTheOuterOne) {
    const Workload docker = parse_workload("0::/docker/" + other_id + "/docker/" + id + "\n");
    EXPECT_EQ(docker.kind, WorkloadKind::container);
    EXPECT_EQ(docker.container, id);
    EXPECT_EQ(docker.outer, "docker 001122334455");
    EXPECT_EQ(docker.label(), "docker 3f4e5d6c7b8a in docker 001122334455");

    // kind: Kubernetes in Docker.
    const Workload pod =
        parse_workload("0::/system.slice/docker-" + other_id +
                       ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" +
                       uid_in_slice + ".slice/cri-containerd-" + id + ".scope\n");
    EXPECT_EQ(pod.kind, WorkloadKind::pod);
    EXPECT_EQ(pod.pod, uid);
    EXPECT_EQ(pod.container, id);
    EXPECT_EQ(pod.outer, "docker 001122334455");

    // Docker in a pod: what the platform can act on is the pod.
    const Workload in_pod = parse_workload("0::/kubepods/burstable/pod" + uid + "/" + other_id +
                                           "/docker/" + id + "\n");
    EXPECT_EQ(in_pod.kind, WorkloadKind::pod);
    EXPECT_EQ(in_pod.pod, uid);
    EXPECT_EQ(in_pod.container, id);
    EXPECT_EQ(in_pod.runtime, "docker");
    EXPECT_EQ(in_pod.outer, "pod " + uid + " (001122334455)");
    EXPECT_EQ(in_pod.named_by, NameSource::container);
}

TEST(Workload, TheHierarchyThatShowsTheInnerContainerWins) {
    const Workload workload =
        parse_workload("5:memory:/docker/" + other_id + "\n4:pids:/docker/" + other_id +
                       "/docker/" + id + "\n3:cpu:/docker/" + other_id + "\n0::/\n");
    EXPECT_EQ(workload.container, id);
    EXPECT_EQ(workload.outer, "docker 001122334455");
}

// podman run --cgroups=split, as Quadlet writes units: the container is in its service.
TEST(Workload, AContainerInsideOfItsUnit) {
    const Workload workload =
        parse_workload("0::/system.slice/web.service/libpod-payload-" + id + "\n");
    EXPECT_EQ(workload.kind, WorkloadKind::container);
    EXPECT_EQ(workload.runtime, "podman");
    EXPECT_EQ(workload.container, id);
    EXPECT_EQ(workload.unit, "web.service");
    expect_unit("/system.slice/web.service/runtime", "web.service");
}

// Names in a user's subtree fill no field that anything could act on.
TEST(Workload, WhatAUserNamesIsAClaim) {
    const std::string manager = "/user.slice/user-1000.slice/user@1000.service";
    for (const std::string& below :
         {"/user.slice/libpod-" + id + ".scope", "/docker-" + id + ".scope",
          "/nerdctl-" + id + ".scope", std::string("/app.slice/sync.service"),
          "/u7s.service/kubepods/burstable/pod" + uid + "/" + id}) {
        const Workload workload = parse_workload("0::" + manager + below + "\n");
        EXPECT_EQ(workload.kind, WorkloadKind::session) << below;
        EXPECT_EQ(workload.user, "1000") << below;
        EXPECT_EQ(workload.unit, "user@1000.service") << below;
        EXPECT_EQ(workload.runtime + workload.container + workload.pod, "") << below;
        EXPECT_EQ(workload.named_by, NameSource::user) << below;
        EXPECT_NE(workload.claim, "") << below;
    }
}

TEST(Workload, WhatIsBelowACgroupThatAUserOwnsIsAClaim) {
    const CgroupView view{.owner = [](std::string_view controllers, std::string_view path) {
        EXPECT_EQ(controllers, "");
        return std::optional<std::uint32_t>(path.starts_with("/system.slice/runner.service") ? 1001
                                                                                             : 0);
    }};
    const Workload scope =
        parse_workload("0::/system.slice/runner.service/docker-" + id + ".scope\n", view);
    EXPECT_EQ(scope.kind, WorkloadKind::systemd_unit);
    EXPECT_EQ(scope.unit, "runner.service");
    EXPECT_EQ(scope.container, "");
    EXPECT_EQ(scope.user, "1001");
    EXPECT_EQ(scope.claim, "docker 3f4e5d6c7b8a");
    EXPECT_EQ(scope.named_by, NameSource::user);
    EXPECT_EQ(scope.label(), "runner.service (user 1001 claims docker 3f4e5d6c7b8a)");
    // The host named the service itself, and says nothing of a user by that.
    const Workload service = parse_workload("0::/system.slice/runner.service\n", view);
    EXPECT_EQ(service.claim, "");
    EXPECT_EQ(service.named_by, NameSource::host);
}

TEST(Workload, ANameThatReachesIntoAUsersCgroupIsAClaim) {
    const CgroupView view{.owner = [](std::string_view, std::string_view path) {
        return std::optional<std::uint32_t>(path == "/docker" ? 1001 : 0);
    }};
    const Workload workload = parse_workload("0::/docker/" + id + "\n", view);
    EXPECT_EQ(workload.kind, WorkloadKind::unknown);
    EXPECT_EQ(workload.container, "");
    EXPECT_EQ(workload.claim, "looks like container 3f4e5d6c7b8a");
}

// With user namespaces, the root of a container owns the container's cgroup.
TEST(Workload, TheOwnerOfAContainersOwnCgroupMakesItNoClaim) {
    const CgroupView view{.owner = [](std::string_view, std::string_view path) {
        return std::optional<std::uint32_t>(path.find(".payload") == path.npos ? 0 : 100'000);
    }};
    const Workload workload = parse_workload("0::/lxc.payload.web1/system.slice/a.service\n", view);
    EXPECT_EQ(workload.container, "web1");
    EXPECT_EQ(workload.unit, "a.service");
    EXPECT_TRUE(workload.unit_inside);
    EXPECT_EQ(workload.claim, "");
}

TEST(Workload, AUserCannotHideAContainerOfAnotherHierarchy) {
    const Workload workload = parse_workload(
        "4:memory:/docker/" + id + "\n0::/user.slice/user-1.slice/user@1.service/docker-" +
        other_id + ".scope\n");
    EXPECT_EQ(workload.kind, WorkloadKind::container);
    EXPECT_EQ(workload.container, id);
}

TEST(Workload, OfAContainerBesidePodsThePodIsUnknown) {
    const CgroupView with_pods{.has_pods = true};
    const std::string docker = "0::/docker/" + id + "\n";
    EXPECT_EQ(parse_workload(docker, with_pods).doubt, WorkloadDoubt::pod_unknown);
    EXPECT_EQ(parse_workload(docker, with_pods).pod, "");
    EXPECT_EQ(parse_workload(docker).doubt, WorkloadDoubt::none);
    EXPECT_EQ(parse_workload("0::/docker/buildkit/k7d2m5x0\n", with_pods).doubt,
              WorkloadDoubt::pod_unknown);
    for (const std::string& path : {"/kubepods/pod" + uid + "/" + id, std::string("/lxc/web1"),
                                    std::string("/a.service"), std::string("/slurm/uid_1/job_1")})
        EXPECT_EQ(parse_workload("0::" + path + "\n", with_pods).doubt, WorkloadDoubt::none)
            << path;
}

TEST(Workload, AJobOfABatchSystemHasItsParts) {
    const Workload workload = parse_workload("0::/slurm/uid_1000/job_123/step_0/task_0\n");
    EXPECT_EQ(workload.runtime, "slurm");
    EXPECT_EQ(workload.group_kind, "job");
    EXPECT_EQ(workload.group, "123");
    EXPECT_EQ(workload.step, "0");
    EXPECT_EQ(workload.user, "1000");
    EXPECT_EQ(workload.claim, "");
}

// A recursion for each segment would end the agent.
TEST(Workload, ClaimsWithinClaimsAreBounded) {
    std::string path = "0::";
    for (int i = 0; i < 400; ++i) path += "/user.slice/user-1.slice";
    const Workload workload = parse_workload(path + "/docker-" + id + ".scope\n");
    EXPECT_EQ(workload.kind, WorkloadKind::session);
    EXPECT_LE(workload.claim.size(), 255U);
}

TEST(Workload, ContainersOfPodmansPodsOfEcsAndOfNerdctl) {
    expect_container("/machine.slice/machine-libpod_pod_" + other_id + ".slice/libpod-" + id +
                         ".scope/container",
                     "podman");
    expect_container("/ecs/0123456789abcdef0123456789abcdef/" + id, "ecs");
    expect_container("/default/" + id, "containerd");
    expect_container("/system.slice/nerdctl-" + id + ".scope", "containerd");
}

TEST(Workload, MachinesOfSystemd) {
    for (const char* path : {"/machine.slice/machine-my\\x2dbox.scope/payload/init.scope",
                             "/machine.slice/systemd-nspawn@my\\x2dbox.service/payload"}) {
        const Workload workload = parse_workload(std::string("0::") + path + "\n");
        EXPECT_EQ(workload.kind, WorkloadKind::container) << path;
        EXPECT_EQ(workload.runtime, "nspawn") << path;
        EXPECT_EQ(workload.container, "my-box") << path;
        EXPECT_EQ(workload.label(), "nspawn my-box");
    }
    // nspawn itself is the host's.
    expect_unit("/machine.slice/systemd-nspawn@box.service/supervisor",
                "systemd-nspawn@box.service");
    EXPECT_NE(parse_workload("0::/payload\n").kind, WorkloadKind::container);
}

TEST(Workload, LxcsOlderAndProxmoxsLayouts) {
    for (const char* path : {"/lxc.payload/web1", "/lxc/web1/ns/init.scope"}) {
        const Workload workload = parse_workload(std::string("5:memory:") + path + "\n");
        EXPECT_EQ(workload.runtime, "lxc") << path;
        EXPECT_EQ(workload.container, "web1") << path;
    }
    EXPECT_NE(parse_workload("0::/lxc.monitor.web1\n").kind, WorkloadKind::container);
}

TEST(Workload, ConmonOfCrioIsInThePodButNotTheContainer) {
    const Workload workload = parse_workload("0::/kubepods.slice/kubepods-pod" + uid_in_slice +
                                             ".slice/crio-conmon-" + id + ".scope\n");
    EXPECT_EQ(workload.kind, WorkloadKind::pod);
    EXPECT_EQ(workload.container, "");
}

// An agent in its own cgroup namespace sees its own cgroup as "/".
TEST(Workload, TheRootOfAnotherNamespaceIsNotTheHost) {
    EXPECT_EQ(parse_workload("0::/\n", {.from_host = false}).kind, WorkloadKind::unknown);
    EXPECT_EQ(parse_workload("0::/\n", {.from_host = false}).label(), "unknown");
    EXPECT_EQ(parse_workload("0::/../..\n", {.from_host = false}).kind, WorkloadKind::unknown);
    EXPECT_EQ(parse_workload("0::/../nginx.service\n", {.from_host = false}).unit, "nginx.service");
}

// proc_cgroup_show: of an ending task each v1 hierarchy shows "/", whatever it was in.
TEST(Workload, WhatIsHiddenOfAnEndingProcessIsUnknown) {
    const CgroupView ending{.ending = true};
    EXPECT_EQ(parse_workload("2:memory:/\n1:name=systemd:/\n0::/\n", ending), Workload{});
    EXPECT_EQ(parse_workload("2:memory:/\n0::/system.slice/docker.service\n", ending), Workload{});
    EXPECT_EQ(parse_workload("2:memory:/\n0::/docker/" + id + "\n", ending).container, id);
    // v2 alone goes on telling.
    EXPECT_EQ(parse_workload("0::/system.slice/nginx.service\n", ending).unit, "nginx.service");
    EXPECT_EQ(parse_workload("0::/\n", ending).doubt, WorkloadDoubt::namespaces_unknown);
}

// So that no name makes a finding longer than the collector takes.
TEST(Workload, TextsAreBounded) {
    std::string replaced; // what 255 bytes that are no UTF-8 become
    for (int i = 0; i < 255; ++i) replaced += "\xef\xbf\xbd";
    const Workload unit = parse_workload("0::/system.slice/" + replaced + ".service\n");
    EXPECT_LE(unit.unit.size(), 255U);
    EXPECT_LE(parse_workload("0::/lxc/" + replaced + "\n").container.size(), 255U);
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "/" + replaced;
    EXPECT_LE(parse_workload("0::" + deep + "\n").path.size(), 4096U);
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += "/docker/" + id;
    const Workload inner = parse_workload("0::" + nested + "\n");
    EXPECT_LE(inner.outer.size(), 255U);
    EXPECT_EQ(inner.container, id);
}

TEST(Workload, HostileNamesEnd) {
    const std::string deep = "0::" + [] {
        std::string path;
        for (int i = 0; i < 100'000; ++i) path += "/docker-";
        return path;
    }() + "\n";
    EXPECT_EQ(parse_workload(deep).kind, WorkloadKind::unknown);
    EXPECT_EQ(parse_workload("0::/system.slice/docker-.scope\n").container, "");
    EXPECT_EQ(parse_workload("0::/docker/\n").container, "");
}

TEST(WorkloadLabel, IsOneLineForPeople) {
    EXPECT_EQ(parse_workload("0::/system.slice/nginx.service\n").label(), "nginx.service");
    EXPECT_EQ(parse_workload("0::/docker/" + id + "\n").label(), "docker 3f4e5d6c7b8a");
    EXPECT_EQ(parse_workload("0::/kubepods.slice/kubepods-pod" + uid_in_slice +
                             ".slice/cri-containerd-" + id + ".scope\n")
                  .label(),
              "pod " + uid + " (containerd 3f4e5d6c7b8a)");
}

TEST(WorkloadKindNames, AreReadAgain) {
    for (const WorkloadKind kind :
         {WorkloadKind::unknown, WorkloadKind::host, WorkloadKind::systemd_unit,
          WorkloadKind::session, WorkloadKind::job, WorkloadKind::container,
          WorkloadKind::virtual_machine, WorkloadKind::pod})
        EXPECT_EQ(find_workload_kind(to_string(kind)), kind) << to_string(kind);
    for (const NameSource source :
         {NameSource::host, NameSource::user, NameSource::container, NameSource::form})
        EXPECT_EQ(find_name_source(to_string(source)), source) << to_string(source);
    for (const WorkloadDoubt doubt :
         {WorkloadDoubt::none, WorkloadDoubt::pod_unknown, WorkloadDoubt::other_namespaces,
          WorkloadDoubt::namespaces_unknown})
        EXPECT_EQ(find_workload_doubt(to_string(doubt)), doubt) << to_string(doubt);
    EXPECT_EQ(find_name_source("nonsense"), NameSource::form);
    EXPECT_EQ(find_workload_kind("nonsense"), WorkloadKind::unknown);
    EXPECT_EQ(find_workload_kind(""), WorkloadKind::unknown);
}

} // namespace
} // namespace minewarden
