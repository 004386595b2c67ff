// SPDX-License-Identifier: Apache-2.0
// minewarden demo: runs all parts on this host, in a temporary directory. Starts a collector and an
// agent as on a fleet (keys, enrolment, CURVE, SQLite), and a miner and a pool of minewarden-lab on
// loopback. Shows what the collector's API returns.
#include "cli/api_client.h"
#include "cli/child_process.h"
#include "cli/command.h"
#include "cli/finding_view.h"
#include "cli/finding_words.h"
#include "cli/phrase.h"
#include "common/file.h"
#include "common/keys/enrolment.h"
#include "common/text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>
#include <unistd.h>

namespace minewarden::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view usage = "minewarden demo [--keep-state DIR] [--lang en|zh]";
constexpr auto ready_limit = 15s;
constexpr auto pool_limit = 10s;    ///< from login to `probable`; about a second is usual
constexpr auto compute_limit = 60s; ///< until RandomX is confirmed

volatile std::sig_atomic_t interrupted = 0;

/// A directory; removed with the object unless the user wants to keep it.
class WorkDirectory {
  public:
    static Result<WorkDirectory> create(const std::string& keep) {
        if (!keep.empty()) {
            std::error_code error;
            if (fs::exists(keep, error) && !fs::is_empty(keep, error))
                return fail(ErrorKind::usage, fmt::format("{} is not empty", keep));
            TRY(make_directory(keep, 0700));
            return WorkDirectory(fs::absolute(keep), true);
        }
        std::string pattern = (fs::temp_directory_path() / "minewarden-demo-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            return fail(system_error(ErrorKind::unavailable, "cannot make a directory", errno));
        return WorkDirectory(pattern, false);
    }
    WorkDirectory(WorkDirectory&& other) noexcept
        : path_(std::exchange(other.path_, {})), keep_(other.keep_) {}
    WorkDirectory& operator=(WorkDirectory&&) = delete;
    ~WorkDirectory() {
        std::error_code error;
        if (!keep_ && !path_.empty()) fs::remove_all(path_, error);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    WorkDirectory(fs::path path, bool keep) : path_(std::move(path)), keep_(keep) {}
    fs::path path_;
    bool keep_;
};

class Demo {
  public:
    Demo(fs::path directory, Language language)
        : directory_(std::move(directory)),
          programs_(program_directory()),
          language_(language),
          style_(style_of_terminal(language)),
          api_(directory_ / "api.sock"),
          begin_(Clock::now()) {}

    Result<void> run() {
        for (const auto step :
             {&Demo::check, &Demo::prepare, &Demo::start_daemons, &Demo::start_miner,
              &Demo::find_pool_client, &Demo::find_computation, &Demo::stop_miner}) {
            if (auto done = (this->*step)(); !done) return with_logs(std::move(done).error());
        }
        return {};
    }

  private:
    void say(const Phrase& phrase) const { say_text(phrase.in(language_)); }
    void say_text(const std::string& text) const {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_).count();
        (void)print(fmt::format("[{:>3}.{} s] {}\n", elapsed / 1000, elapsed / 100 % 10, text));
    }

    Result<void> check() {
        if (::geteuid() != 0)
            return fail(ErrorKind::permission,
                        "the demo attaches BPF programs: run it as root (sudo minewarden demo)");
        for (const char* name : {"minewarden-agent", "minewarden-collector", "minewarden-lab"}) {
            if (::access((programs_ / name).c_str(), X_OK) != 0)
                return fail(ErrorKind::unavailable,
                            fmt::format("{} is not in {}; packaging/quickstart builds all programs",
                                        name, programs_.string()));
        }
        return {};
    }

    Result<void> prepare() {
        const CurveKeyPair agent = CurveKeyPair::generate();
        for (const auto& [pair, name] : {std::pair{CurveKeyPair::generate(), "collector.key"},
                                         std::pair{agent, "agent.key"}}) {
            TRY(write_key_pair(pair, directory_ / name));
        }
        if (auto enrolled =
                enroll(directory_ / "enrolled", {agent.public_key(), "demo-host", wall_now(), {}});
            !enrolled)
            return enrolled;
        const std::string at = directory_.string();
        const std::string config = fmt::format(
            "state: {{dir: {0}/state}}\n"
            "api: {{socket: {0}/api.sock}}\n"
            "collector: {{listen: \"ipc://{0}/intake.sock\", key: {0}/collector.key, "
            "enrolled: {0}/enrolled, database: {0}/collector.sqlite}}\n"
            "agent: {{collector: \"ipc://{0}/intake.sock\", collector_key: {0}/collector.pub, "
            "key: {0}/agent.key, name: demo-host, heartbeat: 1s, window: 2s}}\n",
            at);
        if (auto written = write_file_atomically(directory_ / "minewarden.yaml", config, 0600);
            !written)
            return written;
        say({"made keys, enrolled the agent, wrote a configuration (windows of 2 s instead of 10)",
             "已生成密钥、登记探针并写好配置（窗口为 2 秒，而非默认的 10 秒）"});
        return {};
    }

    Result<void> start(std::optional<ChildProcess>& child, const char* program,
                       std::vector<std::string> arguments, bool read_output) {
        TRY_ASSIGN(auto started,
                   ChildProcess::start(programs_ / program, std::move(arguments),
                                       directory_ / (std::string(program) + ".log"), read_output));
        child.emplace(std::move(started));
        return {};
    }

    /// Waits until `done` returns true. False: timeout, a child ended, or Ctrl-C.
    template <class Done>
    bool wait_for(std::chrono::seconds limit, Done done) {
        const auto deadline = Clock::now() + limit;
        while (Clock::now() < deadline && interrupted == 0) {
            if (done()) return true;
            for (auto* child : {&collector_, &agent_, &pool_, &miner_}) {
                if (*child && (*child)->exit_status()) return false;
            }
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }

    Result<void> start_daemons() {
        const std::string config = (directory_ / "minewarden.yaml").string();
        if (auto started = start(collector_, "minewarden-collector", {"--config", config}, false);
            !started)
            return started;
        if (!wait_for(ready_limit, [&] { return api_.get("/readyz", {}, 2s).has_value(); }))
            return fail(ErrorKind::unavailable, "the collector did not become ready");
        TRY(start(agent_, "minewarden-agent", {"--config", config}, false));
        if (!wait_for(ready_limit, [&] { return agent_is_seen(); }))
            return fail(ErrorKind::unavailable, "the agent did not reach the collector");
        say({"collector and agent run: BPF programs attached, findings over CURVE into SQLite",
             "采集端与探针已运行：BPF 程序已挂载，检出经 CURVE 加密写入 SQLite"});
        return {};
    }

    bool agent_is_seen() {
        const auto answer = api_.get_json("/api/v1/agents", {}, 2s);
        if (!answer) return false;
        return std::ranges::any_of(answer->value("agents", json::array()), [](const json& agent) {
            return agent.contains("heartbeat") && agent["heartbeat"].is_object();
        });
    }

    Result<void> start_miner() {
        if (auto started = start(
                pool_, "minewarden-lab",
                {"pool", "--dialect", "monero", "--listen", "127.0.0.1:0", "--seconds", "120"},
                true);
            !started)
            return started;
        const json listening = next_event(*pool_, "pool_listening");
        const std::string address = listening.value("address", "");
        if (address.empty()) return fail(ErrorKind::unavailable, "the lab's pool did not start");
        if (auto started = start(miner_, "minewarden-lab",
                                 {"miner", "--dialect", "monero", "--pool", address, "--mode",
                                  "light", "--threads", "1", "--seconds", "110"},
                                 true);
            !started)
            return started;
        const json login = next_event(*miner_, "login_sent");
        if (login.empty()) return fail(ErrorKind::unavailable, "the lab's miner did not log in");
        login_ = Clock::now();
        constexpr Phrase text{
            "a harmless miner (pid {}) logs in to a pool at {} and computes RandomX",
            "一个无害的挖矿程序（pid {}）登录位于 {} 的矿池并计算 RandomX"};
        say_text(text.with(language_, miner_->pid(), address));
        return {};
    }

    static json next_event(ChildProcess& child, const std::string& event) {
        for (int lines = 0; lines < 100; ++lines) {
            const auto line = child.read_line(10s);
            if (!line) return json::object();
            auto parsed = json::parse(*line, nullptr, false);
            if (parsed.is_object() && parsed.value("event", "") == event) return parsed;
        }
        return json::object();
    }

    /// The miner's finding of this activity, or an empty object.
    json find(const std::string& activity) {
        const auto answer = api_.get_json("/api/v1/findings", {{"activity", activity}}, 2s);
        if (!answer) return json::object();
        for (const json& finding : answer->value("findings", json::array())) {
            if (finding["subject"].value("pid", 0) == miner_->pid()) return finding;
        }
        return json::object();
    }

    Result<void> find_pool_client() {
        json finding;
        const bool found = wait_for(pool_limit, [&] {
            finding = find("mining.pool.client");
            const std::string certainty = finding.value("certainty", "");
            return certainty == "probable" || certainty == "confirmed";
        });
        if (!found) return fail(ErrorKind::internal, "the miner's pool connection was not found");
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - login_).count();
        constexpr Phrase text{"found after {} ms: {} {}, {}", "{} 毫秒后检出：{} {}，{}"};
        say_text(text.with(language_, took,
                           certainty_word(finding.value("certainty", ""), language_),
                           finding.value("activity", ""),
                           escape_for_terminal(finding["subject"].value("executable", ""))));
        return {};
    }

    Result<void> find_computation() {
        json finding;
        const bool found = wait_for(compute_limit, [&] {
            finding = find("mining.pow.cpu");
            return finding.value("certainty", "") == "confirmed";
        });
        if (!found) return fail(ErrorKind::internal, "the miner's computation was not found");
        say({"found its computation too: two independent kinds of evidence",
             "同时检出其计算内容：两类相互独立的证据"});
        const std::string id = finding.value("id", "");
        TRY_ASSIGN(const auto whole, api_.get_json("/api/v1/findings/" + id));
        return print("\n" + show_finding(whole, style_) + "\n");
    }

    Result<void> stop_miner() {
        miner_.reset();
        json finding;
        const auto deadline = Clock::now() + 10s;
        do {
            std::this_thread::sleep_for(100ms);
            const auto answer = api_.get_json(
                "/api/v1/findings", {{"activity", "mining.pow.cpu"}, {"state", "closed"}}, 2s);
            if (answer && !answer->value("findings", json::array()).empty())
                finding = (*answer)["findings"].front();
        } while (finding.empty() && Clock::now() < deadline && interrupted == 0);
        if (finding.empty()) return fail(ErrorKind::internal, "the finding was not closed");
        say({"the miner was stopped and its findings are closed",
             "挖矿程序已停止，相关检出已结束"});
        return {};
    }

    /// Adds the last lines of the logs, to show why a step failed.
    Result<void> with_logs(Error error) {
        if (interrupted != 0)
            return fail(ErrorKind::unavailable, "interrupted; all files were removed");
        for (const char* name : {"minewarden-collector", "minewarden-agent", "minewarden-lab"}) {
            const auto log = read_file(directory_ / (std::string(name) + ".log"), 16 << 20);
            if (!log || log->empty()) continue;
            const auto lines = split(trim(*log), '\n');
            error.message += fmt::format("\nlog of {}:", name);
            for (std::size_t i = lines.size() > 5 ? lines.size() - 5 : 0; i < lines.size(); ++i)
                error.message += fmt::format("\n  {}", escape_for_terminal(lines[i]));
        }
        return fail(std::move(error));
    }

    fs::path directory_;
    fs::path programs_;
    Language language_;
    ViewStyle style_;
    ApiClient api_;
    Clock::time_point begin_;
    Clock::time_point login_;
    // Destroyed in reverse order: the agent before its collector.
    std::optional<ChildProcess> collector_;
    std::optional<ChildProcess> agent_;
    std::optional<ChildProcess> pool_;
    std::optional<ChildProcess> miner_;
};

} // namespace

Result<void> run_demo(const Arguments& arguments) {
    po::options_description options("Options");
    // clang-format off
    options.add_options()
        ("keep-state", po::value<std::string>(), "keep the store, keys and logs in this directory")
        ("lang", po::value<std::string>(), "en or zh; otherwise from LANG");
    // clang-format on
    TRY_ASSIGN(const auto parsed, parse(arguments, usage, options, {}));
    if (parsed.help_shown) return {};
    TRY_ASSIGN(const auto language, language_of(parsed.text("lang")));
    TRY_ASSIGN(auto directory, WorkDirectory::create(parsed.text("keep-state")));
    for (const int number : {SIGINT, SIGTERM}) ::signal(number, [](int) { interrupted = 1; });
    TRY(Demo(directory.path(), language).run());
    constexpr Phrase kept{"Everything is kept in {}; look again with:\n"
                          "  minewarden-collector --config {}/minewarden.yaml &\n"
                          "  minewarden findings --socket {}/api.sock\n",
                          "全部内容保存在 {}，可这样再次查看：\n"
                          "  minewarden-collector --config {}/minewarden.yaml &\n"
                          "  minewarden findings --socket {}/api.sock\n"};
    constexpr Phrase cleaned{"Everything was stopped and removed. On a real host: minewarden-agent "
                             "--standalone\n",
                             "所有程序已停止，临时文件已删除。在真实主机上请运行：minewarden-agent "
                             "--standalone\n"};
    const std::string at = directory.path().string();
    return print(parsed.has("keep-state") ? kept.with(language, at, at, at) : cleaned.in(language));
}

} // namespace minewarden::cli
