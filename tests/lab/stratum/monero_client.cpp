// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "tests/lab/stratum/client_protocol.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

namespace minewarden::lab {
namespace {

/// The algorithms of a current miner. They make the login as long as a real one. Old miners send
/// none.
const Json& offered_algorithms() {
    static const Json algorithms = {"cn/1",          "cn/2",
                                    "cn/r",          "cn/fast",
                                    "cn/half",       "cn/xao",
                                    "cn/rto",        "cn/rwz",
                                    "cn/zls",        "cn/double",
                                    "cn/ccx",        "cn-lite/1",
                                    "cn-heavy/0",    "cn-heavy/tube",
                                    "cn-heavy/xhv",  "cn-pico",
                                    "cn-pico/tlo",   "cn/upx2",
                                    "rx/0",          "rx/wow",
                                    "rx/arq",        "rx/graft",
                                    "rx/sfx",        "rx/yada",
                                    "argon2/chukwa", "argon2/chukwav2",
                                    "argon2/ninja",  "ghostrider"};
    return algorithms;
}

class MoneroClient : public ClientProtocol {
  public:
    MoneroClient(const WireForm& form, Credentials credentials)
        : form_(form), credentials_(std::move(credentials)) {}

    std::string_view login_method() const override { return "login"; }

    std::string hello() override {
        Json params;
        params["login"] = credentials_.wallet;
        params["pass"] = credentials_.password;
        params["agent"] = credentials_.agent;
        if (form_.order == KeyOrder::newer) params["algo"] = offered_algorithms();
        return request("login", std::move(params));
    }

    Result<Reaction> on_line(std::string_view line) override {
        const auto message = parse_message(line);
        if (!message) return fail(message.error());
        Reaction reaction;
        if (message->method == "job") return with_job(std::move(reaction), message->params);
        if (!message->method.empty() || !message->id.is_number_integer()) return reaction;
        const auto id = message->id.get<std::int64_t>();
        if (session_.empty()) return on_login_answer(*message);
        if (pending_.erase(id) != 0) {
            reaction.answer = Reaction::ShareAnswer{};
            reaction.answer->accepted = message->error.is_null();
            reaction.answer->reason = string_at(message->error, "message", 256).value_or("");
        }
        return reaction;
    }

    std::string submit(const Share& share) override {
        const auto& monero = std::get<MoneroShare>(share);
        Json params;
        params["id"] = session_;
        params["job_id"] = monero.job_id;
        params["nonce"] = to_hex(monero.nonce);
        params["result"] = to_hex(monero.result);
        pending_.insert(next_id_);
        return request("submit", std::move(params));
    }

    std::string keepalive() override {
        if (!keepalive_) return {};
        Json params;
        params["id"] = session_;
        return request("keepalived", std::move(params));
    }

  private:
    std::string request(std::string_view method, Json params) {
        return request_line(form_, Dialect::monero, next_id_++, method, std::move(params));
    }

    Result<Reaction> on_login_answer(const Message& answer) {
        const auto session = string_at(answer.result, "id", 64);
        if (!answer.error.is_null() || !session || session->empty())
            return fail(ErrorKind::unavailable,
                        fmt::format("the pool refused the login: {}",
                                    string_at(answer.error, "message", 256).value_or("?")));
        session_ = *session;
        const auto extensions = answer.result.find("extensions");
        keepalive_ = extensions != answer.result.end() && extensions->is_array() &&
                     std::ranges::find(*extensions, Json("keepalive")) != extensions->end();
        Reaction reaction;
        reaction.logged_in = true;
        const auto job = answer.result.find("job");
        if (job == answer.result.end()) return reaction;
        return with_job(std::move(reaction), *job);
    }

    static Result<Reaction> with_job(Reaction reaction, const Json& json) {
        auto job = parse_monero_job(json);
        if (!job) return fail(std::move(job).error());
        reaction.job = std::move(*job);
        return reaction;
    }

    WireForm form_;
    Credentials credentials_;
    std::int64_t next_id_ = 1;
    std::string session_; ///< empty before the login
    bool keepalive_ = false;
    std::set<std::int64_t> pending_; ///< unanswered submits
};

} // namespace

const std::string& job_id_of(const Job& job) {
    if (const auto* monero = std::get_if<MoneroJob>(&job)) return monero->job_id;
    return std::get<BitcoinWork>(job).job.job_id;
}

std::unique_ptr<ClientProtocol> make_monero_client(const WireForm& form, Credentials credentials) {
    return std::make_unique<MoneroClient>(form, std::move(credentials));
}

} // namespace minewarden::lab
