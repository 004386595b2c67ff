// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/remote_store.h"

#include "collector/channel/turn_encoding.h"

#include <fmt/core.h>

#include <pthread.h>

namespace minewarden::collector {
namespace {

/// Kinds that the committer distinguishes; anything else is a defect.
ErrorKind kind_of(int number) {
    for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::config, ErrorKind::permission,
                                 ErrorKind::data})
        if (number == exit_code(kind)) return kind;
    return ErrorKind::internal;
}

} // namespace

RemoteStore::RemoteStore(Fd channel, bool is_shared, AllowList& allow_list)
    : is_shared_(is_shared),
      allow_list_(allow_list),
      frames_(std::move(channel), largest_answer),
      thread_([this] { run(); }) {
}

Result<std::unique_ptr<RemoteStore>> RemoteStore::open(Fd channel, bool is_shared,
                                                       AllowList& allow_list) {
    std::unique_ptr<RemoteStore> store(new RemoteStore(std::move(channel), is_shared, allow_list));
    std::unique_lock lock(store->mutex_);
    store->changed_.wait(lock, [&] { return store->has_allow_list_ || store->end_; });
    if (store->end_) {
        const Error end = *store->end_;
        lock.unlock();
        return fail(end);
    }
    lock.unlock();
    return store;
}

RemoteStore::~RemoteStore() {
    frames_.close();
    thread_.join();
}

Result<Outcome> RemoteStore::commit(std::span<const Arrival> arrivals, WallTime /*now*/) {
    if (const auto sent = frames_.send(encode_turn(arrivals)); !sent) {
        frames_.close();
        return fail(sent.error());
    }
    channel::FromStore answer;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return answer_ || end_; });
        if (!answer_) return fail(*end_);
        answer = std::move(*std::exchange(answer_, std::nullopt));
    }
    if (answer.has_failure())
        return fail(kind_of(answer.failure().kind()), answer.failure().message());
    auto outcome = decode_outcome(answer.outcome(), arrivals.size());
    if (!outcome) frames_.close();
    return outcome;
}

void RemoteStore::run() {
    ::pthread_setname_np(::pthread_self(), "channel");
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
        answer_ = std::move(message);
    }
    changed_.notify_all();
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
