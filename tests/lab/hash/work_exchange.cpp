// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/work_exchange.h"

#include <chrono>
#include <utility>

namespace minewarden::lab {
namespace {

constexpr std::size_t maximum_waiting = 256;

} // namespace

void WorkExchange::on_job(const Job& job) {
    auto next = std::make_shared<const Job>(job);
    const std::lock_guard lock(mutex_);
    job_ = std::move(next);
    ++generation_;
}

std::shared_ptr<const Job> WorkExchange::job() const {
    const std::lock_guard lock(mutex_);
    return job_;
}

std::shared_ptr<const Job> WorkExchange::wait_for_job(const Stop& stop) const {
    while (generation() == 0 && !stop.requested()) stop.sleep(std::chrono::milliseconds(5));
    return job();
}

void WorkExchange::offer(Share share) {
    const std::lock_guard lock(mutex_);
    if (shares_.size() >= maximum_waiting) return;
    shares_.push_back(std::move(share));
    event_.set();
}

std::optional<Share> WorkExchange::take() {
    const std::lock_guard lock(mutex_);
    if (shares_.empty()) {
        event_.clear();
        return std::nullopt;
    }
    Share share = std::move(shares_.front());
    shares_.pop_front();
    return share;
}

} // namespace minewarden::lab
