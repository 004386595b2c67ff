// SPDX-License-Identifier: Apache-2.0
#include "common/error.h"
#include "tests/lab/commands/subcommand.h"

#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <sodium.h>
#include <stdexcept>

int main(int argc, char** argv) {
    try {
        if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
        return minewarden::lab::run_program({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "minewarden-lab: {}\n", error.what());
        return minewarden::exit_code(minewarden::ErrorKind::internal);
    }
}
