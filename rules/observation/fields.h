// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The table of all that can be observed, from which schema.h makes the types and the positions of
/// their fields, and schema.cpp their specifications. To add a field, add a line.
///
/// FIELD(name, value type, meaning and unit): one value.
/// BIN(histogram, name, meaning): one of the counts of a histogram; those of one histogram stand
/// together. In conditions it is "histogram.name", in C++ histogram_name.
/// TYPE(name, its fields, name in rules, event or per_window, subject, what its entity is, meaning)
#define STRATUM_DIALECTS                                                                           \
    "monero, bitcoin, stratum-v2, ethereumstratum-1, ethereumstratum-2, eth-proxy, kawpow, "       \
    "zcash, beam, grin, iron-fish, browser; calls of a node: getwork, getblocktemplate, "          \
    "eth-getwork, monero-daemon"

// clang-format off
#define PROCESS_EXEC_FIELDS(FIELD, BIN)                                                            \
    FIELD(command, text, "command name (comm), at most 15 bytes")                                  \
    FIELD(path, text, "path of the executable as it was given to execve")                          \
    FIELD(user_id, integer, "real user id")                                                        \
    FIELD(deleted, boolean, "the executable has no name in any directory (deleted, or memfd)")     \
    FIELD(parent_command, text, "command name of the parent")

#define STRATUM_MESSAGE_FIELDS(FIELD, BIN)                                                         \
    FIELD(dialect, text, STRATUM_DIALECTS)                                                         \
    FIELD(message, text,                                                                           \
          "login, job, submit, keepalive (monero); subscribe, authorize, configure, submit, notify, "\
          "set_difficulty, extranonce (bitcoin, stratum-v2); hello, set, set_target, hashrate "    \
          "besides in others; get_work, work, submit, height of a node's mining calls; transcript: "\
          "the connection carries what others said to each other")                                 \
    FIELD(sent, boolean, "the process sent it; false: it received it")                             \
    FIELD(role, text,                                                                              \
          "of the process: client or server, by the part that each end speaks; other: it passes on "\
          "both")                                                                                  \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(wallet, text,                                                                            \
          "form of the login name: monero, bitcoin, ethereum, other, none; the name is not kept")  \
    FIELD(software, text, "product name the client gives itself; other if it is none")             \
    FIELD(algorithms, integer, "how many known mining algorithm names the client lists")           \
    FIELD(miner_header, boolean, "it came with an HTTP header that only miners send")              \
    FIELD(work_requests, integer,                                                                  \
          "of a get_work: how many the process sent to this address, on any connection, with less "\
          "than ten minutes between them; otherwise 0")

#define STRATUM_SESSION_FIELDS(FIELD, BIN)                                                         \
    FIELD(dialect, text, STRATUM_DIALECTS)                                                         \
    FIELD(role, text,                                                                              \
          "of the process: client, server, or other if it passes on what others said")             \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(age_s, integer, "seconds since the connection was opened")                               \
    FIELD(client_messages, integer, "Stratum messages of the client side seen so far")             \
    FIELD(server_messages, integer, "Stratum messages of the server side seen so far")             \
    FIELD(submits, integer, "shares or blocks submitted, as far as seen")

#define THREAD_WINDOW_FIELDS(FIELD, BIN)                                                           \
    FIELD(thread, integer, "thread id")                                                            \
    FIELD(cpu_permille, integer, "CPU time per elapsed time, 1000 = one core")                     \
    FIELD(user_permille, integer, "part of the CPU time spent in user mode")                       \
    FIELD(voluntary_per_s, integer, "voluntary context switches per second (the thread waited)")   \
    FIELD(involuntary_per_s, integer,                                                              \
          "involuntary context switches per second (it was preempted)")                            \
    FIELD(fp_samples, integer, "fresh samples of the saved SSE control word")                      \
    FIELD(fp_nondefault, integer, "of these, in another rounding mode than to nearest")            \
    FIELD(fp_modes, integer, "distinct other rounding modes seen, 0 to 3")                         \
    FIELD(allowed_cpus, integer, "CPUs the thread may run on")                                     \
    FIELD(nice, integer, "-20 to 19")                                                              \
    FIELD(policy, text, "other, fifo, rr, batch, idle, deadline")                                  \
    FIELD(private_mib, integer, "resident anonymous, shared and huge pages of the process, MiB")   \
    FIELD(largest_mapping_mib, integer,                                                            \
          "largest mapping of the process that is no file, MiB; known only if fp_modes > 0")       \
    FIELD(fp_flushed, integer,                                                                     \
          "of fp_nondefault, with denormals flushed to zero (FTZ and DAZ set)")                    \
    BIN(rounding, nearest, "samples in the default mode, to nearest")                              \
    BIN(rounding, down, "samples in the mode toward minus infinity")                               \
    BIN(rounding, up, "samples in the mode toward plus infinity")                                  \
    BIN(rounding, to_zero, "samples in the mode toward zero")

#define PROCESS_WINDOW_FIELDS(FIELD, BIN)                                                          \
    FIELD(cpu_permille, integer, "CPU time of all threads per elapsed time, 1000 = one core")      \
    FIELD(threads, integer, "threads at the end of the window")                                    \
    FIELD(hot_threads, integer, "threads that used at least a tenth of a core")                    \
    FIELD(even_permille, integer, "CPU of the least hot thread per CPU of the hottest")            \
    FIELD(voluntary_per_s, integer, "voluntary context switches of all threads per second")        \
    FIELD(read_kib_per_s, integer, "KiB per second read through read(2) and the like")             \
    FIELD(written_kib_per_s, integer, "KiB per second written through write(2) and the like")      \
    FIELD(private_mib, integer, "resident anonymous, shared and huge pages, MiB")                  \
    FIELD(age_s, integer, "seconds since the process started")                                     \
    FIELD(fp_samples, integer, "fresh samples of the saved SSE control word, all threads")         \
    FIELD(fp_nondefault, integer, "of these, in another rounding mode than to nearest")

#define FLOW_WINDOW_FIELDS(FIELD, BIN)                                                             \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(accepted, boolean, "the process accepted the connection; false: it opened it")           \
    FIELD(sent_bytes, integer, "payload bytes sent in the window, retransmissions included")       \
    FIELD(received_bytes, integer, "payload bytes received in the window")                         \
    FIELD(sent_segments, integer, "TCP segments with payload sent in the window")                  \
    FIELD(received_segments, integer, "TCP segments with payload received in the window")          \
    FIELD(age_s, integer, "seconds since the connection was opened, or first seen")                \
    FIELD(closed, boolean, "the connection ended; the rest since the last window")

#define FLOW_DESTINATION_FIELDS(FIELD, BIN)                                                        \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(level, text,                                                                             \
          "who was told that the address belongs to the name: process (this one), namespace "      \
          "(another of its network namespace), host (anyone on the host)")                         \
    FIELD(kind, text, "pool: where miners connect; site: a pool's pages for people")               \
    FIELD(name, text, "the part of the name that is on the list; other names are not kept")        \
    FIELD(list, text, "id of the indicator list")                                                  \
    FIELD(coin, text, "what is mined there, if the list says so")                                  \
    FIELD(ambiguous, boolean,                                                                      \
          "the address also serves other names, so it may be another service")

#define WORKERS_WINDOW_FIELDS(FIELD, BIN)                                                          \
    FIELD(ended, integer, "workers that ended in the window after 10 ms of CPU or more")           \
    FIELD(living, integer, "young workers that used CPU in the window and live at its end")        \
    FIELD(mean_life_ms, integer, "how long those that ended had lived; known only if any did")     \
    FIELD(cpu_permille, integer,                                                                   \
          "CPU time of all these workers per elapsed time, 1000 = one core")                       \
    FIELD(fp_samples, integer, "samples of the saved SSE control word, of all these workers")      \
    FIELD(fp_nondefault, integer, "of these, in another rounding mode than to nearest")            \
    FIELD(fp_modes, integer, "distinct other rounding modes seen, 0 to 3")                         \
    BIN(rounding, nearest, "samples in the default mode, to nearest")                              \
    BIN(rounding, down, "samples in the mode toward minus infinity")                               \
    BIN(rounding, up, "samples in the mode toward plus infinity")                                  \
    BIN(rounding, to_zero, "samples in the mode toward zero")                                      \
    FIELD(fp_flushed, integer,                                                                     \
          "of fp_nondefault, with denormals flushed to zero (FTZ and DAZ set)")

#define SYSCALLS_WINDOW_FIELDS(FIELD, BIN)                                                         \
    FIELD(cpu_permille, integer, "CPU time of the process per elapsed time in the same window")    \
    FIELD(total_per_s, integer, "syscalls of all threads per second")                              \
    FIELD(sched_yield_per_s, integer, "of these, sched_yield")                                     \
    FIELD(sleep_per_s, integer, "of these, nanosleep and clock_nanosleep")                         \
    FIELD(futex_per_s, integer, "of these, futex (locks)")                                         \
    FIELD(read_per_s, integer, "of these, read, recv and their like")                              \
    FIELD(write_per_s, integer, "of these, write, send and their like")                            \
    FIELD(poll_per_s, integer, "of these, poll, select, epoll_wait and their like")

#define NODE_HANDSHAKE_FIELDS(FIELD, BIN)                                                          \
    FIELD(network, text, "bitcoin, ethereum, libp2p, monero")                                      \
    FIELD(variant, text,                                                                           \
          "mainnet, testnet3, testnet4, signet, regtest (bitcoin); mainnet, testnet, stagenet "    \
          "(monero); eip8, legacy (ethereum); noise, tls, plaintext (libp2p); other")              \
    FIELD(role, text, "of the process: initiator, responder, unknown")                             \
    FIELD(sent, boolean, "the process sent it; false: it received it")                             \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(serves_chain, boolean, "the sender offers blocks to others (bitcoin)")                   \
    FIELD(software, text, "product name of the sender (bitcoin); other if it is none")

#define HOST_WINDOW_FIELDS(FIELD, BIN)                                                             \
    FIELD(cpu_permille, integer, "CPU time of all processes per elapsed time, 1000 = one core")    \
    FIELD(cpus, integer, "CPUs that are online")                                                   \
    FIELD(processes, integer, "processes at the end of the window")                                \
    FIELD(busy_processes, integer, "processes that used at least a tenth of a core")

#define OBSERVATIONS(TYPE)                                                                         \
    TYPE(process_exec, PROCESS_EXEC_FIELDS, "process.exec", event, process, whole,                 \
         "a process became another program")                                                       \
    TYPE(stratum_message, STRATUM_MESSAGE_FIELDS, "stratum.message", event, process, connection,   \
         "a message of a mining pool protocol, recognised by its structure")                       \
    TYPE(stratum_session, STRATUM_SESSION_FIELDS, "stratum.session", per_window, process, connection,\
         "a connection on which Stratum was recognised and which is still open")                   \
    TYPE(thread_window, THREAD_WINDOW_FIELDS, "thread.window", per_window, process, thread,        \
         "what one busy thread did in a window")                                                   \
    TYPE(process_window, PROCESS_WINDOW_FIELDS, "process.window", per_window, process, whole,      \
         "what one busy process did in a window")                                                  \
    TYPE(flow_window, FLOW_WINDOW_FIELDS, "flow.window", per_window, process, connection,          \
         "what one TCP connection carried in a window; only those that carried something")         \
    TYPE(flow_destination, FLOW_DESTINATION_FIELDS, "flow.destination", event, process, connection,\
         "a connection to an address that a name server gave for a listed name; again in each "    \
         "window while it is open")                                                                \
    TYPE(workers_window, WORKERS_WINDOW_FIELDS, "workers.window", per_window, process, whole,      \
         "what the short-lived threads and forks of a program did in a window, together")          \
    TYPE(syscalls_window, SYSCALLS_WINDOW_FIELDS, "syscalls.window", per_window, process, whole,   \
         "one second of counted syscalls, only of a process that other evidence speaks against")   \
    TYPE(host_window, HOST_WINDOW_FIELDS, "host.window", per_window, host, whole,                  \
         "what all processes of the host did in a window, together")                              \
    TYPE(node_handshake, NODE_HANDSHAKE_FIELDS, "node.handshake", event, process, connection,      \
         "the first message of a peer-to-peer network of nodes")
// clang-format on
