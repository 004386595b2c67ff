// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/brief_workers.h"

#include "tests/lab/hash/counter_hasher.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace minewarden::lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr unsigned alarm_grace_seconds = 20;

/// Hash counts in memory that forks and their parent share.
class SharedCounts {
  public:
    explicit SharedCounts(unsigned count) : count_(count) {
        void* const at =
            ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (at != MAP_FAILED) counts_ = static_cast<std::atomic<std::uint64_t>*>(at);
    }
    ~SharedCounts() {
        if (counts_ != nullptr) ::munmap(counts_, bytes());
    }
    SharedCounts(const SharedCounts&) = delete;
    SharedCounts& operator=(const SharedCounts&) = delete;

    [[nodiscard]] bool usable() const { return counts_ != nullptr; }
    std::atomic<std::uint64_t>& operator[](unsigned i) { return counts_[i]; }

  private:
    [[nodiscard]] std::size_t bytes() const { return count_ * sizeof(std::atomic<std::uint64_t>); }
    unsigned count_;
    std::atomic<std::uint64_t>* counts_ = nullptr;
};

/// Hashes for `life`. Uses only integers, because RandomX changes the rounding mode.
void hash_for(Hasher& hasher, milliseconds life, const Pace& pace,
              std::atomic<std::uint64_t>& hashes, const Stop& stop) {
    const auto end = steady_clock::now() + life;
    while (!stop.requested() && steady_clock::now() < end) {
        const auto done = hasher.round();
        if (!done) return;
        hashes.fetch_add(*done, std::memory_order_relaxed);
        if (pace.yield) ::sched_yield();
    }
}

void tell_start(unsigned worker, EventLog& events) {
    events.emit("hashing_started", {{"worker", worker}, {"tid", ::gettid()}});
}

/// In a forked child: sets an alarm that ends it in any case, because forks do not inherit alarms.
void bound_child(milliseconds life) {
    ::alarm(static_cast<unsigned>(life.count() / 1000) + alarm_grace_seconds);
}

/// Runs in a forked child and ends it.
void run_batch(RandomxVm machine, unsigned worker, milliseconds life, const Pace& pace,
               std::atomic<std::uint64_t>& hashes, EventLog& events, const Stop& stop) {
    CounterHasher hasher(std::move(machine), worker);
    tell_start(worker, events);
    hash_for(hasher, life, pace, hashes, stop);
}

void take_totals(SharedCounts& counts, unsigned count, steady_clock::time_point start,
                 HashTotals& totals) {
    totals.seconds += std::chrono::duration<double>(steady_clock::now() - start).count();
    totals.per_thread.resize(std::max<std::size_t>(totals.per_thread.size(), count));
    for (unsigned i = 0; i < count; ++i) totals.per_thread[i] += counts[i];
}

Failure<Error> cannot_share() {
    return fail(system_error(ErrorKind::unavailable, "cannot share counts with workers", errno));
}

} // namespace

Result<void> run_replaced_threads(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                  milliseconds life, const Pace& pace, HashTotals& totals,
                                  EventLog& events, const Stop& stop) {
    SharedCounts counts(count);
    if (!counts.usable()) return cannot_share();
    const auto start = steady_clock::now();
    std::atomic<bool> failed = false;
    {
        std::vector<std::jthread> places;
        for (unsigned i = 0; i < count; ++i) {
            places.emplace_back([&, i] {
                while (!stop.requested() && !failed) {
                    auto machine = RandomxVm::create(memory);
                    if (!machine) {
                        failed = true;
                        return;
                    }
                    CounterHasher hasher(std::move(*machine), i);
                    std::jthread([&] {
                        tell_start(i, events);
                        hash_for(hasher, life, pace, counts[i], stop);
                    }).join();
                }
            });
        }
    }
    if (failed) return fail(ErrorKind::unavailable, "cannot make a RandomX machine");
    take_totals(counts, count, start, totals);
    return {};
}

Result<void> run_forked_batches(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                milliseconds life, const Pace& pace, HashTotals& totals,
                                EventLog& events, const Stop& stop) {
    SharedCounts counts(count);
    if (!counts.usable()) return cannot_share();
    const auto start = steady_clock::now();
    std::vector<pid_t> children(count, 0);
    Result<void> result;
    while (!stop.requested() && result) {
        for (unsigned i = 0; i < count; ++i) {
            int status = 0;
            if (children[i] != 0 && ::waitpid(children[i], &status, WNOHANG) == 0) continue;
            children[i] = ::fork();
            if (children[i] == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                bound_child(life);
                auto machine = RandomxVm::create(memory);
                if (machine) run_batch(std::move(*machine), i, life, pace, counts[i], events, stop);
                ::_exit(machine ? 0 : 1);
            }
            if (children[i] < 0) {
                children[i] = 0;
                result = fail(system_error(ErrorKind::unavailable, "fork", errno));
            }
        }
        stop.sleep(milliseconds(5));
    }
    for (const pid_t child : children) {
        if (child <= 0) continue;
        int status = 0;
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }
    take_totals(counts, count, start, totals);
    return result;
}

Result<void> begin_fork_chain(std::shared_ptr<const RandomxMemory> memory, milliseconds life,
                              const Pace& pace, EventLog& events, const Stop& stop) {
    const pid_t first = ::fork();
    if (first < 0) return fail(system_error(ErrorKind::unavailable, "fork", errno));
    if (first > 0) return {};
    ::signal(SIGTERM, SIG_DFL); // no process in a chain would forward a request
    std::atomic<std::uint64_t> hashes = 0;
    for (unsigned link = 0; !stop.requested(); ++link) {
        bound_child(life);
        auto machine = RandomxVm::create(memory);
        if (!machine) break;
        run_batch(std::move(*machine), link, life, pace, hashes, events, stop);
        if (::fork() != 0) ::_exit(0); // the child continues
    }
    ::_exit(0);
}

} // namespace minewarden::lab
