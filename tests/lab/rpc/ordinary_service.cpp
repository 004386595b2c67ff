// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/rpc/ordinary_service.h"

#include "tests/lab/stratum/message.h"

#include <fmt/core.h>

namespace minewarden::lab {
namespace {

Json result_of(const Message& request) {
    if (request.method == "login")
        return {{"status", "OK"}, {"session", "5d41402abc4b2a76"}, {"expires_in", 3600}};
    if (request.method == "submit") return {{"id", "form-7"}, {"status", "OK"}};
    if (request.method == "subscribe") return Json::array({"printers", "forms"});
    return true;
}

} // namespace

void OrdinaryService::opened(ClientId client, const LoopbackAddress& peer) {
    events_.emit("client_connected", {{"client", client}, {"peer", peer.text()}});
}

Answer OrdinaryService::on_line(ClientId client, std::string_view line) {
    const auto request = parse_message(line);
    if (!request) return {{}, request.error().message};
    if (request->method == "subscribe") subscribers_.insert(client);
    Json answer;
    answer["id"] = request->id;
    answer["jsonrpc"] = "2.0";
    answer["error"] = nullptr;
    answer["result"] = result_of(*request);
    ++answered_;
    return {answer.dump() + "\n", {}};
}

void OrdinaryService::closed(ClientId client, std::string_view reason) {
    subscribers_.erase(client);
    events_.emit("client_closed", {{"client", client}, {"reason", reason}});
}

std::string OrdinaryService::push(ClientId client) {
    if (!subscribers_.contains(client)) return {};
    Json push;
    push["jsonrpc"] = "2.0";
    push["method"] = "job";
    push["params"] = {{"job_id", fmt::format("print-{}", print_job_)}, {"state", "done"}};
    return push.dump() + "\n";
}

const std::vector<std::string>& ordinary_requests() {
    static const std::vector<std::string> requests = {
        R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"user":"alice","password":"correct horse"}})",
        R"({"id":2,"jsonrpc":"2.0","method":"login","params":{"login":"bob","pass":"secret"}})",
        R"({"id":3,"jsonrpc":"2.0","method":"subscribe","params":["printers","forms"]})",
        R"({"id":4,"jsonrpc":"2.0","method":"submit","params":{"id":"form-7","title":"What is {\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}?","text":"The firewall log has mining.subscribe and stratum+tcp://pool.example:3333 in it."}})",
        R"({"method": "log.write", "params": ["mining.subscribe", "stratum+tcp://pool.example:3333", "mining.authorize"], "id": 5})",
        R"({"id": 6, "method": "subscribe", "params": ["stratum+tcp", "mining.notify"]})",
    };
    return requests;
}

} // namespace minewarden::lab
