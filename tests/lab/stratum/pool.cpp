// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/pool.h"

namespace minewarden::lab {

void Pool::opened(ClientId client, const LoopbackAddress& peer) {
    ++context_.totals.clients;
    sessions_[client] = dialect_ == Dialect::monero ? make_monero_session(context_, client)
                                                    : make_bitcoin_session(context_, client);
    context_.events.emit("client_connected", {{"client", client}, {"peer", peer.text()}});
}

Answer Pool::on_line(ClientId client, std::string_view line) {
    return sessions_.at(client)->on_line(line);
}

void Pool::closed(ClientId client, std::string_view reason) {
    sessions_.erase(client);
    context_.events.emit("client_closed", {{"client", client}, {"reason", reason}});
}

void Pool::begin_tick() {
    context_.chain.new_block();
}

std::string Pool::push(ClientId client) {
    return sessions_.at(client)->new_job();
}

} // namespace minewarden::lab
