// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/counters.h"
#include "collector/intake/door/relay.h"
#include "collector/intake/gate.h"
#include "collector/intake/suspects/suspects.h"
#include "common/result.h"
#include "common/wakeup.h"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace minewarden::collector {

/// Bytes that malloc has given out, libzmq's messages among them; 0 with the malloc of a sanitizer.
[[nodiscard]] std::size_t allocated_bytes();

struct DoorLimits {
    std::size_t connections;           ///< in all
    std::size_t unauthenticated = 256; ///< of them, that have shown no key yet
    std::size_t per_key = 8;           ///< cloned hosts share a key
    /// Bytes of the heap beyond which agents are not read, and what each connection adds: a message
    /// that has not arrived in full is no reason to stop the others.
    std::size_t heap = std::size_t{256} << 20;
    std::size_t heap_per_connection = std::size_t{6} << 20;
    std::size_t (*heap_in_use)() = allocated_bytes;
};

/// What stands between agents and libzmq: accepts their connections, bounds them, and relays their
/// bytes to libzmq's socket on the loopback interface. It reads none of the bytes.
///
/// Where there are too many connections, the oldest one without a key ends, of the address that has
/// most of them; of one key, its oldest. So a new agent always has its turn, whatever others hold.
///
/// Each connection has a loopback address of its own (127.x.y.z), by which libzmq's authentication
/// requests name it.
class Door : public Admission {
  public:
    /// `listeners` are bound and listen. No connection is accepted before open(). `suspects` and
    /// `counters` outlive the door.
    static Result<std::unique_ptr<Door>> create(std::vector<Fd> listeners, DoorLimits limits,
                                                Suspects& suspects, Counters& counters);
    ~Door() override;
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// Accepts agents from now on. libzmq listens on this port of 127.0.0.1.
    void open(std::uint16_t port);

    // Admission, by the thread of the gate:
    Answer admit(std::string_view seen, const CurvePublicKey& key) override;
    [[nodiscard]] std::string address_of(std::string_view seen) const override;

    /// As many as fit into this process's limit of descriptors, after some for other uses.
    static std::size_t connections_within(std::size_t descriptors);

  private:
    struct Guest;
    Door(std::vector<Fd> listeners, DoorLimits limits, Suspects& suspects, Counters& counters,
         Fd epoll);
    void run();
    void accept_from(int listener);
    void add(Fd outer, const PeerAddress& address, Relay::Time now);
    [[nodiscard]] Fd connect_inside(std::uint32_t number) const;
    void make_room(Relay::Time now);
    void end(Guest& guest, Relay::Time now);
    void forget_stranger(const Relay& relay);
    void end_surplus(Relay::Time now);
    void pump(Guest& guest, Relay::Time now);
    void arm(Guest& guest);
    void remove(std::uint32_t number);
    void look_after_all(Relay::Time now);
    [[nodiscard]] bool is_heap_full() const;
    [[nodiscard]] static std::optional<std::uint32_t> number_of(std::string_view seen);

    std::vector<Fd> listeners_;
    DoorLimits limits_;
    Suspects& suspects_;
    Counters& counters_;
    Fd epoll_;
    std::uint16_t port_ = 0;
    std::uint32_t last_number_ = 0;
    bool may_read_ = true; ///< false while the heap is full
    Relay::Time next_look_{};
    std::vector<char> buffer_;

    /// Keys and addresses of guests, and who must go, for both threads.
    mutable std::mutex mutex_;
    std::map<std::uint32_t, std::unique_ptr<Guest>> guests_; ///< changed by the door's thread only
    /// Without a key, oldest first.
    std::map<PeerAddress, std::deque<std::uint32_t>> strangers_;
    std::map<CurvePublicKey, std::deque<std::uint32_t>> by_key_; ///< oldest first
    std::vector<std::uint32_t> surplus_;

    Wakeup stop_;
    Wakeup look_; ///< surplus_ is not empty
    std::thread thread_;
};

} // namespace minewarden::collector
