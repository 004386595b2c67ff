// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/made_up_shares.h"

#include "common/bytes.h"
#include "tests/lab/run/random.h"

#include <sys/timerfd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace minewarden::lab {
namespace {

Share make_up(const MoneroJob& job) {
    MoneroShare share{.job_id = job.job_id};
    fill_random(share.nonce);
    fill_random(share.result);
    std::uint64_t value = monero_hash_value(share.result) % job.target;
    for (std::size_t i = 24; i < 32; ++i, value >>= 8)
        share.result[i] = static_cast<std::uint8_t>(value);
    return share;
}

Share make_up(const BitcoinWork& work) {
    BitcoinShare share{.job_id = work.job.job_id,
                       .extranonce2 = random_bytes(work.extranonce2_size),
                       .time = work.job.time,
                       .nonce = 0,
                       .version_bits = std::nullopt};
    const std::string nonce = random_bytes(sizeof share.nonce);
    std::memcpy(&share.nonce, nonce.data(), sizeof share.nonce);
    return share;
}

} // namespace

MadeUpShares::MadeUpShares(std::chrono::milliseconds interval)
    : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    if (!timer_) throw std::system_error(errno, std::generic_category(), "timerfd");
    const timespec every{interval.count() / 1000, interval.count() % 1000 * 1'000'000};
    const itimerspec setting{every, every};
    ::timerfd_settime(timer_.get(), 0, &setting, nullptr);
}

std::optional<Share> MadeUpShares::take() {
    std::uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) < 0 || !job_) return std::nullopt;
    return std::visit([](const auto& job) { return make_up(job); }, *job_);
}

} // namespace minewarden::lab
