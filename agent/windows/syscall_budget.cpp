// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/syscall_budget.h"

namespace minewarden::agent {

void SyscallBudget::ask(const rules::ImageKey& image) {
    images_[image].asked = true;
}

void SyscallBudget::withdraw(const rules::ImageKey& image) {
    if (const auto found = images_.find(image); found != images_.end()) found->second.asked = false;
}

bool SyscallBudget::is_host_spent(BootTime now) {
    if (!last_begun_) {
        hour_begun_ = now;
        return false;
    }
    constexpr auto hour = static_cast<std::uint64_t>(std::chrono::nanoseconds(rest).count());
    if (now.ns - hour_begun_.ns >= hour) {
        hour_begun_ = now;
        windows_this_hour_ = 0;
    }
    return windows_this_hour_ >= windows_per_host ||
           now.ns - last_begun_->ns < static_cast<std::uint64_t>(host_pause.count());
}

std::optional<rules::ImageKey> SyscallBudget::begin(BootTime now, std::chrono::nanoseconds pause) {
    std::optional<rules::ImageKey> chosen;
    if (is_host_spent(now)) return std::nullopt;
    for (auto& [image, spent] : images_) {
        const std::chrono::nanoseconds since(static_cast<std::int64_t>(now.ns - spent.last.ns));
        if (spent.windows == windows_per_image && since >= rest) spent.windows = 0;
        const bool due = spent.windows == 0 || since >= pause;
        if (!spent.asked || spent.windows == windows_per_image || !due) continue;
        // The image that was counted least comes first.
        if (!chosen || spent.windows < images_[*chosen].windows) chosen = image;
    }
    if (!chosen) return std::nullopt;
    last_begun_ = now;
    ++windows_this_hour_;
    Spent& spent = images_[*chosen];
    ++spent.windows;
    spent.last = now;
    return chosen;
}

} // namespace minewarden::agent
