// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/rules/support/stratum.h"

/// Messages of the protocols in rules/recognise/mining_message.h, as their specifications and
/// public programs have them. All values are invented.
namespace minewarden::rules::test {

inline const std::string ethereum_wallet = "0x00112233445566778899aabbccddeeff00112233";

namespace nicehash {
inline const std::string subscribe =
    R"({"id": 1, "method": "mining.subscribe", "params": ["ethminer/0.19.0", "EthereumStratum/1.0.0"]})";
inline const std::string subscribe_reply =
    R"({"id":1,"result":[["mining.notify","ae6812eb4cd7735a302a8a9dd95cf71f","EthereumStratum/1.0.0"],"080c"],"error":null})";
inline const std::string notify = R"({"id":null,"method":"mining.notify","params":["bf0488aa",")" +
                                  hash + R"(",")" + hash + R"(",true]})";
inline const std::string submit =
    R"({"id":244,"method":"mining.submit","params":["rig.1","bf0488aa","6a909d9bbc0f"]})";
} // namespace nicehash

namespace stratum_2 {
inline const std::string hello =
    R"({"id":0,"method":"mining.hello","params":{"agent":"ethminer/0.17","host":"pool","port":"d05","proto":"EthereumStratum/2.0.0"}})";
inline const std::string hello_reply =
    R"({"id":0,"result":{"proto":"EthereumStratum/2.0.0","encoding":"plain","resume":"0","timeout":"b4","maxerrors":"5","node":"Geth/v1.8"}})";
inline const std::string set =
    R"({"method":"mining.set","params":{"epoch":"dc","target":"0112e0be826d694b2e62d01511f12a6061fbaec8bc02357593e70e52ba","algo":"ethash","extranonce":"af4c"}})";
inline const std::string notify =
    R"({"method":"mining.notify","params":["bf0488aa","6526d5",")" + hash + R"(","0"]})";
inline const std::string submit =
    R"({"id":31,"method":"mining.submit","params":["bf0488aa","68765fccd712","w-123"]})";
} // namespace stratum_2

namespace eth_proxy {
inline const std::string login = R"({"worker":"eth1.0","jsonrpc":"2.0","params":[")" +
                                 ethereum_wallet + R"(","x"],"id":2,"method":"eth_submitLogin"})";
inline const std::string get_work =
    R"({"worker":"","jsonrpc":"2.0","params":[],"id":3,"method":"eth_getWork"})";
inline const std::string target = "0x00000000" + hash.substr(8);
inline const std::string work = R"({"id":0,"jsonrpc":"2.0","result":["0x)" + hash + R"(","0x)" +
                                hash + R"(",")" + target + R"("]})";
inline const std::string submit =
    R"({"id":4,"jsonrpc":"2.0","method":"eth_submitWork","params":["0x0123456789abcdef","0x)" +
    hash + R"(","0x)" + hash + R"("]})";
} // namespace eth_proxy

namespace kawpow {
inline const std::string notify = R"({"id":null,"method":"mining.notify","params":["1f2e",")" +
                                  hash + R"(",")" + hash + R"(",")" + hash +
                                  R"(",true,2600000,"1b00f1fe"]})";
inline const std::string submit =
    R"({"id":9,"method":"mining.submit","params":["R.w","1f2e","0x0123456789abcdef","0x)" + hash +
    R"(","0x)" + hash + R"("]})";
} // namespace kawpow

namespace zcash {
inline const std::string subscribe =
    R"({"id":1,"method":"mining.subscribe","params":["EWBF/0.3.4",null,"pool.test",3333]})";
inline const std::string set_target =
    R"({"id":null,"method":"mining.set_target","params":[")" + hash + R"("]})";
inline const std::string notify =
    R"({"id":null,"method":"mining.notify","params":["2b3","04000000",")" + hash + R"(",")" + hash +
    R"(",")" + hash + R"(","5a2b3c4d","1c0fffff",true]})";
inline const std::string submit = R"({"id":4,"method":"mining.submit","params":["t1.w","2b3",)"
                                  R"("5a2b3c4d","00000000000000000000000000000000000000000000",")" +
                                  std::string(2694, 'a') + R"("]})";
} // namespace zcash

namespace beam {
inline const std::string login =
    R"({"id":"login","method":"login","api_key":")" + hash + R"(","jsonrpc":"2.0"})";
inline const std::string job = R"({"difficulty":113830,"height":54,"id":"4711","input":")" + hash +
                               R"(","jsonrpc":"2.0","method":"job"})";
inline const std::string submit = R"({"id":"4711","method":"solution","nonce":"010a0b0c0d0e0f10",)"
                                  R"("output":")" +
                                  std::string(208, 'a') + R"(","jsonrpc":"2.0"})";
} // namespace beam

namespace grin {
inline const std::string ask =
    R"({"id":"2","jsonrpc":"2.0","method":"getjobtemplate","params":null})";
inline const std::string job_fields =
    R"({"difficulty":1,"height":16375,"job_id":5,"pre_pow":"0001)" + std::string(472, 'f') +
    R"("})";
inline const std::string job =
    R"({"id":"Stratum","jsonrpc":"2.0","method":"job","params":)" + job_fields + "}";
inline const std::string answer =
    R"({"id":"0","jsonrpc":"2.0","method":"getjobtemplate","result":)" + job_fields +
    R"(,"error":null})";
inline std::string submit_with(const std::string& proof) {
    return R"({"id":"0","jsonrpc":"2.0","method":"submit","params":{"edge_bits":32,"height":16419,)"
           R"("job_id":0,"nonce":8895699060858340771,"pow":)" +
           proof + "}}";
}
inline std::string numbers(int count) {
    std::string list = "4210040";
    for (int i = 1; i < count; ++i) list += "," + std::to_string(4210040 + i * 7919);
    return "[" + list + "]";
}
inline std::string submit(int edges) {
    return submit_with(numbers(edges));
}
/// Epic Cash: three algorithms.
inline const std::string epic_ask =
    R"({"id":"2","jsonrpc":"2.0","method":"getjobtemplate","params":{"algorithm":"progpow"}})";
inline const std::string epic_job =
    R"({"id":"Stratum","jsonrpc":"2.0","method":"job","params":{"difficulty":[["cuckoo",3],)"
    R"(["randomx",800000],["progpow",50000]],"height":1637,"job_id":5,"pre_pow":"0006)" +
    std::string(472, 'e') + R"("}})";
} // namespace grin

namespace iron_fish {
inline const std::string subscribe =
    R"({"id":0,"method":"mining.subscribe","body":{"version":2,"name":"rig","publicAddress":")" +
    hash + R"(","agent":"lab/1.0"}})";
inline const std::string subscribe_worker =
    R"({"id":0,"method":"mining.subscribe","body":{"version":1,"publicAddress":")" + hash +
    R"(+107458.rig"}})";
inline const std::string subscribe_old =
    R"({"id":0,"method":"mining.subscribe","body":{"graffiti":"hello"}})";
inline const std::string subscribed =
    R"({"id":1,"method":"mining.subscribed","body":{"clientId":7,"graffiti":"x"}})";
inline const std::string set_target =
    R"({"id":2,"method":"mining.set_target","body":{"target":")" + hash + R"("}})";
inline const std::string notify =
    R"({"id":3,"method":"mining.notify","body":{"miningRequestId":9,"header":")" +
    std::string(360, 'a') + R"("}})";
inline const std::string submit =
    R"({"id":4,"method":"mining.submit","body":{"miningRequestId":9,"randomness":"00000000d0030040"}})";
inline const std::string submit_old =
    R"({"id":4,"method":"mining.submit","body":{"miningRequestId":9,"randomness":81,"graffiti":""}})";
} // namespace iron_fish

namespace webminerpool {
inline const std::string handshake = R"({"identifier":"handshake","pool":"pool.test","login":")" +
                                     wallet + R"(","password":"secret","userid":"","version":7})";
inline const std::string handshake_by_id =
    R"({"identifier":"handshake","loginid":"abcdef0123456789","userid":"","version":5})";
inline const std::string handshake_short =
    R"({"identifier":"handshake","pool":"pool.test","login":")" + wallet + R"("})";
inline const std::string job = R"({"identifier":"job","job_id":"4BiG","algo":"cn","variant":1,)"
                               R"("blob":")" +
                               blob + R"(","target":"b88d0600"})";
inline const std::string solved =
    R"({"identifier":"solved","job_id":"4BiG","nonce":"d0030040","result":")" + hash + R"("})";
} // namespace webminerpool

namespace browser {
inline const std::string login =
    R"({"type":"auth","params":{"site_key":"abcdef0123456789","type":"anonymous","user":null}})";
inline const std::string job = R"({"type":"job","params":)" + monero::job_params + "}";
inline const std::string submit =
    R"({"type":"submit","params":{"version":4,"job_id":"4BiG","nonce":"d0030040","result":")" +
    hash + R"("}})";
} // namespace browser

namespace node {
inline const std::string getwork = R"({"method": "getwork", "params": [], "id":0})";
inline const std::string getwork_reply = R"({"result":{"midstate":")" + hash + R"(","data":")" +
                                         std::string(256, '0') + R"(","hash1":"00","target":")" +
                                         hash + R"("},"error":null,"id":0})";
inline const std::string getwork_submit =
    R"({"method": "getwork", "params": [ ")" + std::string(256, 'c') + R"(" ], "id":1})";
inline const std::string block_template =
    R"({"method": "getblocktemplate", "params": [{"capabilities": ["coinbasetxn", "longpoll"],"rules": ["segwit"]}], "id":0})";
inline const std::string block_template_reply =
    R"({"result":{"version":536870912,"previousblockhash":")" + hash +
    R"(","transactions":[],"coinbasevalue":1,"bits":"1d00ffff","height":7},"error":null,"id":0})";
inline const std::string submit_block =
    R"({"method": "submitblock", "params": ["00000020)" + std::string(400, 'b') + R"("], "id":1})";
inline const std::string monero_template =
    R"({"id":1,"jsonrpc":"2.0","method":"getblocktemplate","params":{"wallet_address":")" + wallet +
    R"(","extra_nonce":"00"}})";
inline const std::string monero_template_reply =
    R"({"id":1,"jsonrpc":"2.0","result":{"blocktemplate_blob":"1010)" + std::string(300, '8') +
    R"(","blockhashing_blob":")" + blob + R"(","difficulty":1,"height":3000000,"status":"OK"}})";
inline const std::string monero_submit =
    R"({"id":2,"jsonrpc":"2.0","method":"submitblock","params":["1010f8aabbcc06)" +
    std::string(300, 'd') + R"("]})";
} // namespace node

inline std::string http_post(const std::string& body, const std::string& fields = "",
                             const std::string& target = "/") {
    return "POST " + target + " HTTP/1.1\r\nHost: node:8332\r\n" + fields +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}
inline std::string http_ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// One frame; a mask of four bytes if it is not empty.
inline std::string frame(const std::string& payload, const std::string& mask = "",
                         int first = 0x81) {
    std::string made(1, static_cast<char>(first));
    const auto bit = static_cast<char>(mask.empty() ? 0 : 0x80);
    if (payload.size() < 126) {
        made += static_cast<char>(payload.size() | static_cast<unsigned char>(bit));
    } else {
        made += static_cast<char>(126 | static_cast<unsigned char>(bit));
        made += static_cast<char>(payload.size() >> 8);
        made += static_cast<char>(payload.size() & 0xff);
    }
    made += mask;
    for (std::size_t i = 0; i < payload.size(); ++i)
        made += mask.empty() ? payload[i] : static_cast<char>(payload[i] ^ mask[i % 4]);
    return made;
}
inline const std::string upgrade_request =
    "GET /ws HTTP/1.1\r\nHost: p\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
inline const std::string upgrade_reply =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
inline const std::string connect_request = "CONNECT pool:3333 HTTP/1.1\r\nHost: pool:3333\r\n\r\n";
inline const std::string connect_reply = "HTTP/1.1 200 Connection established\r\n\r\n";
inline const std::string socks_client =
    std::string("\x05\x01\x00", 3) + std::string("\x05\x01\x00\x03\x04pool\x0d\x05", 11);
inline const std::string socks_server =
    std::string("\x05\x00", 2) + std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x0d\x05", 10);

} // namespace minewarden::rules::test
