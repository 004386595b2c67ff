// SPDX-License-Identifier: Apache-2.0
// The whole collector: from an agent's message to the API's response.
#include "collector/service.h"
#include "common/file.h"
#include "tests/collector/support/http_client.h"
#include "tests/collector/support/proven.h"
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_agent.h"
#include "tests/collector/support/test_database.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>

namespace minewarden::collector {
namespace {

using test::http_get;
using test::HttpConnection;
using test::random_id;
using test::sample_batch;
using test::sample_finding;
using test::TestAgent;
using namespace std::chrono_literals;

class ServiceTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (!IsSkipped()) start();
    }

    ServiceOptions options() {
        return {.listen = {"ipc://" + (directory_.path() / "intake.sock").string()},
                .keys = keys_,
                .enrolled =
                    std::vector<Enrolment>{{agent_keys_.public_key(), "web-1", wall_now(), {}}},
                .database = database_->setting(),
                .api_socket = socket_,
                .on_committed = on_committed_};
    }
    void start() {
        auto service = Service::start(options());
        ASSERT_TRUE(service) << service.error().message;
        service_ = std::move(*service);
    }
    TestAgent connect() {
        return TestAgent(service_->endpoints().front(), keys_.public_key(), agent_keys_);
    }
    /// One committed finding.
    wire::Finding deliver(wire::Finding finding = sample_finding()) {
        wire::FromAgent message;
        message.mutable_batch()->set_stream(std::string(as_text(stream_.view())));
        wire::Record& record = *message.mutable_batch()->add_records();
        record.set_sequence(++sequence_);
        *record.mutable_finding() = finding;
        if (!agent_) agent_.emplace(connect());
        if (sequence_ == 1) {
            EXPECT_TRUE(agent_->greet(stream_));
        }
        agent_->send(message);
        EXPECT_TRUE(agent_->await_ack(sequence_));
        return finding;
    }
    nlohmann::json get(const std::string& target) {
        const auto answer = http_get(socket_, target);
        EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
        return answer.json();
    }
    static std::string id_of(const wire::Finding& finding) {
        return to_hex(as_bytes(finding.id()));
    }

    TemporaryDirectory directory_;
    std::filesystem::path socket_ = directory_.path() / "api.sock";
    CurveKeyPair keys_ = CurveKeyPair::generate();
    CurveKeyPair agent_keys_ = CurveKeyPair::generate();
    decltype(ServiceOptions::on_committed) on_committed_;
    std::unique_ptr<Service> service_;
    std::optional<TestAgent> agent_;
    StreamId stream_ = random_id<StreamId>();
    std::uint64_t sequence_ = 0;
};

TEST_P(ServiceTest, ShowsAFinding) {
    const wire::Finding finding = deliver();
    const auto list = get("/api/v1/findings");
    ASSERT_EQ(list["findings"].size(), 1u);
    const auto& shown = list["findings"][0];
    EXPECT_EQ(shown["id"], id_of(finding));
    EXPECT_EQ(shown["version"], 1);
    EXPECT_EQ(shown["state"], "open");
    EXPECT_EQ(shown["activity"], "mining.pool.client");
    EXPECT_EQ(shown["activity_title"]["en"], "Client of a mining pool");
    EXPECT_EQ(shown["activity_title"]["zh"], "矿池客户端");
    EXPECT_EQ(shown["certainty"], "probable");
    EXPECT_EQ(shown["opened_at"], "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(shown["agent"]["name"], "web-1");
    EXPECT_EQ(shown["agent"]["key"], fingerprint(agent_keys_.public_key()));
    EXPECT_EQ(shown["subject"]["pid"], 4242);
    EXPECT_EQ(shown["subject"]["user_id"], 1000);
    EXPECT_EQ(shown["subject"]["workload"]["label"], "nginx.service");
    EXPECT_EQ(shown["host_name"], "host.example");
    EXPECT_FALSE(shown.contains("record_sha256")) << "lists have no evidence";
    EXPECT_EQ(list["after"], shown["cursor"]);
    EXPECT_TRUE(list["before"].is_null());
    EXPECT_EQ(list["count"], (nlohmann::json{{"matches", 1}, {"exact", true}}));

    for (const std::string& id : {id_of(finding), id_of(finding).substr(0, 6)}) {
        const auto one = get("/api/v1/findings/" + id);
        EXPECT_EQ(one["id"], id_of(finding));
        EXPECT_EQ(one["history"].size(), 1u);
        EXPECT_EQ(one["record_sha256"], to_hex(as_bytes(finding.record_sha256())));
    }
    const auto record = http_get(socket_, "/api/v1/findings/" + id_of(finding) + "/record");
    EXPECT_EQ(record.status, 200);
    EXPECT_NE(record.header.find("application/cbor"), std::string::npos);
    EXPECT_EQ(record.body, finding.record());
}

TEST_P(ServiceTest, ShowsTheHistoryAndEachVersionsRecord) {
    wire::Finding finding = deliver();
    const std::string first_record = finding.record();
    finding.set_version(2);
    finding.set_state(wire::FINDING_STATE_CLOSED);
    finding.set_close_reason("process-exited");
    test::set_record(finding, "the second record");
    deliver(finding);
    const auto one = get("/api/v1/findings/" + id_of(finding));
    EXPECT_EQ(one["state"], "closed");
    EXPECT_EQ(one["close_reason"], "process-exited");
    ASSERT_EQ(one["history"].size(), 2u);
    EXPECT_EQ(one["history"][0]["version"], 2);
    EXPECT_EQ(one["history"][1]["state"], "open");
    EXPECT_EQ(get("/api/v1/findings")["findings"].size(), 1u);
    EXPECT_EQ(get("/api/v1/findings?current=false")["findings"].size(), 2u);
    const std::string record = "/api/v1/findings/" + id_of(finding) + "/record";
    EXPECT_EQ(http_get(socket_, record).body, "the second record");
    EXPECT_EQ(http_get(socket_, record + "?version=1").body, first_record);
    EXPECT_EQ(http_get(socket_, record + "?version=3").status, 404);
}

TEST_P(ServiceTest, FiltersByQuery) {
    deliver();
    const auto count = [&](const std::string& query) {
        return get("/api/v1/findings?" + query)["findings"].size();
    };
    EXPECT_EQ(count("activity=mining&certainty=probable&state=open&agent=web-1"), 1u);
    EXPECT_EQ(count("agent=" + fingerprint(agent_keys_.public_key()).substr(0, 6)), 1u);
    EXPECT_EQ(count("certainty=confirmed"), 0u);
    EXPECT_EQ(count("state=closed"), 0u);
    EXPECT_EQ(count("activity=node"), 0u);
    EXPECT_EQ(count("since=2026-01-01T08:00:00+08:00"), 1u);
    EXPECT_EQ(count("since=2026-01-01T00%3A00%3A01Z"), 0u);
    EXPECT_EQ(count("until=2026-01-01"), 0u);
    EXPECT_EQ(count("after=latest"), 0u);
    EXPECT_EQ(count("after=start&limit=1"), 1u);
}

TEST_P(ServiceTest, ListsNewestFirstInPages) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(id_of(deliver()));
    std::reverse(ids.begin(), ids.end());
    std::vector<std::string> listed;
    nlohmann::json page = get("/api/v1/findings?limit=2");
    EXPECT_EQ(page["count"]["matches"], 5);
    const std::string latest = page["after"];
    for (;;) {
        for (const auto& finding : page["findings"]) listed.push_back(finding["id"]);
        if (page["before"].is_null()) break;
        page = get("/api/v1/findings?limit=2&before=" + page["before"].get<std::string>());
        EXPECT_FALSE(page.contains("count")) << "only the first page counts";
    }
    EXPECT_EQ(listed, ids);
    const std::string newest = id_of(deliver());
    const auto news = get("/api/v1/findings?after=" + latest);
    ASSERT_EQ(news["findings"].size(), 1u);
    EXPECT_EQ(news["findings"][0]["id"], newest);
    EXPECT_EQ(news["more"], false);
    EXPECT_EQ(get("/api/v1/findings?after=start&limit=5")["more"], true);
}

TEST_P(ServiceTest, RefusesACursorFromANewerDatabase) {
    deliver();
    const auto answer = http_get(socket_, "/api/v1/findings?after=7fffffffffffffff");
    EXPECT_EQ(answer.status, 410) << answer.body;
    EXPECT_EQ(answer.json()["parameter"], "after");
}

TEST_P(ServiceTest, ReportsTheFaultOfAQuery) {
    struct Case {
        const char* target;
        const char* parameter;
        const char* expected;
    };
    for (const Case& wrong : {
             Case{"/api/v1/findings?limit=0", "limit", "1 to 1000"},
             Case{"/api/v1/findings?limit=many", "limit", "whole number"},
             Case{"/api/v1/findings?since=yesterday", "since", "RFC"},
             Case{"/api/v1/findings?certainty=probabel", "certainty", "did you mean \"probable\""},
             Case{"/api/v1/findings?state=ajar", "state", "open, closed"},
             Case{"/api/v1/findings?activity=minning", "activity", "activity"},
             Case{"/api/v1/findings?agent=nobody", "agent", "no agents"},
             Case{"/api/v1/findings?after=-1", "after", "cursor"},
             Case{"/api/v1/findings?after=1", "after", "cursor"},
             Case{"/api/v1/findings?before=0", "before", "cursor"},
             Case{"/api/v1/findings?before=0000000000000001&after=latest", "before", "after"},
             Case{"/api/v1/findings?wait=1", "wait", "after"},
             Case{"/api/v1/findings?after=start&wait=61", "wait", "0 to 60"},
             Case{"/api/v1/visibility/5", "cursor", "visibility"},
             Case{"/api/v1/findings?current=perhaps", "current", "false, true"},
             Case{"/api/v1/findings?stat=open", "stat", "did you mean \"state\""},
             Case{"/api/v1/findings?limit=1&limit=2", "limit", "twice"},
             Case{"/api/v1/findings/xyz", "id", "hexadecimal"},
             Case{"/api/v1/rule-sets/12", "digest", "64"},
             Case{"/api/v1/gaps?limit=x", "limit", "whole number"},
             Case{"/api/v1/agents?x=1", "x", "unknown parameter"},
         }) {
        const auto answer = http_get(socket_, wrong.target);
        EXPECT_EQ(answer.status, 400) << wrong.target;
        EXPECT_NE(answer.header.find("application/problem+json"), std::string::npos);
        const auto problem = answer.json();
        EXPECT_EQ(problem["parameter"], wrong.parameter) << wrong.target;
        EXPECT_EQ(problem["status"], 400);
        const std::string detail = problem["detail"];
        EXPECT_TRUE(detail.find(wrong.expected) != std::string::npos ||
                    std::string_view(wrong.expected) == "RFC")
            << wrong.target << ": " << detail;
    }
}

TEST_P(ServiceTest, RefusesInvalidRequests) {
    EXPECT_EQ(http_get(socket_, "/api/v1/nothing").status, 404);
    EXPECT_EQ(http_get(socket_, "/api/v1/findings/").status, 404);
    EXPECT_EQ(http_get(socket_, "/api/v1/findings/abcdef").status, 404);
    EXPECT_EQ(http_get(socket_, "/api/v1/findings?x=%zz").status, 400);
    EXPECT_EQ(http_get(socket_, "/%ff").status, 400);
    const auto raw = [&](const std::string& request) {
        HttpConnection connection(socket_);
        connection.send(request);
        return connection.read();
    };
    EXPECT_EQ(raw("POST /livez HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").status,
              405);
    EXPECT_EQ(raw("hello\r\n\r\n").status, 400);
    EXPECT_EQ(raw("GET /livez HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n").status, 431);
    EXPECT_EQ(raw("GET /livez HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n").status, 413);
    const auto head = raw("HEAD /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
}

TEST_P(ServiceTest, KeepsAConnectionForSeveralRequests) {
    HttpConnection connection(socket_);
    connection.send("GET /livez HTTP/1.1\r\n\r\nGET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n");
    const auto answer = connection.read();
    EXPECT_NE(answer.body.find("alive"), std::string::npos);
    EXPECT_NE(answer.body.find("ready"), std::string::npos);
}

TEST_P(ServiceTest, ServesConnectionsUpToTheLimit) {
    std::vector<std::unique_ptr<HttpConnection>> idle;
    for (int i = 0; i < 200; ++i) idle.push_back(std::make_unique<HttpConnection>(socket_));
    EXPECT_EQ(http_get(socket_, "/livez").status, 200);
    for (int i = 0; i < 100; ++i) idle.push_back(std::make_unique<HttpConnection>(socket_));
    EXPECT_EQ(http_get(socket_, "/livez").status, 503);
    idle.clear();
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(http_get(socket_, "/livez").status, 200);
}

TEST_P(ServiceTest, AFollowerWakesOnCommit) {
    deliver();
    const auto before = get("/api/v1/findings?current=false");
    HttpConnection follower(socket_);
    follower.send("GET /api/v1/findings?current=false&wait=30&after=" +
                  before["after"].get<std::string>() + " HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(follower.read(300ms).status, 0);
    const wire::Finding finding = deliver();
    const auto answer = follower.read(15s); // it would wait for 30
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.json()["findings"].size(), 1u);
    EXPECT_EQ(answer.json()["findings"][0]["id"], id_of(finding));
}

TEST_P(ServiceTest, AFollowerWaitsForMatchingFindings) {
    HttpConnection follower(socket_);
    follower.send("GET /api/v1/findings?activity=node&after=start&wait=2 HTTP/1.1\r\nConnection: "
                  "close\r\n\r\n");
    deliver(); // of another activity
    const auto answer = follower.read();
    ASSERT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.json()["findings"].empty());
    EXPECT_EQ(answer.json()["after"], get("/api/v1/findings")["after"])
        << "it was woken, and waited on";
}

TEST_P(ServiceTest, ShowsAgentsGapsRulesAndStatus) {
    deliver();
    wire::FromAgent message;
    wire::Heartbeat& heartbeat = *message.mutable_heartbeat();
    heartbeat.set_time_ns(test::new_year.ns);
    heartbeat.set_windows(12);
    wire::Capability& capability = *heartbeat.add_capabilities();
    capability.set_name("flows");
    capability.set_problem("no permission");
    wire::FromAgent rules;
    rules.mutable_batch()->set_stream(std::string(as_text(stream_.view())));
    wire::Record& record = *rules.mutable_batch()->add_records();
    record.set_sequence(5);
    const auto rule_set = rules::RuleSet::load({});
    *record.mutable_rule_set() = test::to_wire(**rule_set);
    agent_->send(message);
    agent_->send(rules);
    ASSERT_TRUE(agent_->await_ack(5));

    const auto agents = get("/api/v1/agents");
    ASSERT_EQ(agents["agents"].size(), 1u);
    EXPECT_EQ(agents["agents"][0]["enrolled"], true);
    EXPECT_EQ(agents["agents"][0]["heartbeat"]["windows"], 12);
    EXPECT_EQ(agents["agents"][0]["heartbeat"]["capabilities"][0]["problem"], "no permission");
    const auto gaps = get("/api/v1/gaps?agent=web-1");
    ASSERT_EQ(gaps["gaps"].size(), 1u);
    EXPECT_EQ(gaps["gaps"][0]["first_sequence"], 2);
    EXPECT_EQ(gaps["gaps"][0]["last_sequence"], 4);
    const auto visibility = get("/api/v1/visibility?agent=web-1&state=open");
    ASSERT_EQ(visibility["visibility"].size(), 1u);
    const auto& record_shown = visibility["visibility"][0];
    EXPECT_EQ(record_shown["kind"], "visibility");
    EXPECT_EQ(record_shown["reason"], "capability-degraded");
    EXPECT_EQ(record_shown["place"], "flows");
    EXPECT_EQ(record_shown["detail"], "no permission");
    EXPECT_TRUE(record_shown["until"].is_null());
    EXPECT_EQ(visibility["count"]["matches"], 1);
    EXPECT_EQ(get("/api/v1/visibility/" + record_shown["cursor"].get<std::string>()), record_shown);
    EXPECT_EQ(http_get(socket_, "/api/v1/visibility/7fffffffffffffff").status, 404);
    EXPECT_TRUE(get("/api/v1/visibility?state=closed")["visibility"].empty());
    EXPECT_EQ(http_get(socket_, "/api/v1/visibility?state=maybe").status, 400);
    const std::string digest = to_hex((*rule_set)->digest());
    EXPECT_EQ(get("/api/v1/rule-sets/" + digest)["digest"], digest);
    EXPECT_EQ(http_get(socket_, "/api/v1/rule-sets/" + std::string(64, '0')).status, 404);
    const auto status = get("/api/v1/status");
    EXPECT_EQ(status["store"]["last_finding"], get("/api/v1/findings")["after"]);
    const auto& kept = status["store"]["classes"]["findings"];
    EXPECT_EQ(kept["rows"], 1);
    EXPECT_GT(kept["bytes"], 0);
    EXPECT_FALSE(kept["oldest"].is_null());
    EXPECT_EQ(status["store"]["classes"]["gaps"]["rows"], 1);
    EXPECT_EQ(status["store"]["classes"]["agents"]["rows"], 1);
    EXPECT_EQ(status["enrolled_agents"], 1);
    const std::string metrics = http_get(socket_, "/metrics").body;
    EXPECT_NE(metrics.find("\nminewarden_intake_findings_total 1\n"), std::string::npos);
    EXPECT_NE(metrics.find("\nminewarden_open_visibility_records 1\n"), std::string::npos);
    EXPECT_NE(metrics.find("# TYPE minewarden_intake_commits_total counter"), std::string::npos);
}

TEST_P(ServiceTest, ReportsEachCommittedFindingOnce) {
    service_.reset();
    std::mutex mutex;
    std::vector<std::uint64_t> told;
    on_committed_ = [&](std::span<const StoredFinding> findings, const RuleSource&,
                        const std::stop_token&) {
        const std::lock_guard guard(mutex);
        for (const StoredFinding& found : findings) told.push_back(found.sequence);
        return true;
    };
    start();
    TestAgent agent = connect();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 1500));
    agent.send(sample_batch(stream_, 1, 10));
    agent.send(sample_batch(stream_, 1501, 1510));
    ASSERT_TRUE(agent.await_ack(1510));
    for (bool all = false; !all; std::this_thread::sleep_for(1ms)) {
        const std::lock_guard guard(mutex);
        all = told.size() >= 1510;
    }
    service_.reset();
    ASSERT_EQ(told.size(), 1510u);
    for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], i + 1);
}

TEST_P(ServiceTest, AStalledFollowerDelaysNothing) {
    service_.reset();
    std::atomic<int> calls = 0;
    on_committed_ = [&](std::span<const StoredFinding>, const RuleSource&,
                        const std::stop_token& stop) {
        ++calls;
        while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
        return false;
    };
    start();
    TestAgent agent = connect();
    ASSERT_TRUE(agent.greet(stream_));
    agent.send(sample_batch(stream_, 1, 10));
    ASSERT_TRUE(agent.await_ack(10));
    while (calls == 0) std::this_thread::sleep_for(1ms);
    agent.send(sample_batch(stream_, 11, 500));
    ASSERT_TRUE(agent.await_ack(500));
    EXPECT_EQ(get("/api/v1/findings?limit=1000")["findings"].size(), 500u);
    service_->stop();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(service_->counters().findings, 500u);
}

TEST_P(ServiceTest, StopsWhileBusy) {
    deliver();
    std::vector<std::unique_ptr<HttpConnection>> followers;
    for (int i = 0; i < 10; ++i) {
        followers.push_back(std::make_unique<HttpConnection>(socket_));
        followers.back()->send("GET /api/v1/findings?after=latest&wait=60 HTTP/1.1\r\n\r\n");
    }
    for (std::uint64_t i = 0; i < 20; ++i)
        agent_->send(sample_batch(stream_, 2 + i * 100, 101 + i * 100));
    service_.reset();
    EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_P(ServiceTest, ReplacesOnlyAStaleSocket) {
    struct stat status{};
    ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0660u);
    ServiceOptions second = options();
    second.database = (directory_.path() / "second.sqlite").string();
    second.listen = {"ipc://" + (directory_.path() / "second.sock").string()};
    const auto in_use = Service::start(second);
    ASSERT_FALSE(in_use);
    EXPECT_EQ(in_use.error().kind, ErrorKind::config);
    EXPECT_NE(in_use.error().message.find("another collector"), std::string::npos);
    EXPECT_EQ(http_get(socket_, "/livez").status, 200);

    service_.reset();
    { // left by a killed collector
        const Fd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }
    start();
    EXPECT_EQ(http_get(socket_, "/livez").status, 200);

    service_.reset();
    ASSERT_TRUE(write_file_atomically(socket_, "not a socket", 0600));
    const auto no_socket = Service::start(options());
    ASSERT_FALSE(no_socket);
    EXPECT_EQ(no_socket.error().kind, ErrorKind::config);
}

TEST_P(ServiceTest, RefusesToStartWithInvalidSettings) {
    service_.reset();
    ServiceOptions bad = options();
    bad.listen = {"inproc://findings"};
    EXPECT_EQ(Service::start(bad).error().kind, ErrorKind::config);
    bad = options();
    bad.database = (directory_.path() / "not/there.sqlite").string();
    EXPECT_EQ(Service::start(bad).error().kind, ErrorKind::config);
    bad = options();
    bad.enrolled = directory_.path() / "enrolled";
    ASSERT_TRUE(write_file_atomically(directory_.path() / "enrolled", "no directory", 0644));
    EXPECT_EQ(Service::start(bad).error().kind, ErrorKind::config);
    EXPECT_TRUE(Service::start(options()));
}

FOR_EACH_DATABASE(ServiceTest);

} // namespace
} // namespace minewarden::collector
