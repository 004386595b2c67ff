// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/random.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/monero_job.h"
#include "tests/lab/stratum/pool_session.h"
#include "tests/lab/stratum/share_ledger.h"

#include <algorithm>
#include <ctime>
#include <optional>

namespace minewarden::lab {
namespace {

std::string result_line(const Json& id, Json result) {
    Json answer;
    answer["id"] = id;
    answer["jsonrpc"] = "2.0";
    answer["error"] = nullptr;
    answer["result"] = std::move(result);
    return answer.dump() + "\n";
}

std::string error_line(const Json& id, int code, std::string_view text) {
    Json answer;
    answer["id"] = id;
    answer["jsonrpc"] = "2.0";
    answer["error"] = {{"code", code}, {"message", text}};
    return answer.dump() + "\n";
}

/// A block header template of 76 bytes: version, time, previous block, nonce, root, count.
std::vector<std::uint8_t> make_blob(const PoolChain& chain) {
    std::vector<std::uint8_t> blob(76);
    fill_random(blob);
    blob[0] = blob[1] = 16;
    auto time = static_cast<std::uint64_t>(std::time(nullptr));
    for (std::size_t i = 2; i < 7; ++i, time >>= 7)
        blob[i] = static_cast<std::uint8_t>((time & 0x7f) | (i < 6 ? 0x80 : 0));
    std::ranges::copy(chain.previous, blob.begin() + 7);
    std::fill_n(blob.begin() + MoneroJob::nonce_offset, 4, std::uint8_t{0});
    blob.back() = 1;
    return blob;
}

class MoneroSession : public PoolSession {
  public:
    MoneroSession(PoolContext& pool, ClientId client) : pool_(pool), client_(client) {}

    Answer on_line(std::string_view line) override {
        const auto message = parse_message(line);
        if (!message) return {{}, message.error().message};
        if (message->method.empty()) return {};
        return {handle(*message), {}};
    }

    std::string new_job() override {
        if (session_.empty()) return {};
        Json push;
        push["jsonrpc"] = "2.0";
        push["method"] = "job";
        push["params"] = make_job();
        return push.dump() + "\n";
    }

  private:
    std::string handle(const Message& request) {
        if (request.method == "login") return login(request);
        if (session_.empty() || string_at(request.params, "id", 64) != session_)
            return error_line(request.id, -1, "Unauthenticated");
        if (request.method == "submit") return submit(request);
        if (request.method == "getjob") return result_line(request.id, make_job());
        if (request.method == "keepalived")
            return result_line(request.id, {{"status", "KEEPALIVED"}});
        return error_line(request.id, -32601, "Method not found");
    }

    std::string login(const Message& request) {
        const auto wallet = string_at(request.params, "login", 256);
        if (!wallet || wallet->empty()) return error_line(request.id, -1, "Missing login");
        session_ = random_hex(8);
        ++pool_.totals.logins;
        pool_.events.emit("client_login",
                          {{"client", client_},
                           {"wallet", *wallet},
                           {"agent", string_at(request.params, "agent", 256).value_or("")}});
        Json result;
        result["id"] = session_;
        result["job"] = make_job();
        result["extensions"] = {"algo", "nicehash", "connect", "keepalive", "tls"};
        result["status"] = "OK";
        return result_line(request.id, std::move(result));
    }

    Json make_job() {
        MoneroJob job;
        job.job_id = random_hex(7);
        job.blob = make_blob(pool_.chain);
        job.target_hex = monero_target_hex(static_cast<std::uint32_t>(pool_.difficulty));
        job.target = parse_monero_target(job.target_hex).value_or(1);
        job.height = pool_.chain.height;
        job.seed_hash = pool_.chain.seed;
        job.algorithm = "rx/0";
        return to_json(ledger_.add(std::move(job)));
    }

    std::string submit(const Message& request) {
        const auto refusal = refusal_of(request.params);
        Json event{{"client", client_}, {"verified", pool_.verify}};
        if (!refusal.empty()) {
            ++pool_.totals.refused;
            event["reason"] = refusal;
            pool_.events.emit("share_refused", event);
            return error_line(request.id, -1, refusal);
        }
        ++pool_.totals.accepted;
        pool_.events.emit("share_accepted", event);
        return result_line(request.id, {{"status", "OK"}});
    }

    /// Why the share is refused; empty for a valid one.
    std::string refusal_of(const Json& params) {
        const auto share = parse_monero_share(params);
        if (!share) return share.error().message;
        const MoneroJob* job = ledger_.find(share->job_id);
        if (job == nullptr) return "Block expired";
        if (!ledger_.remember(share->job_id, to_hex(share->nonce))) return "Duplicate share";
        if (!meets_target(share->result, job->target)) return "Low difficulty share";
        if (pool_.verify && pool_.monero_hash(blob_with_nonce(*job, share->nonce)) != share->result)
            return "Invalid result";
        return {};
    }

    PoolContext& pool_;
    ClientId client_;
    std::string session_; ///< empty before the login
    ShareLedger<MoneroJob> ledger_;
};

} // namespace

std::unique_ptr<PoolSession> make_monero_session(PoolContext& pool, ClientId client) {
    return std::make_unique<MoneroSession>(pool, client);
}

} // namespace minewarden::lab
