// SPDX-License-Identifier: Apache-2.0
#include "collector/api/dispatcher.h"

#include "common/log.h"

namespace minewarden::collector {
namespace {

Answer call(const std::function<Answer()>& job) {
    try {
        return job();
    } catch (const std::exception& error) {
        // Out of memory: only this request fails.
        log::error("API: {}", error.what());
        return to_response({500, "", "the request failed; see the log"});
    }
}

} // namespace

Dispatcher::Dispatcher(Limits limits, std::function<void(std::function<void()>)> post)
    : post_(std::move(post)),
      work_("api-work", limits.workers, limits.queue),
      health_("api-health", 1, limits.queue) {
}

Dispatcher::~Dispatcher() = default;

bool Dispatcher::handle(const Router::Route& route, Request request,
                        std::shared_ptr<Client> client) {
    const auto shared = std::make_shared<Request>(std::move(request));
    if (!submit(route.lane, client.get(), [&route, shared] { return route.handler(*shared); }))
        return false;
    Exchange& exchange = exchanges_[client.get()];
    exchange.client = std::move(client);
    exchange.commits = commits_;
    return true;
}

bool Dispatcher::submit(Lane lane, const Client* client, std::function<Answer()> job) {
    WorkerPool& pool = lane == Lane::health ? health_ : work_;
    return pool.submit([this, client, job = std::move(job)] {
        const auto answer = std::make_shared<Answer>(call(job));
        post_([this, client, answer] { finish(client, std::move(*answer)); });
    });
}

void Dispatcher::finish(const Client* client, Answer answer) {
    const auto found = exchanges_.find(client);
    Exchange& exchange = found->second;
    if (exchange.is_resumption) --resuming_;
    auto* later = std::get_if<Later>(&answer);
    if (later != nullptr && !exchange.is_last && !exchange.is_cancelled) {
        exchange.later = std::move(*later);
        exchange.state = Exchange::State::waiting;
        if (exchange.commits != commits_)
            come_due(exchange, false); // a commit came while the handler ran
        else
            exchange.client->on_later(exchange.later->deadline);
    } else {
        const Exchange ended = std::move(exchange);
        exchanges_.erase(found);
        if (!ended.is_cancelled)
            ended.client->on_response(
                later == nullptr ? std::get<Response>(std::move(answer))
                                 : to_response({500, "", "the handler returned no response"}));
    }
    resume_due();
}

void Dispatcher::expire(const Client& client) {
    const auto found = exchanges_.find(&client);
    if (found != exchanges_.end() && found->second.state == Exchange::State::waiting)
        come_due(found->second, true);
}

void Dispatcher::cancel(const Client& client) {
    const auto found = exchanges_.find(&client);
    if (found == exchanges_.end()) return;
    if (found->second.state == Exchange::State::working) {
        found->second.is_cancelled = true;
        return;
    }
    const Exchange ended = std::move(found->second); // may destroy the client
    exchanges_.erase(found);
}

void Dispatcher::notify() {
    if (is_notified_.exchange(true)) return;
    post_([this] {
        is_notified_ = false;
        ++commits_;
        for (auto& [client, exchange] : exchanges_)
            if (exchange.state == Exchange::State::waiting) come_due(exchange, false);
    });
}

void Dispatcher::come_due(Exchange& exchange, bool is_last) {
    exchange.state = Exchange::State::due;
    exchange.is_last = is_last;
    due_.push_back(exchange.client.get());
    post_([this] { resume_due(); });
}

/// At most one resumption for each thread: they must not fill the queue for requests.
void Dispatcher::resume_due() {
    while (!due_.empty() && resuming_ < work_.threads()) {
        const auto found = exchanges_.find(due_.front());
        if (found != exchanges_.end() && found->second.state == Exchange::State::due) {
            if (!resume(found->second)) return; // called again when a job ends
        }
        due_.pop_front();
    }
}

bool Dispatcher::resume(Exchange& exchange) {
    auto job = [resume = exchange.later->resume, is_last = exchange.is_last] {
        return resume(is_last);
    };
    if (!submit(Lane::work, exchange.client.get(), std::move(job))) return false;
    ++resuming_;
    exchange.state = Exchange::State::working;
    exchange.is_resumption = true;
    exchange.commits = commits_;
    return true;
}

} // namespace minewarden::collector
