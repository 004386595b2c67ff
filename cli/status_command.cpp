// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
namespace minewarden::cli {
Result<void> run_status(const Arguments&) {
    return {};
}
} // namespace minewarden::cli
