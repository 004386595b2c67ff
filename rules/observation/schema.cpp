// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/schema.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using enum ValueType;

constexpr std::array<FieldSpec, process_exec::field_count> process_exec_fields{{
    {"command", text, "command name (comm), at most 15 bytes"},
    {"path", text, "path of the executable as it was given to execve"},
    {"user_id", integer, "real user id"},
    {"deleted", boolean, "the executable has no name in any directory (deleted, or memfd)"},
    {"parent_command", text, "command name of the parent"},
}};

constexpr std::string_view dialects =
    "monero, bitcoin, stratum-v2, ethereumstratum-1, ethereumstratum-2, eth-proxy, kawpow, zcash, "
    "beam, grin, iron-fish, browser; calls of a node: getwork, getblocktemplate, eth-getwork, "
    "monero-daemon";

constexpr std::array<FieldSpec, stratum_message::field_count> stratum_message_fields{{
    {"dialect", text, dialects},
    {"message", text,
     "login, job, submit, keepalive (monero); subscribe, authorize, configure, submit, notify, "
     "set_difficulty, extranonce (bitcoin, stratum-v2); hello, set, set_target, hashrate besides "
     "in others; get_work, work, submit, height of a node's mining calls; transcript: the "
     "connection carries what others said to each other"},
    {"sent", boolean, "the process sent it; false: it received it"},
    {"role", text,
     "of the process: client or server, by the part that each end speaks; other: it passes on "
     "both"},
    {"remote_address", address, "of the peer"},
    {"remote_port", integer, "of the peer"},
    {"wallet", text,
     "form of the login name: monero, bitcoin, ethereum, other, none; the name is not kept"},
    {"software", text, "product name the client gives itself; other if it is none"},
    {"algorithms", integer, "how many known mining algorithm names the client lists"},
    {"miner_header", boolean, "it came with an HTTP header that only miners send"},
    {"work_requests", integer,
     "of a get_work: how many the process sent to this address, on any connection, with less than "
     "ten minutes between them; otherwise 0"},
}};

constexpr std::array<FieldSpec, stratum_session::field_count> stratum_session_fields{{
    {"dialect", text, dialects},
    {"role", text, "of the process: client, server, or other if it passes on what others said"},
    {"remote_address", address, "of the peer"},
    {"remote_port", integer, "of the peer"},
    {"age_s", integer, "seconds since the connection was opened"},
    {"client_messages", integer, "Stratum messages of the client side seen so far"},
    {"server_messages", integer, "Stratum messages of the server side seen so far"},
    {"submits", integer, "shares or blocks submitted, as far as seen"},
}};

constexpr std::array<FieldSpec, node_handshake::field_count> node_handshake_fields{{
    {"network", text, "bitcoin, ethereum, libp2p, monero"},
    {"variant", text,
     "mainnet, testnet3, testnet4, signet, regtest (bitcoin); mainnet, testnet, stagenet (monero); "
     "eip8, legacy (ethereum); noise, tls, plaintext (libp2p); other"},
    {"role", text, "of the process: initiator, responder, unknown"},
    {"sent", boolean, "the process sent it; false: it received it"},
    {"remote_address", address, "of the peer"},
    {"remote_port", integer, "of the peer"},
    {"serves_chain", boolean, "the sender offers blocks to others (bitcoin)"},
    {"software", text, "product name of the sender (bitcoin); other if it is none"},
}};

constexpr std::array<FieldSpec, thread_window::field_count> thread_window_fields{{
    {"thread", integer, "thread id"},
    {"cpu_permille", integer, "CPU time per elapsed time, 1000 = one core"},
    {"user_permille", integer, "part of the CPU time spent in user mode"},
    {"voluntary_per_s", integer, "voluntary context switches per second (the thread waited)"},
    {"involuntary_per_s", integer, "involuntary context switches per second (it was preempted)"},
    {"fp_samples", integer, "fresh samples of the saved SSE control word"},
    {"fp_nondefault", integer, "of these, in another rounding mode than to nearest"},
    {"fp_modes", integer, "distinct other rounding modes seen, 0 to 3"},
    {"allowed_cpus", integer, "CPUs the thread may run on"},
    {"nice", integer, "-20 to 19"},
    {"policy", text, "other, fifo, rr, batch, idle, deadline"},
    {"private_mib", integer, "resident anonymous, shared and huge pages of the process, MiB"},
    {"largest_mapping_mib", integer,
     "largest mapping of the process that is no file, MiB; known only if fp_modes > 0"},
    {"fp_flushed", integer, "of fp_nondefault, with denormals flushed to zero (FTZ and DAZ set)"},
    {"fp_down", integer, "samples in the mode toward minus infinity"},
    {"fp_up", integer, "samples in the mode toward plus infinity"},
    {"fp_to_zero", integer, "samples in the mode toward zero"},
}};

constexpr std::array<FieldSpec, process_window::field_count> process_window_fields{{
    {"cpu_permille", integer, "CPU time of all threads per elapsed time, 1000 = one core"},
    {"threads", integer, "threads at the end of the window"},
    {"hot_threads", integer, "threads that used at least a tenth of a core"},
    {"even_permille", integer, "CPU of the least hot thread per CPU of the hottest"},
    {"voluntary_per_s", integer, "voluntary context switches of all threads per second"},
    {"read_kib_per_s", integer, "KiB per second read through read(2) and the like"},
    {"written_kib_per_s", integer, "KiB per second written through write(2) and the like"},
    {"private_mib", integer, "resident anonymous, shared and huge pages, MiB"},
    {"age_s", integer, "seconds since the process started"},
    {"fp_samples", integer, "fresh samples of the saved SSE control word, all threads"},
    {"fp_nondefault", integer, "of these, in another rounding mode than to nearest"},
}};

constexpr std::array<FieldSpec, flow_window::field_count> flow_window_fields{{
    {"remote_address", address, "of the peer"},
    {"remote_port", integer, "of the peer"},
    {"accepted", boolean, "the process accepted the connection; false: it opened it"},
    {"sent_bytes", integer, "payload bytes sent in the window, retransmissions included"},
    {"received_bytes", integer, "payload bytes received in the window"},
    {"sent_segments", integer, "TCP segments with payload sent in the window"},
    {"received_segments", integer, "TCP segments with payload received in the window"},
    {"age_s", integer, "seconds since the connection was opened, or first seen"},
    {"closed", boolean, "the connection ended; the rest since the last window"},
}};

constexpr std::array<FieldSpec, flow_destination::field_count> flow_destination_fields{{
    {"remote_address", address, "of the peer"},
    {"remote_port", integer, "of the peer"},
    {"level", text,
     "who was told that the address belongs to the name: process (this one), namespace (another of "
     "its network namespace), host (anyone on the host)"},
    {"kind", text, "pool: where miners connect; site: a pool's pages for people"},
    {"name", text, "the part of the name that is on the list; other names are not kept"},
    {"list", text, "id of the indicator list"},
    {"coin", text, "what is mined there, if the list says so"},
    {"ambiguous", boolean, "the address also serves other names, so it may be another service"},
}};

constexpr std::array<FieldSpec, workers_window::field_count> workers_window_fields{{
    {"ended", integer, "workers that ended in the window after 10 ms of CPU or more"},
    {"living", integer, "young workers that used CPU in the window and live at its end"},
    {"mean_life_ms", integer, "how long those that ended had lived; known only if any did"},
    {"cpu_permille", integer, "CPU time of all these workers per elapsed time, 1000 = one core"},
    {"fp_samples", integer, "samples of the saved SSE control word, of all these workers"},
    {"fp_nondefault", integer, "of these, in another rounding mode than to nearest"},
    {"fp_modes", integer, "distinct other rounding modes seen, 0 to 3"},
    {"fp_down", integer, "samples in the mode toward minus infinity"},
    {"fp_up", integer, "samples in the mode toward plus infinity"},
    {"fp_to_zero", integer, "samples in the mode toward zero"},
    {"fp_flushed", integer, "of fp_nondefault, with denormals flushed to zero (FTZ and DAZ set)"},
}};

constexpr std::array<FieldSpec, syscalls_window::field_count> syscalls_window_fields{{
    {"cpu_permille", integer, "CPU time of the process per elapsed time in the same window"},
    {"total_per_s", integer, "syscalls of all threads per second"},
    {"sched_yield_per_s", integer, "of these, sched_yield"},
    {"sleep_per_s", integer, "of these, nanosleep and clock_nanosleep"},
    {"futex_per_s", integer, "of these, futex (locks)"},
    {"read_per_s", integer, "of these, read, recv and their like"},
    {"write_per_s", integer, "of these, write, send and their like"},
    {"poll_per_s", integer, "of these, poll, select, epoll_wait and their like"},
}};

constexpr std::array<ObservationSpec, observation_type_count> specs{{
    {ObservationType::process_exec, "process.exec", false, "a process became another program",
     process_exec_fields},
    {ObservationType::stratum_message, "stratum.message", false,
     "a message of a mining pool protocol, recognised by its structure", stratum_message_fields},
    {ObservationType::stratum_session, "stratum.session", true,
     "a connection on which Stratum was recognised and which is still open",
     stratum_session_fields},
    {ObservationType::thread_window, "thread.window", true, "what one busy thread did in a window",
     thread_window_fields},
    {ObservationType::process_window, "process.window", true,
     "what one busy process did in a window", process_window_fields},
    {ObservationType::flow_window, "flow.window", true,
     "what one TCP connection carried in a window; only those that carried something",
     flow_window_fields},
    {ObservationType::flow_destination, "flow.destination", false,
     "a connection to an address that a name server gave for a listed name; again in each window "
     "while it is open",
     flow_destination_fields},
    {ObservationType::workers_window, "workers.window", true,
     "what the short-lived threads and forks of a program did in a window, together",
     workers_window_fields},
    {ObservationType::syscalls_window, "syscalls.window", true,
     "one second of counted syscalls, only of a process that other evidence speaks against",
     syscalls_window_fields},
    {ObservationType::node_handshake, "node.handshake", false,
     "the first message of a peer-to-peer network of nodes", node_handshake_fields},
}};

} // namespace

const ObservationSpec& spec_of(ObservationType type) {
    return specs[static_cast<std::size_t>(type)];
}

std::span<const ObservationSpec> all_observations() {
    return specs;
}

std::optional<ObservationType> find_observation(std::string_view name) {
    const auto found = std::ranges::find(specs, name, &ObservationSpec::name);
    if (found == specs.end()) return std::nullopt;
    return found->type;
}

std::optional<std::size_t> find_field(ObservationType type, std::string_view name) {
    const auto& fields = spec_of(type).fields;
    const auto found = std::ranges::find(fields, name, &FieldSpec::name);
    if (found == fields.end()) return std::nullopt;
    return static_cast<std::size_t>(found - fields.begin());
}

} // namespace minewarden::rules
