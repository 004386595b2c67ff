// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/remote_store.h"

#include "collector/channel/turn_encoding.h"

#include <pthread.h>

namespace minewarden::collector {

RemoteStore::RemoteStore(Fd channel, AllowList& allow_list)
    : allow_list_(allow_list),
      frames_(std::move(channel), largest_answer),
      sender_([this] { send_all(); }),
      receiver_([this] { receive_all(); }) {
}

Result<std::unique_ptr<RemoteStore>> RemoteStore::open(Fd channel, AllowList& allow_list) {
    std::unique_ptr<RemoteStore> store(new RemoteStore(std::move(channel), allow_list));
    std::optional<Error> end;
    {
        std::unique_lock lock(store->mutex_);
        store->changed_.wait(lock, [&] { return store->has_allow_list_ || store->end_; });
        end = store->end_;
    }
    if (end) return fail(*end);
    return store;
}

RemoteStore::~RemoteStore() {
    frames_.close();
    sender_.join();
    receiver_.join();
}

void RemoteStore::stop() {
    frames_.close();
}

void RemoteStore::start(std::span<const Arrival> arrivals) {
    std::string turn = encode_turn(arrivals);
    on_way_.push_back(arrivals.size());
    {
        const std::lock_guard guard(mutex_);
        to_send_.push_back(std::move(turn));
    }
    changed_.notify_all();
}

std::optional<Outcome> RemoteStore::take() {
    channel::Outcome next;
    {
        const std::lock_guard guard(mutex_);
        if (outcomes_.empty() || on_way_.empty()) return std::nullopt;
        next = std::move(outcomes_.front());
        outcomes_.pop_front();
        if (outcomes_.empty()) done_.clear();
    }
    auto outcome = decode_outcome(next, on_way_.front());
    if (!outcome) {
        frames_.close();
        return std::nullopt;
    }
    on_way_.pop_front();
    return std::move(*outcome);
}

void RemoteStore::send_all() {
    ::pthread_setname_np(::pthread_self(), "channel-out");
    for (;;) {
        std::string turn;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !to_send_.empty() || end_; });
            if (end_) return;
            turn = std::move(to_send_.front());
            to_send_.pop_front();
        }
        if (!frames_.send(turn)) frames_.close();
    }
}

void RemoteStore::receive_all() {
    ::pthread_setname_np(::pthread_self(), "channel-in");
    auto received = receive();
    while (received) received = receive();
    {
        const std::lock_guard guard(mutex_);
        end_ = received.error();
    }
    changed_.notify_all();
    ended_.set();
}

Result<void> RemoteStore::receive() {
    TRY_ASSIGN(const auto body, frames_.receive());
    channel::FromStore message;
    if (!message.ParseFromArray(body.data(), static_cast<int>(body.size())))
        return fail(ErrorKind::data, "the store process sent an invalid message");
    if (message.has_enrolments()) return replace(message.enrolments());
    {
        const std::lock_guard guard(mutex_);
        outcomes_.push_back(std::move(*message.mutable_outcome()));
    }
    done_.set();
    return {};
}

Result<void> RemoteStore::replace(const channel::Enrolments& part) {
    if (part.is_first()) enrolled_.clear();
    for (const auto& agent : part.agents()) {
        const auto key = CurvePublicKey::from(as_bytes(agent.key()));
        if (!key) return fail(ErrorKind::data, "the store process sent an invalid key");
        enrolled_.push_back({*key, agent.name(), {}, std::nullopt});
    }
    if (!part.is_last()) return {};
    allow_list_.replace(std::exchange(enrolled_, {}));
    {
        const std::lock_guard guard(mutex_);
        has_allow_list_ = true;
    }
    changed_.notify_all();
    return {};
}

} // namespace minewarden::collector
