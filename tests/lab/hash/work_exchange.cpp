// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/work_exchange.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace minewarden::lab {
namespace {

constexpr std::size_t maximum_waiting = 256;

} // namespace

WorkExchange::WorkExchange() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

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
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t put = ::write(event_.get(), &one, sizeof one);
}

std::optional<Share> WorkExchange::take() {
    const std::lock_guard lock(mutex_);
    if (shares_.empty()) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
        return std::nullopt;
    }
    Share share = std::move(shares_.front());
    shares_.pop_front();
    return share;
}

} // namespace minewarden::lab
