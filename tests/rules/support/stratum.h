// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// Messages of Monero's Stratum (xmrig-proxy, doc/STRATUM.md) and of Bitcoin's
/// (braiins.com/stratum-v1). All values are invented.
namespace minewarden::rules::test {

/// 95 characters that begin like a Monero address.
inline const std::string wallet = "48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJ"
                                  "Mk1j8nLwEVsaSWJ4fhdUyZijBGUicoD";
inline const std::string bitcoin_wallet = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
inline const std::string blob =
    "0707d5efb9d6057e95a35b8f9f0e3d3b2c4c8d1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c00000000"
    "1122334455667788990011223344556677889900112233445566778899001122334401";
inline const std::string hash = "aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899";

namespace monero {

inline const std::string login_new =
    R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":")" + wallet +
    R"(","pass":"x","agent":"XMRig/6.26.0 (Linux x86_64) libuv/1.44.2 gcc/12.2.0",)"
    R"("algo":["rx/0","cn/r","argon2/chukwa"]}})";
inline const std::string login_old = R"({"method": "login", "params": {"login": ")" + wallet +
                                     R"(", "pass": "x", "agent": "xmr-stak/2.4.7"}, "id": 1})";
inline const std::string job_params = R"({"blob":")" + blob +
                                      R"(","job_id":"4BiGm3/RgGQzgkTI","target":"b88d0600",)"
                                      R"("height":3000000,"seed_hash":")" +
                                      hash + R"(","algo":"rx/0"})";
inline const std::string login_reply =
    R"({"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"f3a1b2c3","job":)" + job_params +
    R"(,"extensions":["algo","nicehash","connect","keepalive"],"status":"OK"}})";
inline const std::string job = R"({"jsonrpc":"2.0","method":"job","params":)" + job_params + "}";
inline const std::string submit =
    R"({"id":2,"jsonrpc":"2.0","method":"submit","params":{"id":"f3a1b2c3",)"
    R"("job_id":"4BiGm3/RgGQzgkTI","nonce":"d0030040","result":")" +
    hash + R"("}})";
inline const std::string keepalived =
    R"({"id":3,"jsonrpc":"2.0","method":"keepalived","params":{"id":"f3a1b2c3"}})";

} // namespace monero

namespace bitcoin {

inline const std::string subscribe =
    R"({"id": 1, "method": "mining.subscribe", "params": ["cpuminer-opt/24.4"]})";
inline const std::string authorize = R"({"id": 2, "method": "mining.authorize", "params": [")" +
                                     bitcoin_wallet + R"(.rig1", "secret"]})";
inline const std::string configure =
    R"({"id": 3,"method": "mining.configure","params": [["version-rolling"],)"
    R"({"version-rolling.mask": "1fffe000"}]})";
inline const std::string submit = R"({"id": 4, "method": "mining.submit", "params": [")" +
                                  bitcoin_wallet +
                                  R"(.rig1","bf","00000001","504e86ed","b2957c02"]})";
inline const std::string extranonce =
    R"({"id": 5, "method": "mining.extranonce.subscribe", "params": []})";
inline const std::string subscribe_reply =
    R"({"id":1,"result":[[["mining.set_difficulty","b4b6693b"],["mining.notify","ae6812eb"]],)"
    R"("08000002",4],"error":null})";
inline const std::string set_difficulty =
    R"({"id":null,"method":"mining.set_difficulty","params":[2]})";
inline const std::string notify =
    R"({"id":null,"method":"mining.notify","params":["bf",")" + hash +
    R"(","01000000010000000000000000","ffffffff0100f2052a01000000",[")" + hash +
    R"("],"00000002","1c2ac4af","504e86b9",false]})";

} // namespace bitcoin

} // namespace minewarden::rules::test
