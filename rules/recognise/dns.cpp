// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/dns.h"

#include <algorithm>
#include <cstring>

namespace minewarden::rules {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t label_maximum = 63;     // RFC 1035 2.3.4
constexpr std::size_t name_maximum = 255;     // with length bytes and the root
constexpr std::size_t pointers_maximum = 127; // a name has no more labels

constexpr std::uint16_t class_internet = 1;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_cname = 5;
constexpr std::uint16_t type_aaaa = 28;
constexpr std::uint16_t type_svcb = 64; // RFC 9460
constexpr std::uint16_t type_https = 65;
constexpr std::uint16_t hint_ipv4 = 4; // keys of service parameters
constexpr std::uint16_t hint_ipv6 = 6;

std::uint16_t read_16(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t read_32(ByteView bytes, std::size_t at) {
    return std::uint32_t{read_16(bytes, at)} << 16 | read_16(bytes, at + 2);
}

IpAddress ipv4(ByteView four) {
    IpAddress address;
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, four.data(), 4);
    return address;
}

IpAddress ipv6(ByteView sixteen) {
    IpAddress address;
    std::memcpy(address.bytes.data(), sixteen.data(), 16);
    return address;
}

/// Size of an address in a service parameter; 0 if the parameter has no addresses.
std::size_t size_of_hint(int key) {
    if (key == hint_ipv4) return 4;
    return key == hint_ipv6 ? 16 : 0;
}

/// Lower-cases a byte of a host name; 0 if a host name cannot have it.
char host_byte(std::uint8_t byte) {
    const char c = static_cast<char>(byte);
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    return good ? c : '\0';
}

/// One address or alias record.
struct Record {
    std::string owner;
    std::string target; ///< of an alias
    std::uint32_t ttl_s = 0;
    std::vector<IpAddress> addresses;
};

class Reader {
  public:
    explicit Reader(ByteView message) : message_(message) {}

    std::variant<DnsAnswer, DnsProblem> read() {
        if (message_.size() < header_bytes) return DnsProblem::truncated;
        const std::uint16_t flags = read_16(message_, 2);
        const bool is_response = (flags & 0x8000) != 0;
        const bool is_query_operation = (flags & 0x7800) == 0;
        if (!is_response || !is_query_operation) return DnsProblem::not_an_answer;
        if (read_16(message_, 4) != 1) return DnsProblem::bad_question;
        const std::size_t answers = read_16(message_, 6);
        if (answers > dns_records_maximum) return DnsProblem::too_many;
        at_ = header_bytes;
        DnsAnswer answer;
        if (!read_name(answer.question)) return problem_;
        if (message_.size() - at_ < 4) return DnsProblem::truncated;
        if (read_16(message_, at_ + 2) != class_internet) return DnsProblem::bad_question;
        at_ += 4;
        for (std::size_t i = 0; i < answers; ++i) {
            if (!read_record()) return problem_;
        }
        if (!answer.question.empty()) follow(answer);
        return answer;
    }

  private:
    bool refuse(DnsProblem problem) {
        problem_ = problem;
        return false;
    }

    /// Reads the name at at_ and moves at_ past it. Each pointer must lead to before the part of
    /// the name that contains it, so every step goes backward and the work is limited.
    bool read_name(std::string& name) {
        name.clear();
        bool is_host = true;
        std::size_t wire_bytes = 1; // the root
        std::size_t at = at_;
        std::size_t part = at_;
        std::size_t pointers = 0;
        for (;;) {
            if (at >= message_.size()) return refuse(DnsProblem::truncated);
            const std::uint8_t tag = message_[at];
            if ((tag & 0xc0) == 0xc0) {
                if (message_.size() - at < 2) return refuse(DnsProblem::truncated);
                const std::size_t target = read_16(message_, at) & 0x3fff;
                if (target >= part || target < header_bytes || pointers == pointers_maximum)
                    return refuse(DnsProblem::bad_name);
                if (++pointers == 1) at_ = at + 2;
                at = part = target;
                continue;
            }
            if (tag > label_maximum) return refuse(DnsProblem::bad_name);
            if (tag == 0) break;
            if (message_.size() - at - 1 < tag) return refuse(DnsProblem::truncated);
            wire_bytes += std::size_t{tag} + 1;
            if (wire_bytes > name_maximum) return refuse(DnsProblem::bad_name);
            if (!name.empty()) name += '.';
            for (std::size_t i = 0; i < tag; ++i) {
                const char c = host_byte(message_[at + 1 + i]);
                is_host = is_host && c != '\0';
                name += c;
            }
            at += std::size_t{tag} + 1;
        }
        if (pointers == 0) at_ = at + 1;
        if (!is_host) name.clear();
        return true;
    }

    bool read_record() {
        Record record;
        if (!read_name(record.owner)) return false;
        if (message_.size() - at_ < 10) return refuse(DnsProblem::truncated);
        const std::uint16_t type = read_16(message_, at_);
        const std::uint16_t its_class = read_16(message_, at_ + 2);
        record.ttl_s = read_32(message_, at_ + 4);
        const std::size_t length = read_16(message_, at_ + 8);
        at_ += 10;
        if (message_.size() - at_ < length) return refuse(DnsProblem::truncated);
        const std::size_t end = at_ + length;
        if (its_class == class_internet && !read_data(type, end, record)) return false;
        at_ = end;
        if (!record.owner.empty() && (!record.addresses.empty() || !record.target.empty()))
            records_.push_back(std::move(record));
        return true;
    }

    bool read_data(std::uint16_t type, std::size_t end, Record& record) {
        const ByteView data = message_.subspan(at_, end - at_);
        switch (type) {
        case type_a:
            if (data.size() != 4) return refuse(DnsProblem::bad_record);
            return add(record, ipv4(data));
        case type_aaaa:
            if (data.size() != 16) return refuse(DnsProblem::bad_record);
            return add(record, ipv6(data));
        case type_cname:
            if (!read_name(record.target)) return false;
            return at_ == end || refuse(DnsProblem::bad_record);
        case type_svcb:
        case type_https:
            return read_service(end, record);
        default:
            return true;
        }
    }

    /// Reads priority, target and parameters, whose keys ascend (RFC 9460 2.2).
    bool read_service(std::size_t end, Record& record) {
        if (end - at_ < 3) return refuse(DnsProblem::bad_record);
        at_ += 2;
        if (!read_name(record.target)) return false;
        if (at_ > end) return refuse(DnsProblem::bad_record);
        int last_key = -1;
        while (at_ < end) {
            if (end - at_ < 4) return refuse(DnsProblem::bad_record);
            const int key = read_16(message_, at_);
            const std::size_t length = read_16(message_, at_ + 2);
            at_ += 4;
            if (key <= last_key || end - at_ < length) return refuse(DnsProblem::bad_record);
            last_key = key;
            const std::size_t size = size_of_hint(key);
            if (size != 0 && (length == 0 || length % size != 0))
                return refuse(DnsProblem::bad_record);
            for (std::size_t i = 0; size != 0 && i < length; i += size) {
                const ByteView hint = message_.subspan(at_ + i, size);
                if (!add(record, size == 4 ? ipv4(hint) : ipv6(hint))) return false;
            }
            at_ += length;
        }
        return true;
    }

    bool add(Record& record, const IpAddress& address) {
        if (++addresses_ > dns_addresses_maximum) return refuse(DnsProblem::too_many);
        record.addresses.push_back(address);
        return true;
    }

    /// Follows aliases from the question; uses each record at most once.
    void follow(DnsAnswer& answer) {
        struct Step {
            std::string name;
            std::uint32_t ttl_s;
        };
        std::vector<Step> steps{{answer.question, UINT32_MAX}};
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const Step step = steps[i];
            for (const Record& record : records_) {
                if (record.owner != step.name) continue;
                const std::uint32_t ttl_s = std::min(step.ttl_s, record.ttl_s);
                for (const IpAddress& address : record.addresses) {
                    const auto known =
                        std::ranges::find(answer.addresses, address, &DnsAddress::address);
                    if (known == answer.addresses.end())
                        answer.addresses.push_back({address, ttl_s});
                }
                const bool is_new =
                    !record.target.empty() &&
                    std::ranges::find(steps, record.target, &Step::name) == steps.end();
                if (is_new && steps.size() <= dns_aliases_maximum)
                    steps.push_back({record.target, ttl_s});
            }
        }
        for (std::size_t i = 1; i < steps.size(); ++i)
            answer.aliases.push_back(std::move(steps[i].name));
    }

    ByteView message_;
    std::size_t at_ = 0;
    std::size_t addresses_ = 0;
    std::vector<Record> records_;
    DnsProblem problem_ = DnsProblem::truncated;
};

} // namespace

std::string_view to_string(DnsProblem problem) {
    switch (problem) {
    case DnsProblem::not_an_answer:
        return "not an answer";
    case DnsProblem::truncated:
        return "truncated";
    case DnsProblem::bad_name:
        return "bad name";
    case DnsProblem::bad_record:
        return "bad record";
    case DnsProblem::bad_question:
        return "bad question";
    case DnsProblem::too_many:
        return "too many records";
    }
    return "";
}

std::variant<DnsAnswer, DnsProblem> parse_dns(ByteView message) {
    return Reader(message).read();
}

} // namespace minewarden::rules
