// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/reader.h"

namespace minewarden::collector::sql {

Result<std::unique_ptr<Reader>> Reader::open(Driver& driver) {
    TRY_ASSIGN(auto connection, driver.connect_to_read());
    TRY_ASSIGN(auto findings, FindingReader::open(*connection));
    TRY_ASSIGN(auto fleet, FleetReader::open(*connection));
    TRY_ASSIGN(auto status, StatusReader::open(*connection, driver.size_query()));
    return std::unique_ptr<Reader>(new Reader{std::move(connection), std::move(findings),
                                              std::move(fleet), std::move(status)});
}

Result<std::unique_ptr<Reader>> ReaderPool::take() {
    {
        std::unique_lock lock(mutex_);
        is_free_.wait(lock, [this] { return !free_.empty() || unopened_ > 0; });
        if (!free_.empty()) {
            auto reader = std::move(free_.back());
            free_.pop_back();
            return reader;
        }
        --unopened_;
    }
    auto reader = Reader::open(driver_);
    if (!reader) put_back(nullptr);
    return reader;
}

void ReaderPool::put_back(std::unique_ptr<Reader> reader) {
    {
        const std::lock_guard guard(mutex_);
        if (reader && !reader->connection->is_lost()) {
            free_.push_back(std::move(reader));
        } else {
            ++unopened_;
            // The other readers used the same server.
            if (reader) {
                unopened_ += free_.size();
                free_.clear();
            }
        }
    }
    is_free_.notify_one();
}

} // namespace minewarden::collector::sql
