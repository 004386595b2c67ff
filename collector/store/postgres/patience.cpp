// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/patience.h"

#include <sys/eventfd.h>

#include <unistd.h>

namespace minewarden::collector::postgres {

Patience::Patience() : wakeup_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
}

void Patience::finish_within(std::chrono::milliseconds time) {
    end_ = (Clock::now() + time).time_since_epoch();
    is_finishing_ = true;
    const std::uint64_t one = 1;
    (void)!::write(wakeup_.get(), &one, sizeof one);
}

} // namespace minewarden::collector::postgres
