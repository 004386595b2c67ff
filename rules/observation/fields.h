// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The table of all observation types and fields. schema.h makes types and field positions from it,
/// schema.cpp makes specifications. To add a field, add a line.
///
/// - FIELD(name, value type, meaning and unit): one value.
/// - BIN(histogram, name, meaning): one count of a histogram ("histogram.name" in conditions,
///   histogram_name in C++). Keep the bins of a histogram together.
/// - TYPE(name, fields, name in rules, event or per_window, subject, kind of entity, meaning)
#define MINING_PROTOCOLS                                                                           \
    "monero, bitcoin, stratum-v2, ethereumstratum-1, ethereumstratum-2, eth-proxy, kawpow, "       \
    "zcash, beam, grin, iron-fish, browser; calls of a node: getwork, getblocktemplate, "          \
    "eth-getwork, monero-daemon"

// clang-format off
#define PROCESS_EXEC_FIELDS(FIELD, BIN)                                                            \
    FIELD(command, text, "command name (comm), at most 15 bytes")                                  \
    FIELD(path, text, "path of the executable as passed to execve")                                \
    FIELD(user_id, integer, "real user id")                                                        \
    FIELD(deleted, boolean, "the executable has no name in any directory (deleted, or memfd)")     \
    FIELD(parent_command, text, "command name of the parent")

#define STRATUM_MESSAGE_FIELDS(FIELD, BIN)                                                         \
    FIELD(dialect, text, MINING_PROTOCOLS)                                                         \
    FIELD(message, text,                                                                           \
          "login, job, submit, keepalive (monero); subscribe, authorize, configure, submit, "      \
          "notify, set_difficulty, extranonce (bitcoin, stratum-v2); also hello, set, "            \
          "set_target, hashrate in others; get_work, work, submit, height for mining calls "       \
          "of a node; transcript: the connection carries a conversation of others")                \
    FIELD(sent, boolean, "the process sent it; false: it received it")                             \
    FIELD(role, text,                                                                              \
          "of the process: client or server, by what each end sends; other: it relays both")       \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(wallet, text,                                                                            \
          "form of the login name: monero, bitcoin, ethereum, other, none; the name is discarded") \
    FIELD(software, text, "product name sent by the client; other if it is not one")               \
    FIELD(algorithms, integer, "number of known mining algorithm names the client lists")          \
    FIELD(miner_header, boolean, "the HTTP request had a header that only miners send")            \
    FIELD(work_requests, integer,                                                                  \
          "of get_work, work and submit: how many get_work the process sent to this address so "   \
          "far, on any connection, with less than ten minutes between them; otherwise 0")          \
    FIELD(work_answers, integer, "how many of these were answered with work")

#define STRATUM_SESSION_FIELDS(FIELD, BIN)                                                         \
    FIELD(dialect, text, MINING_PROTOCOLS)                                                         \
    FIELD(role, text,                                                                              \
          "of the process: client, server, or other if it relays a conversation of others")        \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(age_s, integer, "seconds since the connection was opened")                               \
    FIELD(client_messages, integer, "Stratum messages of the client side seen so far")             \
    FIELD(server_messages, integer, "Stratum messages of the server side seen so far")             \
    FIELD(submits, integer, "shares or blocks submitted, as far as observed")                          \
    FIELD(conversation, boolean,                                                                   \
          "miner and pool, or miner and node, have kept a conversation: see stratum.conversation")

#define STRATUM_CONVERSATION_FIELDS(FIELD, BIN)                                                    \
    FIELD(dialect, text, MINING_PROTOCOLS)                                                         \
    FIELD(role, text, "of the process: client, server")                                            \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(jobs, integer, "work given to the miner so far, as far as observed")                         \
    FIELD(answered, integer, "requests of the miner that were answered without an error")          \
    FIELD(answered_submits, integer, "of these, shares and blocks; refused ones count, too")

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
    FIELD(resident_mib, integer, "all resident pages of the process, those of files included, MiB") \
    FIELD(largest_mapping_mib, integer,                                                            \
          "largest range of adjacent non-file mappings of the process, MiB; known only if "        \
          "fp_modes > 0")                                                                          \
    FIELD(largest_range_mib, integer, "the same of all mappings, those of files included")         \
    FIELD(device_written_kib_per_s, integer, "as in process.window")                               \
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
    FIELD(even_permille, integer,                                                                  \
          "CPU time of the least busy hot thread per CPU time of the busiest, 1000 = equal")       \
    FIELD(voluntary_per_s, integer, "voluntary context switches of all threads per second")        \
    FIELD(read_kib_per_s, integer, "KiB per second read with read(2) and similar calls")           \
    FIELD(written_kib_per_s, integer, "KiB per second written with write(2) and similar calls")    \
    FIELD(device_read_kib_per_s, integer, "KiB per second fetched from block devices")             \
    FIELD(device_written_kib_per_s, integer,                                                       \
          "KiB per second written for block devices, less what was truncated before")              \
    FIELD(private_mib, integer, "resident anonymous, shared and huge pages, MiB")                  \
    FIELD(resident_mib, integer, "all resident pages, MiB")                                        \
    FIELD(anonymous_mib, integer, "of these, of private memory without a file")                    \
    FIELD(shared_mib, integer, "of these, of shared memory, memfd and tmpfs")                      \
    FIELD(file_mib, integer, "of these, of files on other file systems")                           \
    FIELD(huge_mib, integer, "of these, of hugetlbfs")                                             \
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
    FIELD(closed, boolean, "the connection ended; the counts are since the last window")

#define FLOW_DESTINATION_FIELDS(FIELD, BIN)                                                        \
    FIELD(remote_address, address, "of the peer")                                                  \
    FIELD(remote_port, integer, "of the peer")                                                     \
    FIELD(level, text,                                                                             \
          "who looked the name up: process (this one), namespace (another process in its network " \
          "namespace), host (any process on the host)")                                            \
    FIELD(kind, text, "pool: miners connect there; site: web pages of a pool")                     \
    FIELD(name, text, "the part of the name that is on the list; other names are discarded")       \
    FIELD(list, text, "id of the indicator list")                                                  \
    FIELD(coin, text, "coin that is mined there, if the list names it")                            \
    FIELD(ambiguous, boolean,                                                                      \
          "the address also serves other names, so the connection may be to another service")

#define WORKERS_WINDOW_FIELDS(FIELD, BIN)                                                          \
    FIELD(ended, integer, "workers that ended in the window after 10 ms of CPU or more")           \
    FIELD(living, integer, "young workers that used CPU in the window and live at its end")        \
    FIELD(mean_life_ms, integer, "mean lifetime of those that ended; known only if any did")       \
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
          "of fp_nondefault, with denormals flushed to zero (FTZ and DAZ set)")                    \
    FIELD(private_mib, integer,                                                                    \
          "most resident anonymous, shared and huge pages of one of its processes, MiB")           \
    FIELD(resident_mib, integer, "most resident pages of all kinds of one of its processes, MiB")  \
    FIELD(largest_mapping_mib, integer,                                                            \
          "largest range of adjacent non-file mappings of one of its processes, MiB; known only "  \
          "if fp_modes > 0")                                                                       \
    FIELD(largest_range_mib, integer, "the same of all mappings, those of files included")         \
    FIELD(device_written_kib_per_s, integer,                                                       \
          "most that one of its living processes wrote for block devices, KiB per second")

#define SYSCALLS_WINDOW_FIELDS(FIELD, BIN)                                                         \
    FIELD(cpu_permille, integer, "CPU time of the process per elapsed time in the same window")    \
    FIELD(total_per_s, integer, "syscalls of all threads per second")                              \
    FIELD(sched_yield_per_s, integer, "of these, sched_yield")                                     \
    FIELD(sleep_per_s, integer, "of these, nanosleep and clock_nanosleep")                         \
    FIELD(futex_per_s, integer, "of these, futex (locks)")                                         \
    FIELD(read_per_s, integer, "of these, read, recv and similar")                                 \
    FIELD(write_per_s, integer, "of these, write, send and similar")                               \
    FIELD(poll_per_s, integer, "of these, poll, select, epoll_wait and similar")

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
    FIELD(software, text, "product name sent by the peer (bitcoin); other if it is not one")

#define HOST_WINDOW_FIELDS(FIELD, BIN)                                                             \
    FIELD(cpu_permille, integer, "CPU time of all processes per elapsed time, 1000 = one core")    \
    FIELD(cpus, integer, "CPUs that are online")                                                   \
    FIELD(processes, integer, "processes at the end of the window")                                \
    FIELD(busy_processes, integer, "processes that used at least a tenth of a core")

#define OBSERVATIONS(TYPE)                                                                         \
    TYPE(process_exec, PROCESS_EXEC_FIELDS, "process.exec", event, process, whole,                 \
         "a process executed a program")                                                           \
    TYPE(stratum_message, STRATUM_MESSAGE_FIELDS, "stratum.message", event, process, connection,   \
         "a message of a mining protocol, recognised by its structure")                            \
    TYPE(stratum_conversation, STRATUM_CONVERSATION_FIELDS, "stratum.conversation", event, process,\
         connection,                                                                               \
         "a miner and a pool keep a conversation, once a connection: the pool answered a request " \
         "and gave work, and the connection stayed open for a second or the miner went on; or it " \
         "answered a share; or a node gave work on request, and the miner submitted some")         \
    TYPE(stratum_session, STRATUM_SESSION_FIELDS, "stratum.session", per_window, process, connection,\
         "an open connection on which a mining protocol was recognised")                           \
    TYPE(thread_window, THREAD_WINDOW_FIELDS, "thread.window", per_window, process, thread,        \
         "activity of one busy thread in a window")                                                \
    TYPE(process_window, PROCESS_WINDOW_FIELDS, "process.window", per_window, process, whole,      \
         "activity of one busy process in a window")                                               \
    TYPE(flow_window, FLOW_WINDOW_FIELDS, "flow.window", per_window, process, connection,          \
         "traffic of one TCP connection in a window, if there was any")                            \
    TYPE(flow_destination, FLOW_DESTINATION_FIELDS, "flow.destination", event, process, connection,\
         "a connection to an address that DNS gave for a listed name; repeated in each window "    \
         "while it is open")                                                                       \
    TYPE(workers_window, WORKERS_WINDOW_FIELDS, "workers.window", per_window, process, whole,      \
         "activity of all short-lived threads and forks of a program in a window")                 \
    TYPE(syscalls_window, SYSCALLS_WINDOW_FIELDS, "syscalls.window", per_window, process, whole,   \
         "syscalls counted for one second, only for a process with other evidence")                \
    TYPE(host_window, HOST_WINDOW_FIELDS, "host.window", per_window, host, whole,                  \
         "activity of all processes of the host in a window")                                      \
    TYPE(node_handshake, NODE_HANDSHAKE_FIELDS, "node.handshake", event, process, connection,      \
         "the first message of a peer-to-peer network of nodes")
// clang-format on
