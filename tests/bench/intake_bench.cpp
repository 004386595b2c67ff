// SPDX-License-Identifier: Apache-2.0
// How many findings per second the collector takes: agents in this process, minewarden-collector
// beside it on the same cores, over real CURVE, into a real SQLite file or an empty PostgreSQL
// database, each finding counted once its acknowledgement arrived, which the collector sends after
// the commit. One line of JSON.
#include "collector/intake/curve_socket.h"
#include "collector/service.h"
#include "common/log.h"
#include "common/wire/workload.h"
#include "rules/verdict/record.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <deque>
#include <filesystem>
#include <random>
#include <thread>
#include <unistd.h>

namespace minewarden {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long patience_ms = 30'000;

struct Options {
    std::uint64_t findings = 1'000'000; ///< of all agents together
    std::uint64_t agents = 1;
    std::uint64_t batch = 190; ///< findings in a message: some 256 KiB, as the agent sends them
    std::string transport = "ipc";
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    std::string database = {}; ///< as collector.database; "": a SQLite file in the directory
};

/// A verdict as the shipped pack makes it: a plaintext Stratum session of a busy process.
std::string sample_record() {
    using namespace rules;
    const auto evidence = [](const char* rule, Family family, MilliNats weight,
                             Observation observation) {
        return RecordedEvidence{rule, family, weight, 0, 3, {}, {{0, std::move(observation)}}};
    };
    Observation session(ObservationType::stratum_session);
    session.time = {1'234'567'890'123};
    session.entity = 77;
    session.set(stratum_session::dialect, std::string("monero"));
    session.set(stratum_session::role, std::string("client"));
    session.set(stratum_session::remote_address, std::string("198.51.100.7"));
    session.set(stratum_session::remote_port, std::int64_t{3333});
    session.set(stratum_session::age_s, std::int64_t{600});
    session.set(stratum_session::client_messages, std::int64_t{40});
    session.set(stratum_session::server_messages, std::int64_t{43});
    Observation message(ObservationType::stratum_message);
    message.time = {1'234'567'890'000};
    message.entity = 77;
    message.set(stratum_message::dialect, std::string("monero"));
    message.set(stratum_message::message, std::string("login"));
    message.set(stratum_message::sent, true);
    message.set(stratum_message::role, std::string("client"));
    message.set(stratum_message::remote_port, std::int64_t{3333});
    message.set(stratum_message::algorithms, std::string("rx/0"));
    Observation window(ObservationType::process_window);
    window.time = {1'234'560'000'000};

    VerdictRecord record{.rule_set = sha256(as_bytes("rules")),
                         .boot = {},
                         .subject = ImageKey{4242, 123'456'789, 2},
                         .activity = *Activity::find("mining.pool.client"),
                         .window_span = std::chrono::seconds(10),
                         .window = {1234},
                         .carried = {},
                         .evidence = {},
                         .verdict = {},
                         .attributes = {}};
    record.evidence = {evidence("stratum.login", Family::protocol, 6000, std::move(message)),
                       evidence("stratum.session", Family::protocol, 5000, std::move(session)),
                       evidence("load.sustained", Family::load, 1500, std::move(window))};
    return encode_record(record);
}

wire::Finding sample_finding() {
    wire::Finding finding;
    finding.set_version(1);
    finding.set_state(wire::FINDING_STATE_OPEN);
    finding.set_activity("mining.pool.client");
    finding.set_certainty(wire::CERTAINTY_CONFIRMED);
    finding.set_opened_ns(wall_now().ns);
    finding.set_changed_ns(wall_now().ns);
    wire::Subject& subject = *finding.mutable_subject();
    subject.set_boot_id(std::string(16, 'b'));
    wire::ProcessSubject& process = *subject.mutable_process();
    process.set_pid(4242);
    process.set_start_boottime_ns(123'456'789);
    process.set_image(2);
    process.set_command("kworker/0:1");
    process.set_executable("/var/tmp/.cache/kworker");
    process.set_user_id(33);
    process.set_started_ns(wall_now().ns);
    set_workload(*process.mutable_workload(), parse_workload("0::/system.slice/nginx.service\n"));
    finding.set_record(sample_record());
    finding.set_record_sha256(std::string(as_text(sha256(as_bytes(finding.record())).view())));
    return finding;
}

/// One agent: sends what its credit allows, makes each finding's id anew.
class Sender {
  public:
    Sender(const std::string& endpoint, const CurvePublicKey& collector, const CurveKeyPair& keys,
           std::uint64_t findings, std::uint64_t batch)
        : socket_(context_, zmq::socket_type::dealer), findings_(findings), batch_(batch) {
        socket_.set(zmq::sockopt::linger, 0);
        collector::be_curve_client(socket_, keys, collector);
        socket_.connect(endpoint);
        fill_random(stream_.bytes);
        message_.mutable_batch()->set_stream(std::string(as_text(stream_.view())));
        for (std::uint64_t i = 0; i < batch; ++i)
            *message_.mutable_batch()->add_records()->mutable_finding() = sample_finding();
    }

    bool connect() {
        wire::FromAgent hello;
        hello.mutable_hello()->set_protocol(1);
        hello.mutable_hello()->set_stream(std::string(as_text(stream_.view())));
        hello.mutable_hello()->set_boot_id(std::string(16, 'b'));
        send(hello.SerializeAsString());
        const auto answer = receive();
        credit_ = answer ? answer->welcome().credit_bytes() : 0;
        return credit_ > 0;
    }

    void run() {
        while (acknowledged_ < findings_) {
            while (sent_ < findings_ && bytes_on_way_ < credit_) send_batch();
            take_answer();
        }
    }

    std::vector<double> latencies_ms;

  private:
    struct OnWay {
        std::uint64_t last;
        std::size_t bytes;
        Clock::time_point sent_at;
    };

    void send(const std::string& bytes) { socket_.send(zmq::buffer(bytes), zmq::send_flags::none); }

    std::optional<wire::FromCollector> receive() {
        zmq_pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
        zmq::message_t frame;
        wire::FromCollector message;
        if (zmq_poll(&item, 1, patience_ms) <= 0 || !socket_.recv(frame) ||
            !message.ParseFromArray(frame.data(), static_cast<int>(frame.size())))
            return std::nullopt;
        return message;
    }

    void send_batch() {
        wire::Batch& batch = *message_.mutable_batch();
        const std::uint64_t count = std::min(batch_, findings_ - sent_);
        if (count < batch_)
            batch.mutable_records()->DeleteSubrange(static_cast<int>(count),
                                                    static_cast<int>(batch_ - count));
        for (wire::Record& record : *batch.mutable_records()) {
            record.set_sequence(++sent_);
            const std::array<std::uint64_t, 2> id{random_(), random_()};
            record.mutable_finding()->set_id(id.data(), sizeof id);
        }
        const std::string bytes = message_.SerializeAsString();
        send(bytes);
        on_way_.push_back({sent_, bytes.size(), Clock::now()});
        bytes_on_way_ += bytes.size();
    }

    void take_answer() {
        const auto answer = receive();
        if (!answer || !answer->has_ack()) {
            fmt::print(stderr, "intake_bench: {}\n",
                       answer ? answer->refusal().reason() : "no acknowledgement");
            std::exit(70);
        }
        acknowledged_ = answer->ack().acknowledged();
        credit_ = answer->ack().credit_bytes();
        while (!on_way_.empty() && on_way_.front().last <= acknowledged_) {
            latencies_ms.push_back(
                std::chrono::duration<double, std::milli>(Clock::now() - on_way_.front().sent_at)
                    .count());
            bytes_on_way_ -= on_way_.front().bytes;
            on_way_.pop_front();
        }
    }

    zmq::context_t context_;
    zmq::socket_t socket_;
    StreamId stream_;
    std::uint64_t findings_;
    std::uint64_t batch_;
    std::mt19937_64 random_{std::random_device{}()};
    wire::FromAgent message_;
    std::deque<OnWay> on_way_;
    std::size_t bytes_on_way_ = 0;
    std::size_t credit_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t acknowledged_ = 0;
};

/// Of agents and collector, whose processes have ended.
double cpu_seconds() {
    double sum = 0;
    for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        ::getrusage(whose, &usage);
        for (const timeval& time : {usage.ru_utime, usage.ru_stime})
            sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
    return sum;
}

double percentile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// minewarden-collector from the directory of this program, with all its processes.
class Collector {
  public:
    static Result<std::unique_ptr<Collector>> start(const std::filesystem::path& directory,
                                                    const std::string& endpoint,
                                                    const std::string& database,
                                                    const std::vector<CurveKeyPair>& agents,
                                                    const CurveKeyPair& own) {
        TRY(write_key_pair(own, directory / "collector.key"));
        for (std::size_t i = 0; i < agents.size(); ++i) {
            TRY(enroll(directory / "enrolled",
                       {agents[i].public_key(), fmt::format("host-{}", i), wall_now(), {}}));
        }
        std::error_code error;
        const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
        std::vector<std::string> arguments{(self.parent_path() / "minewarden-collector").string()};
        for (const std::string& setting :
             {"collector.listen=" + endpoint, "collector.database=" + database,
              "collector.key=" + (directory / "collector.key").string(),
              "collector.enrolled=" + (directory / "enrolled").string(),
              "api.socket=" + (directory / "api.sock").string(),
              std::string("collector.records_per_minute=0"),
              std::string("collector.recompute_sample=0"), std::string("log.level=warn")}) {
            arguments.emplace_back("-o");
            arguments.push_back(setting);
        }
        std::vector<char*> pointers;
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::execv(pointers[0], pointers.data());
            std::_Exit(127);
        }
        if (pid < 0) return fail(system_error(ErrorKind::internal, "cannot fork", errno));
        return std::unique_ptr<Collector>(new Collector(pid));
    }
    ~Collector() { stop(); }
    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(std::exchange(pid_, -1), nullptr, 0);
    }

  private:
    explicit Collector(pid_t pid) : pid_(pid) {}
    pid_t pid_;
};

Result<void> run(const Options& options, const std::filesystem::path& directory) {
    const std::string database =
        options.database.empty() ? (directory / "intake.sqlite").string() : options.database;
    std::vector<CurveKeyPair> keys;
    for (std::uint64_t i = 0; i < options.agents; ++i) keys.push_back(CurveKeyPair::generate());
    const CurveKeyPair own = CurveKeyPair::generate();
    const std::string endpoint = options.transport == "tcp"
                                     ? "tcp://127.0.0.1:29871"
                                     : "ipc://" + (directory / "intake.sock").string();
    TRY_ASSIGN(const auto collector, Collector::start(directory, endpoint, database, keys, own));

    std::vector<std::unique_ptr<Sender>> senders;
    for (const CurveKeyPair& key : keys) {
        senders.push_back(std::make_unique<Sender>(
            endpoint, own.public_key(), key, options.findings / options.agents, options.batch));
        if (!senders.back()->connect()) return fail(ErrorKind::unavailable, "no Welcome");
    }
    const auto start = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (const auto& sender : senders) threads.emplace_back([&sender] { sender->run(); });
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    collector->stop();

    const std::uint64_t sent = options.findings / options.agents * options.agents;
    TRY_ASSIGN(const auto store, collector::open_store(database));
    TRY_ASSIGN(const auto status, store->status());
    TRY_ASSIGN(const auto gaps, store->gaps({}, std::nullopt, 1));
    const std::uint64_t stored = status.of(collector::DataClass::findings).rows;
    if (stored != sent || !gaps.items.empty())
        return fail(ErrorKind::internal, fmt::format("{} findings sent, {} stored", sent, stored));
    std::vector<double> latencies;
    for (const auto& sender : senders)
        latencies.insert(latencies.end(), sender->latencies_ms.begin(), sender->latencies_ms.end());
    const wire::Finding sample = sample_finding();
    fmt::print("{{\"benchmark\":\"intake\",\"findings_per_second\":{:.0f},\"findings\":{},"
               "\"seconds\":{:.2f},\"cpu_seconds\":{:.2f},\"cores\":{},\"agents\":{},"
               "\"transport\":\"{}\",\"finding_bytes\":{},\"record_bytes\":{},\"evidences\":3,"
               "\"findings_per_batch\":{},\"ack_ms_p50\":{:.0f},\"ack_ms_p99\":{:.0f},"
               "\"database_bytes\":{}}}\n",
               static_cast<double>(sent) / seconds, sent, seconds, cpu_seconds(),
               std::thread::hardware_concurrency(), options.agents, options.transport,
               sample.ByteSizeLong() + 18, sample.record().size(), options.batch,
               percentile(latencies, 0.5), percentile(latencies, 0.99), status.bytes);
    return {};
}

Result<Options> parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 == argc) return fail(ErrorKind::usage, fmt::format("{} needs a value", name));
        const std::string_view value = argv[i + 1];
        std::uint64_t number = 0;
        std::from_chars(value.data(), value.data() + value.size(), number);
        if (name == "--transport" && (value == "ipc" || value == "tcp"))
            options.transport = value;
        else if (name == "--directory")
            options.directory = value;
        else if (name == "--database")
            options.database = value;
        else if (name == "--findings" && number > 0)
            options.findings = number;
        else if (name == "--agents" && number > 0)
            options.agents = number;
        else if (name == "--batch" && number > 0)
            options.batch = number;
        else
            return fail(ErrorKind::usage,
                        "minewarden-intake-bench [--findings N] [--agents N] [--batch N] "
                        "[--transport ipc|tcp] [--directory DIR] [--database PATH|URI]");
    }
    return options;
}

} // namespace
} // namespace minewarden

int main(int argc, char** argv) {
    using namespace minewarden;
    const auto options = parse(argc, argv);
    if (!options) {
        fmt::print(stderr, "{}\n", options.error().message);
        return exit_code(options.error().kind);
    }
    log::set_up("intake_bench", "text", "warn");
    std::string name = (options->directory / "intake-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return 69;
    const auto done = run(*options, name);
    std::filesystem::remove_all(name);
    if (!done) fmt::print(stderr, "intake_bench: {}\n", done.error().message);
    return done ? 0 : exit_code(done.error().kind);
}
