// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"

#include "agent/sensors/cpu_visits.h"
#include "agent/sensors/sensors.h"
#include "common/host/boot.h"
#include "common/host/cgroup_mount.h"
#include "common/text.h"

#include <fmt/core.h>

#include <thread>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view root_remedy =
    "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; in a container also with the "
    "host's pid and cgroup namespaces";

/// What a feature that works says of itself, see Feature.
struct Found {
    std::string source;
    std::string detail;
};

Feature verdict(std::string_view name, std::string_view needed_by, const Result<Found>& found,
                std::string_view remedy) {
    Feature feature{name, needed_by, found.has_value(), {}, {}};
    if (found) {
        feature.source = found->source;
        feature.detail = found->detail;
        return feature;
    }
    feature.detail = found.error().message;
    feature.remedy = found.error().kind == ErrorKind::permission ? root_remedy : remedy;
    return feature;
}

template <class T>
Result<Found> described(const Result<T>& result, std::string source) {
    if (!result) return fail(result.error());
    return Found{std::move(source), {}};
}

/// Of a sensor that knows several ways.
template <class Sensor>
Result<Found> sourced(const Result<Sensor>& sensor) {
    if (!sensor) return fail(sensor.error());
    return Found{std::string(sensor->source()), {}};
}

Result<Found> find_btf() {
    if (::access("/sys/kernel/btf/vmlinux", R_OK) == 0) return Found{{}, "/sys/kernel/btf/vmlinux"};
    return fail(system_error(ErrorKind::unavailable, "/sys/kernel/btf/vmlinux", errno));
}

Result<Found> pull_table(const SharedMaps& maps) {
    auto sensor = TaskSensor::attach(maps);
    if (!sensor) return fail(std::move(sensor).error());
    TaskTable table;
    if (auto pulled = sensor->pull(table); !pulled) return fail(std::move(pulled).error());
    return Found{"iter/task", fmt::format("{} processes", table.processes.size())};
}

Result<Found> read_own_fp_mode(const SharedMaps& maps) {
    auto tasks = TaskSensor::attach(maps);
    auto sensor = FpModeSensor::attach(maps);
    if (!tasks) return fail(std::move(tasks).error());
    if (!sensor) return fail(std::move(sensor).error());
    TaskTable table;
    if (auto pulled = tasks->pull(table); !pulled) return fail(std::move(pulled).error());
    const auto own_pid = static_cast<std::uint32_t>(::getpid());
    std::vector<ThreadKey> own;
    for (const abi::process_record& process : table.processes) {
        if (process.subject.pid == own_pid)
            own.push_back({own_pid, process.subject.start_boottime_ns});
    }
    if (auto watched = sensor->watch(own); !watched) return fail(std::move(watched).error());
    const auto samples = sensor->read_all();
    if (!samples) return fail(samples.error());
    if (samples->empty())
        return fail(ErrorKind::unavailable, "the iterator said nothing about this process");
    const abi::fp_mode_record& sample = samples->front();
    constexpr std::array<std::string_view, 4> layouts{"unknown", "thread.fpu.state (up to 5.15)",
                                                      "thread.fpu.fpstate (5.16 to 6.15)",
                                                      "behind task_struct (from 6.16)"};
    if (sample.layout == abi::FP_LAYOUT_UNKNOWN || sample.layout >= layouts.size())
        return fail(ErrorKind::unavailable, "the kernel keeps the saved state in an unknown place");
    return Found{std::string(layouts[sample.layout]),
                 fmt::format("control word {:#06x}", sample.control_word)};
}

template <class Add>
void add_flow_features(const SharedMaps& shared, const Add& add) {
    const auto root = open_cgroup_root();
    const Result<Found> origin = root ? Result<Found>(Found{{}, root->origin}) : fail(root.error());
    add("cgroup-root", "connections of every process, containers included", origin,
        "mount cgroup2, or run in the host's cgroup namespace");
    const auto flows = root ? FlowSensor::attach(shared, root->directory.get())
                            : Result<FlowSensor>(fail(root.error()));
    add("connection-owner", "which process opened a connection", sourced(flows),
        "use Linux 5.10 or later with CONFIG_CGROUP_BPF");
    add("first-payload", "pool protocols in clear text",
        described(flows, "cgroup_skb with socket storage"),
        "use Linux 5.10 or later with CONFIG_CGROUP_BPF");
    add("dns-owner", "which process asked for a name",
        described(flows ? DnsSensor::attach(shared, root->directory.get(), flows->dns_sockets())
                        : Result<DnsSensor>(fail(flows.error())),
                  "connect and sendmsg of the cgroup root"),
        "use Linux 5.10 or later with CONFIG_CGROUP_BPF");
    add("socket-holder", "owners of accepted connections, and of those older than the agent",
        sourced(flows ? FlowPuller::attach(shared, flows->flows_map())
                      : Result<FlowPuller>(fail(flows.error()))),
        "use Linux 5.10 or later with BTF");
}

Result<Found> find_promptness() {
    bool prompt = false;
    std::thread([&prompt] { prompt = run_on_arrival(); }).join(); // scheduling belongs to a thread
    if (!prompt)
        return fail(ErrorKind::unavailable, "no scheduler slice and no real-time priority");
    return Found{{}, "scheduler slice or real-time priority"};
}

} // namespace

std::vector<Feature> probe_features() {
    set_up_bpf();
    std::vector<Feature> features;
    const auto add = [&](std::string_view name, std::string_view needed_by,
                         const Result<Found>& found, std::string_view remedy) {
        features.push_back(verdict(name, needed_by, found, remedy));
    };
    add("kernel-btf", "every sensor", find_btf(),
        "use a kernel built with CONFIG_DEBUG_INFO_BTF (Debian 11, RHEL 8.2, Ubuntu 20.10 and "
        "later)");
    const auto shared = SharedMaps::create();
    add("ring-buffer", "every sensor", described(shared, {}), "use Linux 5.8 or later");
    if (!shared) return features;

    add("process-events", "exec, fork and exit as they happen (otherwise once a window)",
        described(ProcessSensor::attach(*shared), "sched_process_exec, fork, exit"),
        "use Linux 5.8 or later with BTF");
    add_flow_features(*shared, add);
    add("task-iterator", "CPU time, threads and memory of every process", pull_table(*shared),
        "use Linux 5.8 or later with BTF");
    add("fp-mode", "RandomX (rounding modes of busy threads)", read_own_fp_mode(*shared),
        "use x86_64 with Linux 5.8 or later");
    add("syscall-histogram", "what a process with a finding asks the kernel for",
        described(SyscallSensor::load(), "tp_btf/sys_enter, loaded and not attached"),
        "use Linux 5.8 or later with BTF");
    add("prompt-sampling", "RandomX in threads that also sleep (monerod)", find_promptness(),
        "use Linux 6.12 or later, or allow RLIMIT_RTPRIO 1 (LimitRTPRIO=1 in the unit)");
    return features;
}

std::string to_table(const std::vector<Feature>& features) {
    std::string text = fmt::format("kernel {}\n\n", kernel_release());
    text += fmt::format("{:<17} {:<8} {}\n", "FEATURE", "VERDICT", "NEEDED BY / FOUND");
    bool all = true;
    for (const Feature& feature : features) {
        all = all && feature.works;
        text += fmt::format("{:<17} {:<8} {}\n", feature.name, feature.works ? "works" : "MISSING",
                            feature.needed_by);
        if (!feature.source.empty()) text += fmt::format("{:<26} by {}\n", "", feature.source);
        for (const std::string_view line : split(feature.detail, '\n'))
            if (!line.empty()) text += fmt::format("{:<26} {}\n", "", line);
        if (!feature.remedy.empty())
            text += fmt::format("{:<26} what to do: {}\n", "", feature.remedy);
    }
    text += all ? "\nEvery sensor works here.\n"
                : "\nThe agent runs without what is missing and reports the gap.\n";
    return text;
}

} // namespace minewarden::agent
