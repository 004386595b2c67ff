// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/hot_thread_watch.h"

#include "common/log.h"
#include "kernel/fp_mode_abi.h"

namespace minewarden::agent {

void HotThreadWatch::tick(BootTime now) {
    if (!host_.runtimes) return;
    if (ticks_++ % ticks_per_scan == 0)
        scan(now);
    else if (!workers_.churning().empty())
        choose(); // there may be new forks
}

void HotThreadWatch::scan(BootTime now) {
    const auto& churning = workers_.update_churning(now);
    if (host_load_.was_idle(now, host_.idle_time(), host_.cpus) && hot_.empty() &&
        churning.empty()) {
        hot_threads_.pass(now);
        return;
    }
    const auto runtimes = host_.runtimes();
    if (!runtimes) {
        log::warn("{}", runtimes.error().message);
        return;
    }
    hot_ = hot_threads_.update(*runtimes, now);
    choose();
}

void HotThreadWatch::choose() {
    sample_(hot_, churning_processes());
}

std::vector<ThreadKey> HotThreadWatch::churning_processes() const {
    std::vector<ThreadKey> chosen;
    const auto add = [&](const rules::ImageKey& image) {
        if (chosen.size() < FP_WATCHED_PROCESSES && !processes_.is_founder(image))
            chosen.push_back({image.pid, image.start_boottime_ns});
    };
    for (const rules::ImageKey& program : workers_.churning()) {
        add(program);
        for (const rules::ImageKey& fork : processes_.lineage().forks_of(program)) add(fork);
    }
    return chosen;
}

} // namespace minewarden::agent
