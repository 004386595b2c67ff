// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/agent_book.h"

#include "collector/store/sql/content_bytes.h"

namespace minewarden::collector::sql {

Result<AgentBook> AgentBook::open(Connection& connection) {
    AgentBook book;
    TRY(prepare_all(
        connection,
        {{&book.find_, "SELECT row, collector FROM agents WHERE key = ?1"},
         {&book.insert_,
          "INSERT INTO agents (key, name, host_name, version, first_seen_ns, last_seen_ns, "
          "collector) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) RETURNING row"},
         {&book.update_, "UPDATE agents SET name = ?2, host_name = ?3, version = ?4, "
                         "collector = ?5 WHERE row = ?1"},
         {&book.assign_, "UPDATE agents SET collector = ?2 WHERE row = ?1"},
         {&book.reassign_all_, "UPDATE agents SET collector = ?2 WHERE collector = ?1"},
         {&book.saw_, "UPDATE agents SET last_seen_ns = ?2 WHERE row = ?1"}}));
    return book;
}

Result<KnownAgent*> AgentBook::find(const CurvePublicKey& key) {
    if (const auto known = known_.find(key); known != known_.end()) return &known->second;
    TRY_ASSIGN(const auto is_row, find_->bind(key).step());
    if (!is_row) return nullptr;
    const KnownAgent agent{find_->integer(0), find_->integer(1)};
    find_->reset();
    return &known_.emplace(key, agent).first->second;
}

Result<KnownAgent*> AgentBook::greet(const Opening& opening, std::int64_t collector, WallTime now,
                                     CounterTable& counters) {
    TRY_ASSIGN(KnownAgent * agent, find(opening.stream.agent));
    if (agent == nullptr) {
        insert_->bind(opening.stream.agent, opening.agent_name, opening.host_name,
                      opening.agent_version, now.ns, collector);
        TRY_ASSIGN(const auto row, read_number(*insert_));
        counters.add(DataClass::agents, 1, agent_bytes);
        agent = &known_.emplace(opening.stream.agent, KnownAgent{row.value_or(0), collector})
                     .first->second;
    } else {
        update_->bind(agent->row, opening.agent_name, opening.host_name, opening.agent_version,
                      collector);
        TRY(update_->run());
        agent->collector = collector;
    }
    saw(agent->row);
    return agent;
}

Result<void> AgentBook::assign(KnownAgent& agent, std::int64_t collector) {
    if (agent.collector == collector) return {};
    TRY(assign_->bind(agent.row, collector).run());
    agent.collector = collector;
    return {};
}

Result<void> AgentBook::reassign_all(std::int64_t from, std::int64_t to) {
    for (auto& [key, agent] : known_) {
        if (agent.collector == from) agent.collector = to;
    }
    return reassign_all_->bind(from, to).run();
}

Result<void> AgentBook::flush(WallTime now) {
    for (const std::int64_t agent : seen_) {
        TRY(saw_->bind(agent, now.ns).run());
    }
    seen_.clear();
    return {};
}

void AgentBook::forget() {
    known_.clear();
    seen_.clear();
}

} // namespace minewarden::collector::sql
