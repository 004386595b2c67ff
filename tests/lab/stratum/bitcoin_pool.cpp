// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/random.h"
#include "tests/lab/stratum/bitcoin_job.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/pool_session.h"
#include "tests/lab/stratum/share_ledger.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace minewarden::lab {
namespace {

constexpr std::size_t extranonce2_size = 4;
constexpr std::uint32_t rolling_mask = 0x1fffe000; // BIP 320
constexpr std::int64_t time_tolerance = 7200;

/// Errors of Stratum V1: code, text, traceback.
struct Refusal {
    int code = 0; ///< 0: none
    std::string text;
};

std::string answer_line(const Json& id, Json result, const Refusal& refusal = {}) {
    Json answer;
    answer["id"] = id;
    answer["result"] = std::move(result);
    answer["error"] = nullptr;
    if (refusal.code != 0) answer["error"] = Json::array({refusal.code, refusal.text, nullptr});
    return answer.dump() + "\n";
}

std::string push_line(std::string_view method, Json params) {
    Json push;
    push["id"] = nullptr;
    push["method"] = method;
    push["params"] = std::move(params);
    return push.dump() + "\n";
}

class BitcoinSession : public PoolSession {
  public:
    BitcoinSession(PoolContext& pool, ClientId client)
        : pool_(pool), client_(client), target_(bitcoin_target(pool.difficulty)) {}

    Answer on_line(std::string_view line) override {
        const auto message = parse_message(line);
        if (!message) return {{}, message.error().message};
        if (message->method.empty()) return {};
        return {handle(*message), {}};
    }

    std::string new_job() override {
        if (worker_.empty()) return {};
        return push_line("mining.notify", make_job());
    }

  private:
    std::string handle(const Message& request) {
        const std::string& method = request.method;
        if (method == "mining.configure") return configure(request);
        if (method == "mining.subscribe") return subscribe(request);
        if (method == "mining.extranonce.subscribe") return answer_line(request.id, true);
        if (method == "mining.authorize") return authorize(request);
        if (method == "mining.submit") return submit(request);
        return answer_line(request.id, nullptr, {20, "Unknown method"});
    }

    std::string configure(const Message& request) {
        const bool wanted = request.params.is_array() && !request.params.empty() &&
                            request.params[0].is_array() &&
                            std::ranges::find(request.params[0], Json("version-rolling")) !=
                                request.params[0].end();
        Json result = Json::object();
        if (wanted) {
            mask_ = rolling_mask;
            result["version-rolling"] = true;
            result["version-rolling.mask"] = hex32(rolling_mask);
        }
        return answer_line(request.id, std::move(result));
    }

    std::string subscribe(const Message& request) {
        if (extranonce1_.empty()) extranonce1_ = random_bytes(4);
        const std::string subscription = random_hex(4);
        const Json topics = Json::array({Json::array({"mining.set_difficulty", subscription}),
                                         Json::array({"mining.notify", subscription})});
        return answer_line(request.id,
                           Json::array({topics, to_hex(as_bytes(extranonce1_)), extranonce2_size}));
    }

    std::string authorize(const Message& request) {
        if (extranonce1_.empty()) return answer_line(request.id, nullptr, {25, "Not subscribed"});
        const auto worker = string_at(request.params, std::size_t{0}, 256);
        if (!worker || worker->empty())
            return answer_line(request.id, nullptr, {24, "Unauthorized worker"});
        worker_ = *worker;
        ++pool_.totals.logins;
        pool_.events.emit("client_login", {{"client", client_}, {"wallet", worker_}});
        return answer_line(request.id, true) +
               push_line("mining.set_difficulty", Json::array({pool_.difficulty})) + new_job();
    }

    Json make_job() {
        BitcoinJob job;
        job.job_id = random_hex(4);
        job.previous = pool_.chain.previous;
        // Transaction version, one input without a source, script with the height. The rest is
        // invented, with the usual lengths.
        job.coinbase1 = from_hex("01000000010000000000000000000000000000000000000000000000000000"
                                 "000000000000ffffffff3503")
                            .value_or("") +
                        random_bytes(40);
        job.coinbase2 = random_bytes(116);
        for (int i = 0; i < 11; ++i) {
            Hash branch;
            fill_random(branch);
            job.branches.push_back(branch);
        }
        job.version = 0x20000000;
        job.bits = 0x17034219;
        job.time = static_cast<std::uint32_t>(std::time(nullptr));
        job.clean = true;
        return to_json(ledger_.add(std::move(job)));
    }

    std::string submit(const Message& request) {
        const Refusal refusal = refusal_of(request.params);
        Json event{{"client", client_}, {"verified", pool_.verify}};
        if (refusal.code != 0) {
            ++pool_.totals.refused;
            event["reason"] = refusal.text;
            pool_.events.emit("share_refused", event);
            return answer_line(request.id, nullptr, refusal);
        }
        ++pool_.totals.accepted;
        pool_.events.emit("share_accepted", event);
        return answer_line(request.id, true);
    }

    Refusal refusal_of(const Json& params) {
        if (extranonce1_.empty()) return {25, "Not subscribed"};
        if (worker_.empty() || string_at(params, std::size_t{0}, 256) != worker_)
            return {24, "Unauthorized worker"};
        const auto share = parse_bitcoin_share(params, extranonce2_size);
        if (!share) return {20, share.error().message};
        const BitcoinJob* job = ledger_.find(share->job_id);
        if (job == nullptr) return {21, "Job not found"};
        if (std::abs(std::int64_t{share->time} - std::int64_t{job->time}) > time_tolerance)
            return {20, "Time out of range"};
        if (share->version_bits && mask_ == 0) return {20, "Version rolling was not agreed"};

        const std::uint32_t rolled = share->version_bits.value_or(job->version) & mask_;
        const std::uint32_t version = (job->version & ~mask_) | rolled;
        const std::string identity = to_hex(as_bytes(share->extranonce2)) + hex32(share->time) +
                                     hex32(share->nonce) + hex32(version);
        if (!ledger_.remember(share->job_id, identity)) return {22, "Duplicate share"};
        if (!pool_.verify) return {};
        const BitcoinHeader header = header_of(*job, extranonce1_, *share, version);
        if (!meets_target(sha256d(header.data(), header.size()), target_))
            return {23, "Low difficulty share"};
        return {};
    }

    PoolContext& pool_;
    ClientId client_;
    BitcoinTarget target_;
    std::string extranonce1_; ///< bytes; empty before mining.subscribe
    std::string worker_;      ///< empty before mining.authorize
    std::uint32_t mask_ = 0;  ///< version bits the client may roll
    ShareLedger<BitcoinJob> ledger_;
};

} // namespace

std::unique_ptr<PoolSession> make_bitcoin_session(PoolContext& pool, ClientId client) {
    return std::make_unique<BitcoinSession>(pool, client);
}

} // namespace minewarden::lab
