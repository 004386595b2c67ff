// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/bpf/context.h"

#include "common/log.h"
#include "kernel/event_abi.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <fcntl.h>

namespace minewarden::agent {
namespace {

/// For a rejected program libbpf prints the verifier's log, dumps, and advice that does not apply
/// (about the memory limit). That is useful only for debugging programs.
int log_message(enum libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG || !log::is_on(log::Level::debug)) return 0;
    std::string text(64 << 10, '\0'); // libbpf passes the verifier's log in one piece
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length < 0) return length;
    text.resize(std::min(text.size(), static_cast<std::size_t>(length)));
    log::write_lines(log::Level::debug, text);
    return length;
}

struct Place {
    std::string_view name;
    abi::error_effect effect;
    std::string_view loss;
};
constexpr std::array<Place, abi::ERROR_PLACE_COUNT> places{{
#define X(name, effect, loss) {#name, abi::ERROR_##effect, loss},
    ERROR_PLACES(X)
#undef X
}};

} // namespace

Error bpf_error(std::string_view what, int error) {
    return system_error(ErrorKind::unavailable, what, error);
}

Result<BpfContext> BpfContext::create(std::vector<std::string> disabled_hooks) {
    libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
    libbpf_set_print(log_message);
    BpfContext context(std::move(disabled_hooks));
    Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, EVENT_RING_BYTES, nullptr));
    if (!ring) return fail(bpf_error("cannot create the event ring", errno));
    Fd errors(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "error_counts", sizeof(std::uint32_t),
                             sizeof(abi::error_count), abi::ERROR_PLACE_COUNT, nullptr));
    if (!errors) return fail(bpf_error("cannot create the error counts", errno));
    context.maps_.emplace("events", std::move(ring));
    context.maps_.emplace("error_counts", std::move(errors));
    return context;
}

bool BpfContext::is_disabled(std::string_view hook, std::string_view program) const {
    return std::ranges::any_of(disabled_hooks_, [&](const std::string& disabled) {
        return !disabled.empty() && (hook.starts_with(disabled) || program == disabled);
    });
}

Result<void> BpfContext::use_known_maps(bpf_object* object) const {
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, object) {
        const auto known = maps_.find(std::string_view(bpf_map__name(map)));
        if (known == maps_.end()) continue;
        if (const int error = bpf_map__reuse_fd(map, known->second.get()); error != 0)
            return fail(bpf_error(fmt::format("cannot share the map {}", known->first), -error));
    }
    return {};
}

void BpfContext::make_known(bpf_object* object) {
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, object) {
        if (bpf_map__is_internal(map) || maps_.contains(std::string_view(bpf_map__name(map))))
            continue;
        Fd copy(::fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0));
        if (copy) maps_.emplace(bpf_map__name(map), std::move(copy));
    }
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object) {
        if (bpf_program__type(program) != BPF_PROG_TYPE_TRACING || bpf_program__fd(program) < 0)
            continue;
        Fd copy(::fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0));
        if (copy) tracing_programs_.push_back(std::move(copy));
    }
}

std::uint64_t BpfContext::missed_runs() const {
    std::uint64_t missed = 0;
    for (const Fd& program : tracing_programs_) {
        bpf_prog_info info{};
        __u32 length = sizeof(info);
        if (bpf_obj_get_info_by_fd(program.get(), &info, &length) == 0)
            missed += info.recursion_misses;
    }
    return missed;
}

int BpfContext::map(std::string_view name) const {
    const auto known = maps_.find(name);
    return known == maps_.end() ? -1 : known->second.get();
}

std::vector<ErrorCount> BpfContext::read_errors() const {
    std::vector<ErrorCount> result;
    const int cpus = libbpf_num_possible_cpus();
    if (cpus <= 0) return result;
    const int map = this->map("error_counts");
    std::vector<abi::error_count> values(static_cast<std::size_t>(cpus));
    for (std::uint32_t key = 0; key < places.size(); ++key) {
        if (bpf_map_lookup_elem(map, &key, values.data()) != 0) continue;
        ErrorCount sum{places[key].name, places[key].effect, places[key].loss};
        for (const abi::error_count& value : values) {
            sum.count += value.count;
            if (value.last_error != 0) sum.last_error = value.last_error;
        }
        if (sum.count != 0) result.push_back(sum);
    }
    if (const std::uint64_t missed = missed_runs(); missed != 0)
        result.push_back({"PROGRAM_RUN_MISSED", abi::ERROR_HARMLESS,
                          "an event in a softirq while its program ran on the same CPU; what is "
                          "missing of a connection is found with its next payload or look",
                          missed});
    return result;
}

} // namespace minewarden::agent
