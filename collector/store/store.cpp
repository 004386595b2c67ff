// SPDX-License-Identifier: Apache-2.0
#include "collector/store/store.h"

namespace minewarden::collector {

Result<Outcome> Store::commit(std::span<const Arrival> arrivals, WallTime now) {
    TRY_ASSIGN(auto unit, begin());
    TRY_ASSIGN(auto outcome, unit->take(arrivals, now));
    TRY(unit->commit());
    return outcome;
}

} // namespace minewarden::collector
