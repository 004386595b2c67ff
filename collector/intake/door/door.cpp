// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/door/door.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <malloc.h>
#include <pthread.h>

namespace minewarden::collector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Longer than libzmq's limit for a handshake (listener.cpp).
constexpr auto longest_handshake = 6s;
/// How often limits of time and of the heap are looked at.
constexpr std::chrono::milliseconds look_interval = 50ms;
constexpr std::chrono::milliseconds quiet_interval = 500ms;
constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
/// As libzmq's receive buffer (listener.cpp).
constexpr int inner_send_buffer = 256 << 10;
/// Descriptors that are not for connections: the channel, the log, libzmq's own.
constexpr std::size_t reserved_descriptors = 128;
/// The agent's socket, the inner one, and libzmq's end of that.
constexpr std::size_t descriptors_per_connection = 3;

/// 127.0.0.1 itself and its neighbours are left to others.
constexpr std::uint32_t first_number = 0x100;
constexpr std::uint32_t last_number = 0xfffffe;

/// epoll data: a guest's number and which of its sockets, or one of these kinds.
enum class Kind : std::uint32_t { outer, inner, listener, stop, look };

std::uint64_t tag(Kind kind, std::uint32_t number) {
    return std::uint64_t{static_cast<std::uint32_t>(kind)} << 32 | number;
}

void poll_fd(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t data) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    ::epoll_ctl(epoll, operation, fd, &event);
}

void send_at_once(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Suspects::Time since_start(Relay::Time now) {
    return now.time_since_epoch();
}

} // namespace

struct Door::Guest {
    Relay relay;
    std::optional<CurvePublicKey> key = {};
    std::uint32_t outer_armed = 0;
    std::uint32_t inner_armed = 0;
};

Door::Door(std::vector<Fd> listeners, DoorLimits limits, Suspects& suspects, Counters& counters,
           Fd epoll)
    : listeners_(std::move(listeners)),
      limits_(limits),
      suspects_(suspects),
      counters_(counters),
      epoll_(std::move(epoll)),
      buffer_(buffer_bytes) {
}

Result<std::unique_ptr<Door>> Door::create(std::vector<Fd> listeners, DoorLimits limits,
                                           Suspects& suspects, Counters& counters) {
    Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return fail(system_error(ErrorKind::internal, "cannot create an epoll", errno));
    return std::unique_ptr<Door>(
        new Door(std::move(listeners), limits, suspects, counters, std::move(epoll)));
}

void Door::open(std::uint16_t port) {
    port_ = port;
    poll_fd(epoll_.get(), EPOLL_CTL_ADD, stop_.fd(), EPOLLIN, tag(Kind::stop, 0));
    poll_fd(epoll_.get(), EPOLL_CTL_ADD, look_.fd(), EPOLLIN, tag(Kind::look, 0));
    for (const Fd& listener : listeners_)
        poll_fd(epoll_.get(), EPOLL_CTL_ADD, listener.get(), EPOLLIN,
                tag(Kind::listener, static_cast<std::uint32_t>(listener.get())));
    thread_ = std::thread([this] { run(); });
}

Door::~Door() {
    stop_.set();
    if (thread_.joinable()) thread_.join();
}

std::size_t Door::connections_within(std::size_t descriptors) {
    return (std::max(descriptors, reserved_descriptors + descriptors_per_connection) -
            reserved_descriptors) /
           descriptors_per_connection;
}

void Door::run() {
    ::pthread_setname_np(::pthread_self(), "door");
    std::array<epoll_event, 128> events{};
    for (;;) {
        // Nothing changes without an event, except while the heap is full.
        const auto nap = may_read_ ? quiet_interval : look_interval;
        const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                       static_cast<int>(nap.count()));
        if (ready < 0 && errno != EINTR) return;
        const auto now = Clock::now();
        for (int i = 0; i < ready; ++i) {
            const auto kind = static_cast<Kind>(events[static_cast<std::size_t>(i)].data.u64 >> 32);
            const auto number =
                static_cast<std::uint32_t>(events[static_cast<std::size_t>(i)].data.u64);
            if (kind == Kind::stop) return;
            if (kind == Kind::listener) {
                accept_from(static_cast<int>(number));
            } else if (kind == Kind::look) {
                look_.clear();
            } else if (const auto found = guests_.find(number); found != guests_.end()) {
                pump(*found->second, now);
            }
        }
        end_surplus(now);
        if (now >= next_look_) {
            next_look_ = now + look_interval;
            look_after_all(now);
        }
    }
}

/// At most a few per round, so that a flood of connections leaves time for the others.
void Door::accept_from(int listener) {
    constexpr int most_accepted = 16;
    for (int i = 0; i < most_accepted; ++i) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        Fd outer(::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size,
                           SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!outer) return;
        const auto now = Clock::now();
        const PeerAddress address = PeerAddress::of(peer);
        if (suspects_.may_try(address, since_start(now)))
            add(std::move(outer), address, now);
        else
            ++counters_.connections_held_back;
    }
}

void Door::add(Fd outer, const PeerAddress& address, Relay::Time now) {
    make_room(now);
    if (guests_.size() >= limits_.connections) {
        ++counters_.connections_over_limit;
        return;
    }
    do
        last_number_ = last_number_ < first_number || last_number_ >= last_number
                           ? first_number
                           : last_number_ + 1;
    while (guests_.contains(last_number_));
    Fd inner = connect_inside(last_number_);
    if (!inner) {
        ++counters_.connections_over_limit;
        return;
    }
    send_at_once(outer.get());
    auto guest = std::make_unique<Guest>(
        Guest{Relay(std::move(outer), std::move(inner), address, last_number_, now)});
    Guest& added = *guest;
    {
        const std::lock_guard guard(mutex_);
        guests_.emplace(last_number_, std::move(guest));
        strangers_[address].push_back(last_number_);
    }
    counters_.connections = guests_.size();
    arm(added);
}

Fd Door::connect_inside(std::uint32_t number) const {
    Fd inner(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!inner) return inner;
    // Otherwise a port of its own is taken from the ones for all addresses.
    const int on = 1;
    ::setsockopt(inner.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    send_at_once(inner.get());
    ::setsockopt(inner.get(), SOL_SOCKET, SO_SNDBUF, &inner_send_buffer, sizeof inner_send_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7f000000U | number);
    if (::bind(inner.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    if (::connect(inner.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS)
        return {};
    return inner;
}

/// Ends the oldest connection without a key, of the address that has most of them, if there are too
/// many.
void Door::make_room(Relay::Time now) {
    std::uint32_t oldest = 0;
    {
        const std::lock_guard guard(mutex_);
        std::size_t count = 0;
        for (const auto& [address, numbers] : strangers_) count += numbers.size();
        if (count < limits_.unauthenticated && guests_.size() < limits_.connections) return;
        const auto most = std::ranges::max_element(
            strangers_, {}, [](const auto& entry) { return entry.second.size(); });
        if (most == strangers_.end()) return;
        oldest = most->second.front();
    }
    ++counters_.connections_over_limit;
    end(*guests_.at(oldest), now);
}

/// Ends a connection from this side.
void Door::end(Guest& guest, Relay::Time now) {
    guest.relay.end(now);
    arm(guest);
    const std::lock_guard guard(mutex_);
    if (!guest.key) forget_stranger(guest.relay);
}

/// REQUIRES: mutex_ is held.
void Door::forget_stranger(const Relay& relay) {
    const auto found = strangers_.find(relay.address());
    if (found == strangers_.end()) return;
    std::erase(found->second, relay.number());
    if (found->second.empty()) strangers_.erase(found);
}

Admission::Answer Door::admit(std::string_view seen, const CurvePublicKey& key) {
    const auto number = number_of(seen);
    if (!number) return Answer::gone;
    if (suspects_.is_kept_out(key, since_start(Clock::now()))) return Answer::kept_out;
    const std::lock_guard guard(mutex_);
    const auto found = guests_.find(*number);
    if (found == guests_.end() || found->second->key) return Answer::gone;
    forget_stranger(found->second->relay);
    found->second->key = key;
    auto& of_key = by_key_[key];
    of_key.push_back(*number);
    if (of_key.size() > limits_.per_key) {
        surplus_.push_back(of_key.front());
        of_key.pop_front();
        look_.set();
    }
    return Answer::admitted;
}

std::string Door::address_of(std::string_view seen) const {
    const auto number = number_of(seen);
    const std::lock_guard guard(mutex_);
    const auto found = number ? guests_.find(*number) : guests_.end();
    return found == guests_.end() ? std::string(seen) : found->second->relay.address().text();
}

std::optional<std::uint32_t> Door::number_of(std::string_view seen) {
    const std::string text(seen);
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
    const std::uint32_t host = ntohl(address.s_addr);
    if (host >> 24 != 127) return std::nullopt;
    return host & 0xffffffU;
}

void Door::end_surplus(Relay::Time now) {
    std::vector<std::uint32_t> surplus;
    {
        const std::lock_guard guard(mutex_);
        surplus.swap(surplus_);
    }
    for (const std::uint32_t number : surplus) {
        const auto found = guests_.find(number);
        if (found == guests_.end()) continue;
        ++counters_.connections_over_limit;
        end(*found->second, now);
    }
}

void Door::pump(Guest& guest, Relay::Time now) {
    const bool was_ended = guest.relay.was_ended_by_peer();
    guest.relay.pump(buffer_, may_read_, now);
    if (!was_ended && guest.relay.was_ended_by_peer()) {
        std::optional<CurvePublicKey> key;
        {
            const std::lock_guard guard(mutex_);
            key = guest.key;
        }
        suspects_.note_end(guest.relay.address(), key, since_start(now));
        guest.relay.pump(buffer_, may_read_, now); // only now libzmq sees it
    }
    if (guest.relay.is_over(now))
        remove(guest.relay.number());
    else
        arm(guest);
}

void Door::arm(Guest& guest) {
    const auto arm_one = [this](int fd, std::uint32_t& armed, std::uint32_t wanted,
                                std::uint64_t data) {
        if (fd < 0) {
            armed = 0; // closing it took it out of the epoll
            return;
        }
        if (armed == wanted) return;
        int operation = EPOLL_CTL_MOD;
        if (armed == 0) operation = EPOLL_CTL_ADD;
        if (wanted == 0) operation = EPOLL_CTL_DEL;
        poll_fd(epoll_.get(), operation, fd, wanted, data);
        armed = wanted;
    };
    const Relay& relay = guest.relay;
    arm_one(relay.outer(), guest.outer_armed, relay.outer_interest(may_read_),
            tag(Kind::outer, relay.number()));
    arm_one(relay.inner(), guest.inner_armed, relay.inner_interest(),
            tag(Kind::inner, relay.number()));
}

void Door::remove(std::uint32_t number) {
    const std::lock_guard guard(mutex_);
    const auto found = guests_.find(number);
    if (found->second->key) {
        const auto of_key = by_key_.find(*found->second->key);
        if (of_key != by_key_.end()) {
            std::erase(of_key->second, number);
            if (of_key->second.empty()) by_key_.erase(of_key);
        }
    } else {
        forget_stranger(found->second->relay);
    }
    guests_.erase(found);
    counters_.connections = guests_.size();
}

/// What no event of a socket tells: time passes, and the heap fills or empties.
void Door::look_after_all(Relay::Time now) {
    const bool may_read = !is_heap_full();
    const bool changed = std::exchange(may_read_, may_read) != may_read;
    if (changed && !may_read) ++counters_.pauses;
    std::vector<Guest*> late;
    {
        const std::lock_guard guard(mutex_);
        for (const auto& [address, numbers] : strangers_)
            for (const std::uint32_t number : numbers) {
                Guest& guest = *guests_.at(number);
                if (now - guest.relay.opened() > longest_handshake) late.push_back(&guest);
            }
    }
    for (Guest* guest : late) end(*guest, now);
    std::vector<std::uint32_t> over;
    for (const auto& [number, guest] : guests_) {
        if (guest->relay.is_over(now))
            over.push_back(number);
        else if (changed)
            arm(*guest);
    }
    for (const std::uint32_t number : over) remove(number);
}

bool Door::is_heap_full() const {
    return limits_.heap_in_use() > limits_.heap + guests_.size() * limits_.heap_per_connection;
}

std::size_t allocated_bytes() {
    const struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

} // namespace minewarden::collector
