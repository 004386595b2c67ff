// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

struct Outcome {
    int code = 0;
    std::string output;
    std::string error;
};

Outcome run(const std::vector<std::string>& arguments) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.code = run_program(arguments);
    std::fflush(stdout);
    outcome.output = testing::internal::GetCapturedStdout();
    outcome.error = testing::internal::GetCapturedStderr();
    return outcome;
}

TEST(Subcommand, RefusesOtherHosts) {
    const std::vector<std::vector<std::string>> attempts = {
        {"pool", "--dialect", "monero", "--listen"},
        {"client", "--dialect", "monero", "--pool"},
        {"client", "--dialect", "bitcoin", "--pool"},
        {"miner", "--dialect", "monero", "--pool"},
        {"miner", "--dialect", "bitcoin", "--pool"},
        {"json-rpc", "--listen"},
        {"json-rpc", "--connect"},
        {"speak", "--what", "zcash", "--listen"},
        {"speak", "--what", "zcash", "--connect"}};
    for (auto attempt : attempts) {
        for (const char* address : {"0.0.0.0:3333", "192.0.2.1:3333", "[2001:db8::1]:3333",
                                    "localhost:3333", "pool.example:3333"}) {
            attempt.emplace_back(address);
            const Outcome outcome = run(attempt);
            EXPECT_EQ(outcome.code, 64) << attempt.front() << " " << address;
            EXPECT_NE(outcome.error.find("is refused"), std::string::npos) << outcome.error;
            EXPECT_EQ(outcome.output, "");
            attempt.pop_back();
        }
    }
}

TEST(Subcommand, HelpListsOptions) {
    const Outcome all = run({"--help"});
    EXPECT_EQ(all.code, 0);
    for (const Subcommand* subcommand : subcommands()) {
        EXPECT_NE(all.output.find(subcommand->summary), std::string::npos) << subcommand->name;
        const Outcome one = run({std::string(subcommand->name), "--help"});
        EXPECT_EQ(one.code, 0);
        EXPECT_NE(one.output.find("--seconds 1..3600"), std::string::npos) << subcommand->name;
    }
}

TEST(Subcommand, WrongUsageGivesExitCode64) {
    EXPECT_EQ(run({}).code, 64);
    EXPECT_EQ(run({"pol"}).code, 64);
    EXPECT_EQ(run({"pool"}).code, 64);
    EXPECT_EQ(run({"json-rpc"}).code, 64);
    EXPECT_EQ(run({"client", "--dialect", "monero"}).code, 64);
    EXPECT_EQ(run({"randomx", "--seconds", "3601"}).code, 64);
    EXPECT_EQ(run({"pool", "--dialect", "monero", "--difficulty", "0.5"}).code, 64);
    EXPECT_EQ(run({"pool", "--dialect", "bitcoin", "--difficulty", "nan"}).code, 64);
}

TEST(Subcommand, AnUnreachablePoolGivesExitCode69) {
    const Outcome outcome = run({"client", "--dialect", "monero", "--pool", "127.0.0.1:1"});
    EXPECT_EQ(outcome.code, 69);
    EXPECT_EQ(outcome.error, "minewarden-lab client: cannot connect to 127.0.0.1:1: Connection "
                             "refused\n");
}

} // namespace
} // namespace minewarden::lab
