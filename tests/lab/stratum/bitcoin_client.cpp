// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "tests/lab/stratum/client_protocol.h"

#include <fmt/core.h>

#include <set>
#include <utility>

namespace minewarden::lab {
namespace {

class BitcoinClient : public ClientProtocol {
  public:
    BitcoinClient(const WireForm& form, Credentials credentials, bool configure)
        : form_(form), credentials_(std::move(credentials)), configure_(configure) {}

    std::string_view login_method() const override {
        return configure_ ? "mining.configure" : "mining.subscribe";
    }

    std::string hello() override { return configure_ ? configure() : subscribe(); }

    Result<Reaction> on_line(std::string_view line) override {
        const auto message = parse_message(line);
        if (!message) return fail(message.error());
        if (!message->method.empty()) return on_push(*message);
        if (!message->id.is_number_integer()) return Reaction{};
        return on_answer(message->id.get<std::int64_t>(), *message);
    }

    std::string submit(const Share& share) override {
        const auto& bitcoin = std::get<BitcoinShare>(share);
        Json params =
            Json::array({credentials_.wallet, bitcoin.job_id, to_hex(as_bytes(bitcoin.extranonce2)),
                         hex32(bitcoin.time), hex32(bitcoin.nonce)});
        if (bitcoin.version_bits) params.push_back(hex32(*bitcoin.version_bits));
        pending_.insert(next_id_);
        return request("mining.submit", std::move(params));
    }

    std::string keepalive() override { return {}; }

  private:
    std::string request(std::string_view method, Json params) {
        return request_line(form_, Dialect::bitcoin, next_id_++, method, std::move(params));
    }

    std::string configure() {
        configure_id_ = next_id_;
        Json mask = Json::object();
        mask["version-rolling.mask"] = "1fffe000";
        return request("mining.configure",
                       Json::array({Json::array({"version-rolling"}), std::move(mask)}));
    }

    std::string subscribe() {
        subscribe_id_ = next_id_;
        return request("mining.subscribe", Json::array({credentials_.agent}));
    }

    std::string authorize() {
        authorize_id_ = next_id_;
        return request("mining.authorize",
                       Json::array({credentials_.wallet, credentials_.password}));
    }

    Result<Reaction> on_answer(std::int64_t id, const Message& answer) {
        Reaction reaction;
        if (id == configure_id_) {
            reaction.send = subscribe();
            reaction.sent = "subscribe_sent";
        } else if (id == subscribe_id_) {
            const auto hex = string_at(answer.result, 1, 32);
            const auto extranonce1 = hex ? from_hex(*hex) : std::nullopt;
            const bool sized = answer.result.is_array() && answer.result.size() > 2 &&
                               answer.result[2].is_number_unsigned();
            const auto size = sized ? answer.result[2].get<std::uint64_t>() : 0;
            if (!extranonce1 || size < 1 || size > 16)
                return fail(ErrorKind::unavailable, "the pool refused the subscription");
            extranonce1_ = *extranonce1;
            extranonce2_size_ = size;
            reaction.send = authorize();
            reaction.sent = "authorize_sent";
        } else if (id == authorize_id_) {
            if (answer.result != Json(true))
                return fail(ErrorKind::unavailable, "the pool refused the worker");
            reaction.logged_in = true;
            // cpuminer sends this after it is authorized.
            reaction.send = request("mining.extranonce.subscribe", Json::array());
        } else if (pending_.erase(id) != 0) {
            reaction.answer = Reaction::ShareAnswer{};
            reaction.answer->accepted = answer.result == Json(true);
            reaction.answer->reason = string_at(answer.error, 1, 256).value_or("");
        }
        return reaction;
    }

    Result<Reaction> on_push(const Message& push) {
        Reaction reaction;
        if (push.method == "mining.set_difficulty") {
            const Json& params = push.params;
            const double difficulty = params.is_array() && !params.empty() && params[0].is_number()
                                          ? params[0].get<double>()
                                          : 0;
            if (!(difficulty >= minimum_bitcoin_difficulty &&
                  difficulty <= maximum_bitcoin_difficulty))
                return fail(ErrorKind::data, "the difficulty is missing or out of range");
            target_ = bitcoin_target(difficulty);
        } else if (push.method == "mining.notify") {
            auto job = parse_bitcoin_job(push.params);
            if (!job) return fail(std::move(job).error());
            reaction.job = BitcoinWork{.job = std::move(*job),
                                       .extranonce1 = extranonce1_,
                                       .extranonce2_size = extranonce2_size_,
                                       .target = target_};
        }
        return reaction;
    }

    WireForm form_;
    Credentials credentials_;
    bool configure_;
    std::int64_t next_id_ = 1;
    std::int64_t configure_id_ = 0; ///< 0: not sent
    std::int64_t subscribe_id_ = 0;
    std::int64_t authorize_id_ = 0;
    std::string extranonce1_;
    std::size_t extranonce2_size_ = 0;
    BitcoinTarget target_ = bitcoin_target(1);
    std::set<std::int64_t> pending_; ///< unanswered submits
};

} // namespace

std::unique_ptr<ClientProtocol> make_bitcoin_client(const WireForm& form, Credentials credentials,
                                                    bool configure) {
    return std::make_unique<BitcoinClient>(form, std::move(credentials), configure);
}

} // namespace minewarden::lab
