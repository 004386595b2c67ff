// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/probe.h"

#include "agent/sensors/cpu_visits.h"
#include "agent/sensors/sensors.h"
#include "common/host/boot.h"
#include "common/host/cgroup_mount.h"
#include "common/text.h"

#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <algorithm>
#include <flow.skel.h>
#include <fp_mode.skel.h>
#include <thread>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view root_remedy =
    "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; in a container also with the "
    "host's pid and cgroup namespaces";

struct ObjectDeleter {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
};

/// Loads only the named programs of an object.
Result<void> try_load(const void* elf, std::size_t size,
                      std::initializer_list<std::string_view> programs) {
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "probe");
    const std::unique_ptr<bpf_object, ObjectDeleter> object(
        bpf_object__open_mem(elf, size, &options));
    if (!object) return fail(bpf_error("cannot open the object", errno));
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object.get()) {
        const std::string_view name = bpf_program__name(program);
        const bool wanted = std::ranges::find(programs, name) != programs.end();
        bpf_program__set_autoload(program, wanted);
    }
    if (const int error = bpf_object__load(object.get()); error != 0)
        return fail(bpf_error("cannot load the program", -error));
    return {};
}

Feature verdict(std::string_view name, std::string_view needed_by, const Result<std::string>& found,
                std::string_view remedy) {
    Feature feature{name, needed_by, found.has_value(), {}, {}};
    if (found) {
        feature.detail = *found;
        return feature;
    }
    feature.detail = found.error().message;
    feature.remedy = found.error().kind == ErrorKind::permission ? root_remedy : remedy;
    return feature;
}

template <class T>
Result<std::string> described(Result<T> result, std::string description) {
    if (!result) return fail(std::move(result).error());
    return description;
}

Result<std::string> find_btf() {
    if (::access("/sys/kernel/btf/vmlinux", R_OK) == 0)
        return std::string("/sys/kernel/btf/vmlinux");
    return fail(system_error(ErrorKind::unavailable, "/sys/kernel/btf/vmlinux", errno));
}

Result<std::string> pull_table(const SharedMaps& maps) {
    auto sensor = TaskSensor::attach(maps);
    if (!sensor) return fail(std::move(sensor).error());
    TaskTable table;
    if (auto pulled = sensor->pull(table); !pulled) return fail(std::move(pulled).error());
    return fmt::format("{} processes", table.processes.size());
}

Result<std::string> read_own_fp_mode(const SharedMaps& maps) {
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
    return fmt::format("{}, control word {:#06x}", layouts[sample.layout], sample.control_word);
}

} // namespace

std::vector<Feature> probe_features() {
    set_up_bpf();
    std::vector<Feature> features;
    const auto add = [&](std::string_view name, std::string_view needed_by,
                         const Result<std::string>& found, std::string_view remedy) {
        features.push_back(verdict(name, needed_by, found, remedy));
    };
    add("kernel-btf", "every sensor", find_btf(),
        "use a kernel built with CONFIG_DEBUG_INFO_BTF (Debian 11, RHEL 8.2, Ubuntu 20.10 and "
        "later)");
    auto maps = SharedMaps::create();
    add("ring-buffer", "every sensor", described(std::move(maps), "created"),
        "use Linux 5.8 or later");
    if (!features.back().works) return features;
    auto shared = SharedMaps::create();
    if (!shared) return features;

    add("process-events", "exec, fork and exit as they happen (otherwise once a window)",
        described(ProcessSensor::attach(*shared), "sched_process_exec, fork, exit"),
        "use Linux 5.8 or later with BTF");
    std::size_t size = 0;
    const void* flow = flow_bpf::elf_bytes(&size);
    add("connection-owner", "which process opened a connection",
        described(try_load(flow, size, {"on_socket_state"}),
                  "socket storage in inet_sock_set_state"),
        "use Linux 5.12 or later");
    add("first-payload", "pool protocols in clear text",
        described(try_load(flow, size, {"on_egress", "on_ingress"}),
                  "cgroup_skb with socket storage"),
        "use Linux 5.10 or later with CONFIG_CGROUP_BPF");
    auto root = open_cgroup_root();
    const std::string origin = root ? root->origin : std::string();
    add("cgroup-root", "first payload of every process, containers included",
        described(std::move(root), origin), "mount cgroup2, or run in the host's cgroup namespace");
    add("task-iterator", "CPU time, threads and memory of every process", pull_table(*shared),
        "use Linux 5.8 or later with BTF");
    add("fp-mode", "RandomX (rounding modes of busy threads)", read_own_fp_mode(*shared),
        "use x86_64 with Linux 5.8 or later");
    add("syscall-histogram", "what a process with a finding asks the kernel for",
        described(SyscallSensor::load(), "tp_btf/sys_enter, loaded and not attached"),
        "use Linux 5.8 or later with BTF");
    bool prompt = false;
    std::thread([&prompt] { prompt = run_on_arrival(); }).join(); // scheduling belongs to a thread
    add("prompt-sampling", "RandomX in threads that also sleep (monerod)",
        prompt ? Result<std::string>("scheduler slice or real-time priority")
               : fail(ErrorKind::unavailable, "no scheduler slice and no real-time priority"),
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
        for (const std::string_view line : split(feature.detail, '\n'))
            text += fmt::format("{:<26} {}\n", "", line);
        if (!feature.remedy.empty())
            text += fmt::format("{:<26} what to do: {}\n", "", feature.remedy);
    }
    text += all ? "\nEvery sensor works here.\n"
                : "\nThe agent runs without what is missing and reports the gap.\n";
    return text;
}

} // namespace minewarden::agent
