// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/privileges.h"
#include "agent/sources/syscalls/syscall_source.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <bpf/bpf.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <sched.h>

namespace minewarden::agent {
namespace {

class SyscallBpfTest : public BpfTest {
  protected:
    rules::ImageKey self() {
        TaskTable table;
        EXPECT_TRUE(sources_->get<TaskSource>().pull(table));
        for (const abi::process_record& record : table.processes) {
            if (record.subject.pid == static_cast<std::uint32_t>(::getpid()))
                return {record.subject.pid, record.subject.start_boottime_ns, record.subject.image};
        }
        ADD_FAILURE() << "this process is not in the table";
        return {};
    }
    /// How many tracing links of this program the kernel has.
    static int syscall_links() {
        int found = 0;
        std::uint32_t id = 0;
        while (bpf_link_get_next_id(id, &id) == 0) {
            const Fd link(bpf_link_get_fd_by_id(id));
            bpf_link_info info{};
            std::uint32_t size = sizeof(info);
            if (!link || bpf_obj_get_info_by_fd(link.get(), &info, &size) != 0) continue;
            const Fd program(bpf_prog_get_fd_by_id(info.prog_id));
            bpf_prog_info details{};
            size = sizeof(details);
            if (!program || bpf_obj_get_info_by_fd(program.get(), &details, &size) != 0) continue;
            if (std::string_view(details.name) == "on_syscall") ++found;
        }
        return found;
    }
};

TEST_F(SyscallBpfTest, IsAttachedOnlyWhileItCounts) {
    auto& source = sources_->get<SyscallSource>();
    const int before = syscall_links();
    EXPECT_FALSE(source.is_counting());
    ASSERT_TRUE(source.begin(self(), boot_now()));
    EXPECT_TRUE(source.is_counting());
    EXPECT_EQ(syscall_links(), before + 1);
    ASSERT_TRUE(source.end(boot_now()));
    EXPECT_FALSE(source.is_counting());
    EXPECT_EQ(syscall_links(), before);
}

TEST_F(SyscallBpfTest, IsDetachedWithTheSource) {
    const int before = syscall_links();
    ASSERT_TRUE(sources_->get<SyscallSource>().begin(self(), boot_now()));
    sources_.reset();
    EXPECT_EQ(syscall_links(), before);
}

TEST_F(SyscallBpfTest, CountsEveryCallOfThisProcessAndNoOther) {
    auto& source = sources_->get<SyscallSource>();
    const BootTime begin = boot_now();
    ASSERT_TRUE(source.begin(self(), begin));
    for (int i = 0; i < 1000; ++i) ::sched_yield();
    std::thread([] {
        for (int i = 0; i < 500; ++i) ::sched_yield();
    }).join();
    const pid_t child = ::fork();
    if (child == 0) {
        for (int i = 0; i < 700; ++i) ::sched_yield();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto counts = source.end({begin.ns + 1'000'000'000});
    ASSERT_TRUE(counts);
    EXPECT_GE(counts->counts[SYS_sched_yield], 1500u);
    EXPECT_LT(counts->counts[SYS_sched_yield], 1700u); // the threads library yields on its own
    EXPECT_EQ(counts->span_ns, 1'000'000'000u);
    for (int i = 0; i < 1000; ++i) ::sched_yield();
    ASSERT_TRUE(source.begin(self(), boot_now())); // counts begin afresh
    const auto none = source.end(boot_now());
    ASSERT_TRUE(none);
    EXPECT_LT(none->counts[SYS_sched_yield], 100u);
}

TEST_F(SyscallBpfTest, DoesNotConfuseAReusedPid) {
    rules::ImageKey other = self();
    other.start_boottime_ns += 1;
    auto& source = sources_->get<SyscallSource>();
    ASSERT_TRUE(source.begin(other, boot_now()));
    for (int i = 0; i < 100; ++i) ::sched_yield();
    const auto counts = source.end(boot_now());
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->counts[SYS_sched_yield], 0u);
}

TEST_F(SyscallBpfTest, CanBeAttachedAfterPrivilegesAreDropped) {
    const rules::ImageKey image = self();
    const pid_t child = ::fork(); // privileges are dropped for good
    if (child == 0) {
        auto& source = sources_->get<SyscallSource>();
        const bool good =
            drop_privileges() && source.begin(image, boot_now()) && source.end(boot_now());
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

} // namespace
} // namespace minewarden::agent
