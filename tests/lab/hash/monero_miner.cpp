// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/monero_miner.h"

#include "common/text.h"
#include "tests/lab/hash/randomx_vm.h"

#include <fmt/core.h>

#include <cstring>
#include <utility>

namespace minewarden::lab {
namespace {

/// One thread of the miner. The chain is one input ahead: `current_` is in the machine, which
/// returns its hash when it gets the next input.
class JobHasher : public Hasher {
  public:
    JobHasher(RandomxVm machine, const Hash& seed, std::uint32_t first_nonce,
              WorkExchange& exchange)
        : machine_(std::move(machine)), seed_(seed), nonce_(first_nonce), exchange_(exchange) {}

    std::optional<std::uint64_t> round() override {
        if (!refresh()) return std::nullopt;
        if (!current_.job) {
            current_ = next_input();
            machine_.begin(current_.blob);
        }
        Input next = next_input();
        const Hash hash = machine_.next(next.blob);
        const auto& job = std::get<MoneroJob>(*current_.job);
        if (meets_target(hash, job.target))
            exchange_.offer(
                MoneroShare{.job_id = job.job_id, .nonce = current_.nonce, .result = hash});
        current_ = std::move(next);
        return 1;
    }

  private:
    struct Input {
        std::shared_ptr<const Job> job;
        std::array<std::uint8_t, 4> nonce{};
        std::vector<std::uint8_t> blob;
    };

    /// Returns false if this memory does not fit the newest job.
    bool refresh() {
        const std::uint64_t generation = exchange_.generation();
        if (generation == generation_) return true;
        generation_ = generation;
        job_ = exchange_.job();
        const auto* job = std::get_if<MoneroJob>(job_.get());
        return job != nullptr && job->seed_hash == seed_ && job->algorithm == "rx/0";
    }

    Input next_input() {
        Input input{.job = job_, .nonce = {}, .blob = {}};
        std::memcpy(input.nonce.data(), &nonce_, sizeof nonce_);
        ++nonce_;
        input.blob = blob_with_nonce(std::get<MoneroJob>(*job_), input.nonce);
        return input;
    }

    RandomxVm machine_;
    Hash seed_;
    std::uint32_t nonce_;
    WorkExchange& exchange_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const Job> job_;
    Input current_;
};

} // namespace

Result<void> mine_monero(const RandomxSettings& settings, unsigned threads, const Pace& pace,
                         WorkExchange& exchange, HashTotals& totals, EventLog& events,
                         const Stop& stop) {
    if (!exchange.wait_for_job(stop)) return {};
    while (!stop.requested()) {
        const auto job = exchange.job();
        const auto& monero = std::get<MoneroJob>(*job);
        if (monero.algorithm != "rx/0")
            return fail(ErrorKind::unavailable,
                        fmt::format("the pool asks for algorithm \"{}\"; only rx/0 is supported",
                                    escape_for_terminal(monero.algorithm)));
        auto memory = RandomxMemory::build(settings, monero.seed_hash, events, stop);
        if (!memory) return fail(std::move(memory).error());
        std::vector<std::unique_ptr<Hasher>> crew;
        for (unsigned i = 0; i < threads; ++i) {
            auto machine = RandomxVm::create(*memory);
            if (!machine) return fail(std::move(machine).error());
            const std::uint32_t first_nonce = UINT32_MAX / threads * i;
            crew.push_back(std::make_unique<JobHasher>(std::move(*machine), monero.seed_hash,
                                                       first_nonce, exchange));
        }
        memory->reset(); // the machines still share it
        run_crew(std::move(crew), pace, totals, events, stop);
    }
    return {};
}

} // namespace minewarden::lab
