// SPDX-License-Identifier: Apache-2.0
// Programs are loaded and attached independently of each other.
#include "agent/sources/bpf/iterator.h"
#include "agent/sources/bpf/programs.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <bpf/libbpf.h>

#include <refused.skel.h>
#include <set>

namespace minewarden::agent {
namespace {

class ProgramsBpfTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto reason = why_no_bpf()) GTEST_SKIP() << *reason;
    }
};

TEST_F(ProgramsBpfTest, LoadsTheOtherProgramsOfAnObjectWithARejectedOne) {
    auto context = BpfContext::create();
    ASSERT_TRUE(context);
    auto object = BpfObject<refused_bpf>::load(*context);
    ASSERT_TRUE(object) << object.error().message;
    std::set<std::string> missing;
    for (const MissingProgram& program : object->missing()) {
        missing.insert(program.name);
        EXPECT_FALSE(program.hook.empty());
        EXPECT_FALSE(program.reason.empty());
        EXPECT_EQ(program.cause, MissingProgram::Cause::not_supported) << program.reason;
        EXPECT_EQ(program.reason.find('\n'), std::string::npos);
    }
    EXPECT_EQ(missing, (std::set<std::string>{"rejected_by_the_verifier", "without_a_hook"}));
    const auto iterate = [](const bpf_program* program) {
        return bpf_program__attach_iter(program, nullptr);
    };
    auto& programs = (*object)->progs;
    EXPECT_EQ(object->attach(programs.rejected_by_the_verifier, iterate), nullptr);
    for (bpf_program* good : {programs.first_good, programs.second_good}) {
        const BpfLink link = object->attach(good, iterate);
        ASSERT_NE(link, nullptr);
        std::string buffer;
        EXPECT_TRUE(read_iterator(link.get(), "good", buffer));
    }
    EXPECT_EQ(object->missing().size(), 2u);
    const std::uint32_t key = 0;
    std::uint64_t count = 0;
    ASSERT_EQ(bpf_map_lookup_elem(bpf_map__fd((*object)->maps.shared_counter), &key, &count), 0);
    EXPECT_GT(count, 2u) << "both programs use the object's map";
}

TEST_F(ProgramsBpfTest, SharesMapsWithTheSameName) {
    auto context = BpfContext::create();
    ASSERT_TRUE(context);
    const auto first = BpfObject<refused_bpf>::load(*context);
    const auto second = BpfObject<refused_bpf>::load(*context);
    ASSERT_TRUE(first && second);
    const std::uint32_t key = 0;
    const std::uint64_t written = 42;
    std::uint64_t read = 0;
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd((*first)->maps.shared_counter), &key, &written, 0),
              0);
    ASSERT_EQ(bpf_map_lookup_elem(bpf_map__fd((*second)->maps.shared_counter), &key, &read), 0);
    EXPECT_EQ(read, 42u);
}

TEST_F(ProgramsBpfTest, DisablesAProgramByHookOrName) {
    auto context = BpfContext::create({"iter/", "without_a_hook"});
    ASSERT_TRUE(context);
    const auto object = BpfObject<refused_bpf>::load(*context);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->missing().size(), 4u);
    for (const MissingProgram& program : object->missing())
        EXPECT_EQ(program.cause, MissingProgram::Cause::disabled) << program.name;
}

/// A program, and the capabilities that are not full without it; all others are.
struct Loss {
    const char* program;
    std::set<std::string_view> degraded;
};

class ProgramLossBpfTest : public ProgramsBpfTest, public testing::WithParamInterface<Loss> {};

INSTANTIATE_TEST_SUITE_P(
    Programs, ProgramLossBpfTest,
    testing::Values(Loss{"on_exec", {"process-events"}}, Loss{"on_fork", {"process-events"}},
                    Loss{"on_exit", {"process-events"}}, Loss{"on_socket_state", {}},
                    Loss{"sockops", {}}, Loss{"on_egress", {"first-payload"}},
                    Loss{"on_ingress", {"first-payload"}}, Loss{"on_connect4", {"dns-owner"}},
                    Loss{"on_connect6", {"dns-owner"}}, Loss{"on_send4", {"dns-owner"}},
                    Loss{"on_send6", {"dns-owner"}}, Loss{"pull_holders", {}},
                    Loss{"pull_counts", {}}, Loss{"iter/bpf_sk_storage_map", {}},
                    Loss{"pull_tasks", {"task-iterator"}}, Loss{"pull_runtimes", {"task-iterator"}},
                    Loss{"sample_fp_modes", {"fp-mode"}}, Loss{"on_syscall", {"syscall-histogram"}},
                    Loss{"iter/task_file", {"socket-holder"}}),
    [](const testing::TestParamInfo<Loss>& loss) {
        std::string name = loss.param.program;
        std::ranges::replace(name, '/', '_');
        return name;
    });

TEST_P(ProgramLossBpfTest, CostsOnlyWhatNeedsIt) {
    // What this kernel lacks in any case.
    static const std::set<std::string_view> before = [] {
        std::set<std::string_view> lacking;
        for (const Capability& capability : probe(disabled_hooks()))
            if (capability.coverage != Coverage::full) lacking.insert(capability.name);
        return lacking;
    }();
    auto hooks = disabled_hooks();
    if (!hooks.empty() && std::string_view(GetParam().program) == "iter/task_file")
        GTEST_SKIP() << "without the storage iterator counts come through this hook as well";
    hooks.emplace_back(GetParam().program);
    std::set<std::string_view> degraded;
    for (const Capability& capability : probe(hooks)) {
        if (capability.coverage == Coverage::full) {
            EXPECT_EQ(describe_problem(capability), "") << capability.name;
            continue;
        }
        degraded.insert(capability.name);
        const std::string problem = describe_problem(capability);
        EXPECT_NE(problem.find("is disabled (agent.disabled_hooks)"), std::string::npos) << problem;
        EXPECT_EQ(problem.find('\n'), std::string::npos);
    }
    std::set<std::string_view> expected = GetParam().degraded;
    expected.insert(before.begin(), before.end());
    EXPECT_EQ(degraded, expected);
}

} // namespace
} // namespace minewarden::agent
