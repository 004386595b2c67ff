// SPDX-License-Identifier: Apache-2.0
#include "collector/api/worker_pool.h"

#include <pthread.h>
#include <utility>

namespace minewarden::collector {

WorkerPool::WorkerPool(const char* name, std::size_t threads, std::size_t queue)
    : most_jobs_(threads + queue) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { run(); });
        ::pthread_setname_np(threads_.back().native_handle(), name);
    }
}

WorkerPool::~WorkerPool() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard guard(mutex_);
        is_stopping_ = true;
        dropped.swap(waiting_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(std::function<void()> job) {
    {
        const std::lock_guard guard(mutex_);
        if (is_stopping_ || waiting_.size() + running_ >= most_jobs_) return false;
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

void WorkerPool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
        if (is_stopping_) return;
        {
            const std::function<void()> job = std::move(waiting_.front());
            waiting_.pop_front();
            ++running_;
            lock.unlock();
            job();
        } // destroys the job before it takes the lock again
        lock.lock();
        --running_;
    }
}

} // namespace minewarden::collector
