// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"
#include "common/host/process_files.h"
#include "tests/agent/sources/bpf_fixture.h"
#include "tests/common/support/child_without_first_thread.h"
#include "tests/common/support/temporary_directory.h"

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <unistd.h>
#include <vector>

namespace minewarden::agent {
namespace {

void work_for(std::chrono::milliseconds time) {
    timespec now{};
    const auto cpu_ms = [&now] {
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
    };
    const auto end = cpu_ms() + time.count();
    while (cpu_ms() < end) {
    }
}

/// CPU time of this process so far, as the kernel accounts it.
std::uint64_t used_ns() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = static_cast<std::uint64_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
    const auto rest = static_cast<std::uint64_t>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    return seconds * 1'000'000'000 + rest * 1000;
}

class TaskBpfTest : public BpfTest {
  protected:
    [[nodiscard]] bool shares_sources() const override { return true; }
    TaskTable pull() {
        TaskTable table;
        const auto pulled = sources_->get<TaskSource>().pull(table);
        EXPECT_TRUE(pulled) << pulled.error().message;
        return table;
    }
    /// Processes that run a program, which kernel threads do not.
    static std::set<pid_t> programs_in_proc() {
        std::set<pid_t> pids;
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            const pid_t pid = std::atoi(entry.path().filename().c_str());
            if (pid > 0 && !read_executable(pid).empty()) pids.insert(pid);
        }
        return pids;
    }
    static const abi::process_record* find(const TaskTable& table, pid_t pid) {
        const auto found = std::ranges::find_if(table.processes, [&](const auto& record) {
            return record.subject.pid == static_cast<std::uint32_t>(pid);
        });
        return found == table.processes.end() ? nullptr : &*found;
    }
};

TEST_F(TaskBpfTest, ListsEveryProcessOfProcAndNoKernelThread) {
    const std::set<pid_t> before = programs_in_proc();
    const TaskTable table = pull();
    const std::set<pid_t> after = programs_in_proc();
    ASSERT_GE(before.size(), 2u);
    for (const pid_t pid : before) {
        // Some sandboxes hide their own init from every iterator.
        if (pid == 1 || !after.contains(pid)) continue;
        EXPECT_NE(find(table, pid), nullptr) << pid;
    }
    EXPECT_EQ(find(table, 2), nullptr); // kthreadd
    const abi::process_record* self = find(table, ::getpid());
    ASSERT_NE(self, nullptr);
    EXPECT_EQ(self->parent_pid, static_cast<std::uint32_t>(::getppid()));
    EXPECT_EQ(self->user_id, 0u);
    EXPECT_NE(self->file_inode, 0u);
    EXPECT_GE(self->file_links, 1u);
    EXPECT_EQ(std::string(self->command), "agent_bpf_test");
    EXPECT_LE(self->subject.start_boottime_ns, boot_now().ns);
}

TEST_F(TaskBpfTest, LosesNothingOfWorkersThatAreReplacedFiveTimesASecond) {
    const TaskTable before = pull();
    timespec begin{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (int i = 0; i < 10; ++i)
        std::thread([] { work_for(std::chrono::milliseconds(60)); }).join();
    timespec end{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    const TaskTable after = pull();
    const auto total = [](const TaskTable& table) {
        std::uint64_t sum = find(table, ::getpid())->exited_runtime_ns;
        for (const abi::thread_record& thread : table.threads)
            if (thread.pid == static_cast<std::uint32_t>(::getpid())) sum += thread.runtime_ns;
        return sum;
    };
    const std::uint64_t really =
        static_cast<std::uint64_t>(end.tv_sec - begin.tv_sec) * 1'000'000'000 +
        static_cast<std::uint64_t>(end.tv_nsec) - static_cast<std::uint64_t>(begin.tv_nsec);
    const std::uint64_t seen = total(after) - total(before);
    EXPECT_GE(seen, 600'000'000u);
    EXPECT_GE(seen * 100, really * 95);
}

TEST_F(TaskBpfTest, CountsCpuTimeExactlyWithEndedThreads) {
    const TaskTable before = pull();
    work_for(std::chrono::milliseconds(120));
    std::thread([] { work_for(std::chrono::milliseconds(80)); }).join();
    const std::uint64_t used_before = used_ns();
    const TaskTable after = pull();
    const std::uint64_t used_after = used_ns();
    const auto cpu = [](const TaskTable& table) {
        std::uint64_t total = find(table, ::getpid())->exited_runtime_ns;
        for (const abi::thread_record& thread : table.threads) {
            if (thread.pid == static_cast<std::uint32_t>(::getpid())) total += thread.runtime_ns;
        }
        return total;
    };
    EXPECT_GE(cpu(after) - cpu(before), 190'000'000u);
    // Only threads that ran for less than 50 ms are left out.
    EXPECT_GE(cpu(after) + 60'000'000, used_before);
    EXPECT_LE(cpu(after), used_after + 10'000'000);
}

TEST_F(TaskBpfTest, CountsResidentPagesByKind) {
    constexpr std::size_t size = 128 << 20;
    const Fd shared(::memfd_create("pages", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(shared.get(), size), 0);
    const auto touch = [&](int flags, int fd) {
        void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0);
        EXPECT_NE(memory, MAP_FAILED);
        std::memset(memory, 1, size / 2);
        return memory;
    };
    const auto record = [&] { return *find(pull(), ::getpid()); };
    const abi::process_record before = record();
    void* const anonymous = touch(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    const abi::process_record then = record();
    void* const memfd = touch(MAP_SHARED, shared.get());
    const abi::process_record after = record();
    ::munmap(anonymous, size);
    ::munmap(memfd, size);
    EXPECT_GE(then.anonymous_bytes - before.anonymous_bytes, size / 2 - (4 << 20));
    EXPECT_LE(then.anonymous_bytes - before.anonymous_bytes, size / 2 + (8 << 20));
    EXPECT_GE(after.shared_bytes - then.shared_bytes, size / 2 - (4 << 20));
    EXPECT_LE(after.shared_bytes - then.shared_bytes, size / 2 + (8 << 20));
    EXPECT_GE(before.file_bytes, 1u << 20) << "this program itself";
}

TEST_F(TaskBpfTest, CountsBytesForBlockDevicesOnly) {
    const test::TemporaryDirectory directory;
    const Fd file(::open((directory / "data").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const std::vector<char> chunk(1 << 20, 'x');
    const auto own = [&] {
        const TaskTable table = pull();
        std::int64_t device = find(table, ::getpid())->exited_device_written_bytes;
        std::uint64_t all = find(table, ::getpid())->exited_written_bytes;
        for (const abi::thread_record& thread : table.threads) {
            if (thread.pid != static_cast<std::uint32_t>(::getpid())) continue;
            device += thread.device_written_bytes;
            all += thread.written_bytes;
        }
        return std::pair(device, all);
    };
    work_for(std::chrono::milliseconds(60)); // so that its thread is in the table
    const auto begin = own();
    for (int i = 0; i < 16; ++i) ASSERT_GT(::write(null.get(), chunk.data(), chunk.size()), 0);
    const auto copied = own();
    EXPECT_GE(copied.second - begin.second, 16u << 20);
    EXPECT_LT(copied.first - begin.first, 1 << 20);
    for (int i = 0; i < 16; ++i) ASSERT_GT(::write(file.get(), chunk.data(), chunk.size()), 0);
    const auto stored = own();
    struct statfs kind{};
    ASSERT_EQ(::fstatfs(file.get(), &kind), 0);
    if (kind.f_type == TMPFS_MAGIC) GTEST_SKIP() << "the temporary directory is on no device";
    EXPECT_GE(stored.first - copied.first, 15 << 20);
}

// A miner whose first thread has ended keeps its memory, and the record must show it.
TEST_F(TaskBpfTest, TakesMemoryAndFileFromThreadsThatLive) {
    constexpr std::size_t size = 64 << 20;
    const test::ChildWithoutFirstThread child([] {
        void* const memory =
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        std::memset(memory, 1, size);
    });
    const TaskTable table = pull();
    const abi::process_record* found = find(table, child.pid());
    const abi::process_record* own = find(table, ::getpid());
    ASSERT_TRUE(found != nullptr && own != nullptr);
    EXPECT_GE(found->anonymous_bytes, size);
    EXPECT_NE(found->file_inode, 0u);
    EXPECT_EQ(found->file_inode, own->file_inode);
    EXPECT_EQ(found->file_device, own->file_device);
}

TEST_F(TaskBpfTest, ReportsPriorityAffinityAndBytesOfThreads) {
    const pid_t child = ::fork();
    if (child == 0) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET(0, &cpus);
        ::sched_setaffinity(0, sizeof(cpus), &cpus);
        ::setpriority(PRIO_PROCESS, 0, 7);
        const Fd zero(::open("/dev/zero", O_RDONLY));
        std::array<char, 4096> chunk;
        for (int i = 0; i < 256; ++i) (void)!::read(zero.get(), chunk.data(), chunk.size());
        work_for(std::chrono::milliseconds(100));
        ::pause();
        ::_exit(0);
    }
    abi::thread_record found{};
    EXPECT_TRUE(drain_until([&] {
        for (const abi::thread_record& thread : pull().threads) {
            if (thread.pid == static_cast<std::uint32_t>(child) && thread.runtime_ns > 90'000'000)
                found = thread;
        }
        return found.pid != 0;
    }));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(found.allowed_cpus, 1u);
    EXPECT_EQ(found.nice, 7);
    EXPECT_EQ(found.policy, 0);
    EXPECT_GE(found.read_bytes, 256u * 4096u);
}

TEST_F(TaskBpfTest, ListsRuntimesOfThreadsThatUsedCpu) {
    work_for(std::chrono::milliseconds(120));
    const auto runtimes = sources_->get<TaskSource>().pull_runtimes();
    ASSERT_TRUE(runtimes);
    const auto self = std::ranges::find_if(*runtimes, [](const auto& record) {
        return record.thread_id == static_cast<std::uint32_t>(::gettid());
    });
    ASSERT_NE(self, runtimes->end());
    EXPECT_GE(self->runtime_ns, 100'000'000u);
}

} // namespace
} // namespace minewarden::agent
