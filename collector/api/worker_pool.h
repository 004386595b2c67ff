// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace minewarden::collector {

/// A fixed number of threads with a bounded queue of jobs. Any thread may submit.
class WorkerPool {
  public:
    /// `name`: of the threads, at most 15 bytes. `queue`: jobs that may wait while all threads are
    /// busy.
    WorkerPool(const char* name, std::size_t threads, std::size_t queue);
    /// Waits for running jobs and drops waiting ones.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// False if the queue is full. Jobs start in order and must not throw.
    [[nodiscard]] bool submit(std::function<void()> job);
    [[nodiscard]] std::size_t threads() const { return threads_.size(); }

  private:
    void run();

    const std::size_t most_jobs_; ///< running and waiting
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    std::size_t running_ = 0;
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace minewarden::collector
