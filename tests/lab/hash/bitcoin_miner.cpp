// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/bitcoin_miner.h"

#include <cstring>
#include <sodium.h>

namespace minewarden::lab {
namespace {

constexpr std::uint32_t nonces_per_round = 4096;

/// One thread of the miner, with its own extranonce2 and nonces in order.
class HeaderHasher : public Hasher {
  public:
    HeaderHasher(unsigned worker, WorkExchange& exchange) : worker_(worker), exchange_(exchange) {}

    std::optional<std::uint64_t> round() override {
        refresh();
        const auto& work = std::get<BitcoinWork>(*job_);
        for (std::uint32_t i = 0; i < nonces_per_round; ++i, ++share_.nonce) {
            if (meets_target(hash(share_.nonce), work.target)) exchange_.offer(share_);
        }
        return nonces_per_round;
    }

  private:
    void refresh() {
        const std::uint64_t generation = exchange_.generation();
        if (generation == generation_) return;
        generation_ = generation;
        job_ = exchange_.job();
        const auto& work = std::get<BitcoinWork>(*job_);
        share_ = {.job_id = work.job.job_id,
                  .extranonce2 = std::string(work.extranonce2_size, '\0'),
                  .time = work.job.time,
                  .nonce = 0,
                  .version_bits = std::nullopt};
        share_.extranonce2.back() = static_cast<char>(worker_);
        const BitcoinHeader header =
            header_of(work.job, work.extranonce1, share_, work.job.version);
        // The first of the two blocks does not contain the nonce, so hash it once for all nonces.
        crypto_hash_sha256_init(&first_block_);
        crypto_hash_sha256_update(&first_block_, header.data(), 64);
        std::memcpy(tail_.data(), header.data() + 64, tail_.size());
    }

    Hash hash(std::uint32_t nonce) {
        for (std::size_t i = 0; i < 4; ++i)
            tail_[12 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
        crypto_hash_sha256_state state = first_block_;
        Hash once;
        Hash twice;
        crypto_hash_sha256_update(&state, tail_.data(), tail_.size());
        crypto_hash_sha256_final(&state, once.data());
        crypto_hash_sha256(twice.data(), once.data(), once.size());
        return twice;
    }

    unsigned worker_;
    WorkExchange& exchange_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Job> job_;
    BitcoinShare share_;
    crypto_hash_sha256_state first_block_{};
    std::array<std::uint8_t, 16> tail_{};
};

} // namespace

void mine_bitcoin(unsigned threads, const Pace& pace, WorkExchange& exchange, HashTotals& totals,
                  EventLog& events, const Stop& stop) {
    if (!exchange.wait_for_job(stop)) return;
    std::vector<std::unique_ptr<Hasher>> crew;
    for (unsigned i = 0; i < threads; ++i)
        crew.push_back(std::make_unique<HeaderHasher>(i, exchange));
    run_crew(std::move(crew), pace, totals, events, stop);
}

} // namespace minewarden::lab
