// SPDX-License-Identifier: Apache-2.0
#include "collector/api/endpoints.h"

#include <fmt/core.h>

namespace minewarden::collector {
namespace {

constexpr double ns_per_second = 1e9;

/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
class MetricsText {
  public:
    enum class Type { counter, gauge };

    /// Starts a metric; `add` adds its values.
    void begin(std::string_view name, Type type, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP minewarden_{} {}\n# TYPE minewarden_{} {}\n", name, help, name,
                             type == Type::counter ? "counter" : "gauge");
    }
    void add(std::string_view labels, double value) {
        text_ += fmt::format("minewarden_{}{} {}\n", name_, labels, value);
    }
    void counter(std::string_view name, std::string_view help, const Counters::Counter& value) {
        begin(name, Type::counter, help);
        add("", static_cast<double>(value.load()));
    }
    void gauge(std::string_view name, std::string_view help, double value) {
        begin(name, Type::gauge, help);
        add("", value);
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string_view name_;
    std::string text_;
};

void add_intake(MetricsText& metrics, const Counters& counters) {
    using enum MetricsText::Type;
    metrics.begin("intake_handshakes_total", counter, "Handshakes, by result.");
    metrics.add("{result=\"accepted\"}", static_cast<double>(counters.handshakes_accepted.load()));
    metrics.add("{result=\"refused\"}", static_cast<double>(counters.handshakes_refused.load()));
    metrics.add("{result=\"failed\"}", static_cast<double>(counters.handshakes_failed.load()));
    metrics.gauge("intake_connections", "Connections of agents.",
                  static_cast<double>(counters.connections.load()));
    metrics.counter("intake_connections_over_limit_total",
                    "Connections ended or refused because there were too many.",
                    counters.connections_over_limit);
    metrics.counter("intake_connections_held_back_total",
                    "Connections refused because their address came with deaths of the intake.",
                    counters.connections_held_back);
    metrics.counter("intake_pauses_total", "Times that nothing was read because memory was full.",
                    counters.pauses);
    metrics.counter("intake_restarts_total", "Restarts of the intake process.",
                    counters.intake_restarts);
    metrics.counter("store_restarts_total", "Restarts of the store process.",
                    counters.store_restarts);
    metrics.counter("intake_messages_total", "Messages received.", counters.messages);
    metrics.counter("intake_message_bytes_total", "Bytes of messages received.",
                    counters.message_bytes);
    metrics.begin("intake_refused_messages_total", counter, "Messages refused, by reason.");
    for (std::size_t i = 0; i < message_faults; ++i)
        metrics.add(fmt::format("{{reason=\"{}\"}}", to_string(static_cast<MessageFault>(i))),
                    static_cast<double>(counters.refused[i].load()));
    metrics.counter("intake_findings_total", "Finding versions stored.", counters.findings);
    metrics.counter("intake_rule_sets_total", "Rule sets received.", counters.rule_sets);
    metrics.counter("intake_gaps_total",
                    "Gaps stored: reported, detected, or from rejected records.", counters.gaps);
    metrics.counter("intake_heartbeats_total", "Heartbeats received.", counters.heartbeats);
    metrics.counter("intake_duplicates_total", "Records that had been stored before.",
                    counters.duplicates);
    metrics.counter("intake_rejected_records_total", "Records that failed their checks.",
                    counters.rejected_records);
    metrics.counter("intake_commits_total", "Durable commits.", counters.commits);
    metrics.begin("intake_commit_seconds_total", counter, "Time spent in durable commits.");
    metrics.add("", static_cast<double>(counters.commit_ns.load()) / ns_per_second);
    metrics.counter("intake_commit_failures_total", "Commits that failed and were retried.",
                    counters.commit_failures);
    metrics.gauge("intake_storing", "1 while findings can be stored.", counters.is_storing ? 1 : 0);
}

void add_recompute(MetricsText& metrics, const RecomputeCounters& counters) {
    metrics.begin("recomputed_verdicts_total", MetricsText::Type::counter,
                  "Verdicts recomputed from their records, by result.");
    metrics.add("{result=\"matched\"}", static_cast<double>(counters.matched.load()));
    metrics.add("{result=\"mismatched\"}", static_cast<double>(counters.mismatched.load()));
    metrics.add("{result=\"rules-missing\"}", static_cast<double>(counters.rules_missing.load()));
    metrics.add("{result=\"newer-version\"}", static_cast<double>(counters.newer_version.load()));
    metrics.add("{result=\"unreadable\"}", static_cast<double>(counters.unreadable.load()));
    metrics.counter("recompute_skipped_total",
                    "Verdicts of the sample that were skipped under load.", counters.skipped);
}

void add_connection(MetricsText& metrics, const ConnectionCounters& counters) {
    metrics.begin("store_connects_total", MetricsText::Type::counter,
                  "Connections opened to a database server.");
    metrics.add("", static_cast<double>(counters.connects));
    metrics.begin("store_connection_failures_total", MetricsText::Type::counter,
                  "Attempts to connect to a database server that failed.");
    metrics.add("", static_cast<double>(counters.failures));
}

void add_store(MetricsText& metrics, const StoreStatus& store) {
    using enum MetricsText::Type;
    const auto add_classes = [&](std::string_view name, MetricsText::Type type,
                                 std::string_view help, auto value) {
        metrics.begin(name, type, help);
        for (std::size_t i = 0; i < data_classes; ++i)
            metrics.add(fmt::format("{{class=\"{}\"}}", to_string(static_cast<DataClass>(i))),
                        static_cast<double>(value(store.classes[i])));
    };
    add_classes("store_rows", gauge, "Rows in the store, by class of data.",
                [](const ClassStatus& kept) { return kept.rows; });
    add_classes("store_content_bytes", gauge, "Bytes of content in the store, by class of data.",
                [](const ClassStatus& kept) { return kept.bytes; });
    add_classes("store_deleted_rows_total", counter, "Rows that retention deleted.",
                [](const ClassStatus& kept) { return kept.deleted_rows; });
    metrics.gauge("open_visibility_records",
                  "Open visibility records: hosts or capabilities not seen now.",
                  static_cast<double>(store.open_visibility));
    metrics.gauge("store_bytes", "Size of the store on disk.", static_cast<double>(store.bytes));
}

void add_http(MetricsText& metrics, const HttpCounters& counters) {
    metrics.gauge("api_connections", "Connections to the API that are open.",
                  static_cast<double>(counters.connections.load()));
    metrics.counter("api_requests_total", "Requests read.", counters.requests);
    metrics.counter("api_turned_away_total", "Connections refused because too many were open.",
                    counters.turned_away);
    metrics.counter("api_busy_total",
                    "Requests refused with 503 because the queue or the memory was full.",
                    counters.busy);
    metrics.counter("api_slow_readers_total",
                    "Connections closed because the client did not read in time.",
                    counters.slow_readers);
}

} // namespace

std::string render_metrics(const ApiSources& sources) {
    MetricsText metrics;
    metrics.begin("build_info", MetricsText::Type::gauge, "Version of the collector.");
    metrics.add(fmt::format("{{version=\"{}\"}}", MINEWARDEN_VERSION), 1);
    metrics.gauge("start_time_seconds", "When the collector started, since 1970 UTC.",
                  static_cast<double>(sources.started_at.ns) / ns_per_second);
    metrics.gauge("enrolled_agents", "Keys on the allow-list.",
                  static_cast<double>(sources.allow_list.size()));
    add_intake(metrics, sources.counters);
    add_recompute(metrics, sources.recompute);
    add_connection(metrics, sources.store.connection());
    add_http(metrics, sources.http);
    // Omitted if the store does not answer: see minewarden_intake_storing.
    if (const auto store = sources.store.status()) add_store(metrics, *store);
    return metrics.take();
}

} // namespace minewarden::collector
