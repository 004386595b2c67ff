// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/value.h"

#include <optional>
#include <span>

/// The vocabulary of the rule language: what can be observed. `minewarden rules fields` prints it
/// and docs/rules.md is checked against it. Observation types do not name their source, so another
/// sensor can fill them.
namespace minewarden::rules {

enum class ObservationType {
    process_exec,
    stratum_message,
    stratum_session,
    thread_window,
    process_window,
    flow_window,
    flow_destination,
    workers_window,
    syscalls_window,
    node_handshake
};
inline constexpr std::size_t observation_type_count = 10;

struct FieldSpec {
    std::string_view name;
    ValueType type;
    std::string_view help; ///< meaning and unit
};

struct ObservationSpec {
    ObservationType type;
    std::string_view name;
    /// One per entity and window, so that window aggregates are possible; otherwise it is an event.
    bool per_window;
    std::string_view help;
    std::span<const FieldSpec> fields;
};

[[nodiscard]] const ObservationSpec& spec_of(ObservationType type);
[[nodiscard]] std::span<const ObservationSpec> all_observations();
[[nodiscard]] std::optional<ObservationType> find_observation(std::string_view name);
[[nodiscard]] std::optional<std::size_t> find_field(ObservationType type, std::string_view name);

// Positions of the fields in Observation::values, in the order of the specification.

namespace process_exec {
enum Field : std::size_t { command, path, user_id, deleted, parent_command, field_count };
}
namespace stratum_message {
enum Field : std::size_t {
    dialect,
    message,
    sent,
    role,
    remote_address,
    remote_port,
    wallet,
    software,
    algorithms,
    miner_header,
    work_requests,
    field_count
};
}
namespace stratum_session {
enum Field : std::size_t {
    dialect,
    role,
    remote_address,
    remote_port,
    age_s,
    client_messages,
    server_messages,
    submits,
    field_count
};
}
namespace node_handshake {
enum Field : std::size_t {
    network,
    variant,
    role,
    sent,
    remote_address,
    remote_port,
    serves_chain,
    software,
    field_count
};
}
namespace thread_window {
enum Field : std::size_t {
    thread,
    cpu_permille,
    user_permille,
    voluntary_per_s,
    involuntary_per_s,
    fp_samples,
    fp_nondefault,
    fp_modes,
    allowed_cpus,
    nice,
    policy,
    private_mib,
    largest_mapping_mib,
    fp_flushed,
    fp_down,
    fp_up,
    fp_to_zero,
    field_count
};
}
namespace process_window {
enum Field : std::size_t {
    cpu_permille,
    threads,
    hot_threads,
    even_permille,
    voluntary_per_s,
    read_kib_per_s,
    written_kib_per_s,
    private_mib,
    age_s,
    fp_samples,
    fp_nondefault,
    field_count
};
}
namespace flow_window {
enum Field : std::size_t {
    remote_address,
    remote_port,
    accepted,
    sent_bytes,
    received_bytes,
    sent_segments,
    received_segments,
    age_s,
    closed,
    field_count
};
}
namespace flow_destination {
enum Field : std::size_t {
    remote_address,
    remote_port,
    level,
    kind,
    name,
    list,
    coin,
    ambiguous,
    field_count
};
}
namespace workers_window {
enum Field : std::size_t {
    ended,
    living,
    mean_life_ms,
    cpu_permille,
    fp_samples,
    fp_nondefault,
    fp_modes,
    fp_down,
    fp_up,
    fp_to_zero,
    fp_flushed,
    field_count
};
}
namespace syscalls_window {
enum Field : std::size_t {
    cpu_permille,
    total_per_s,
    sched_yield_per_s,
    sleep_per_s,
    futex_per_s,
    read_per_s,
    write_per_s,
    poll_per_s,
    field_count
};
}

} // namespace minewarden::rules
