// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/syscall_budget.h"

namespace minewarden::agent {

void SyscallBudget::ask(const rules::ImageKey& image) {
    images_[image].asked = true;
}

void SyscallBudget::withdraw(const rules::ImageKey& image) {
    if (const auto found = images_.find(image); found != images_.end()) found->second.asked = false;
}

std::optional<rules::ImageKey> SyscallBudget::begin(BootTime now, std::chrono::nanoseconds pause) {
    std::optional<rules::ImageKey> chosen;
    for (auto& [image, spent] : images_) {
        const std::chrono::nanoseconds since(static_cast<std::int64_t>(now.ns - spent.last.ns));
        if (spent.windows == windows_per_image && since >= rest) spent.windows = 0;
        const bool due = spent.windows == 0 || since >= pause;
        if (!spent.asked || spent.windows == windows_per_image || !due) continue;
        // Whoever was counted least comes first.
        if (!chosen || spent.windows < images_[*chosen].windows) chosen = image;
    }
    if (!chosen) return std::nullopt;
    Spent& spent = images_[*chosen];
    ++spent.windows;
    spent.last = now;
    return chosen;
}

} // namespace minewarden::agent
