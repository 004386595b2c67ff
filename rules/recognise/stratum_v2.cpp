// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/stratum_v2.h"

#include "rules/recognise/preamble.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace minewarden::rules {
namespace {

constexpr std::size_t header_size = 6; // extension 2, message type 1, length 3, little-endian
constexpr std::uint8_t setup_type = 0x00;
constexpr std::size_t version = 2;
constexpr std::size_t minimum_setup = 16;   // with five empty strings
constexpr std::size_t maximum_setup = 1291; // with five strings of 255 bytes

struct Frame {
    std::uint8_t type;
    std::size_t minimum; ///< payload size in bytes
    std::size_t maximum;
    std::string_view message; ///< its name in Bitcoin's Stratum
    MiningSide sender;
};

using enum MiningSide;

// Sizes follow from the fields: U256 has 32 bytes, STR0_255 1 to 256, B0_32 1 to 33, OPTION[U32] 1
// or 5.
constexpr std::size_t any_size = 0xffffff;
constexpr std::array<Frame, 14> frames{{
    {setup_type, minimum_setup, maximum_setup, "subscribe", client},
    {0x01, 6, 6, "subscribe", server},        // SetupConnection.Success
    {0x10, 41, 296, "authorize", client},     // OpenStandardMiningChannel
    {0x11, 45, 77, "extranonce", server},     // OpenStandardMiningChannel.Success
    {0x13, 43, 298, "authorize", client},     // OpenExtendedMiningChannel
    {0x14, 43, 79, "extranonce", server},     // OpenExtendedMiningChannel.Success
    {0x15, 45, 50, "notify", server},         // NewMiningJob
    {0x19, 5, 37, "extranonce", server},      // SetExtranoncePrefix
    {0x1a, 24, 24, "submit", client},         // SubmitSharesStandard
    {0x1b, 25, 57, "submit", client},         // SubmitSharesExtended
    {0x1e, 45, 50, "notify", server},         // NewMiningJob in earlier drafts
    {0x1f, 19, any_size, "notify", server},   // NewExtendedMiningJob
    {0x20, 48, 48, "notify", server},         // SetNewPrevHash
    {0x21, 36, 36, "set_difficulty", server}, // SetTarget
}};
// The last message type: SetGroupChannel as numbered in earlier drafts.
constexpr std::uint8_t last_type = 0x26;
// Extensions append fields to messages (3.4.1); receivers ignore unknown fields.
constexpr std::size_t maximum_extension_fields = 512;
constexpr std::size_t extension_mask = 0x7fff; // the top bit marks messages of a channel

std::size_t read_number(Preamble& bytes) {
    const std::size_t low = bytes.byte();
    return low | bytes.byte() << 8U;
}

Preamble read_setup(std::string_view bytes) {
    Preamble setup(bytes);
    for (int i = 0; i < 3; ++i) setup.expect(0); // extension 0, message type SetupConnection
    const std::size_t length = read_number(setup);
    setup.expect(0);
    setup.expect_that(length >= minimum_setup &&
                      length <= maximum_setup + maximum_extension_fields);
    setup.expect(0); // protocol 0: Mining Protocol
    setup.expect_that(read_number(setup) <= version);
    setup.expect_that(read_number(setup) >= version);
    setup.skip(4);                                        // flags
    setup.skip(setup.byte());                             // host
    setup.skip(2);                                        // port
    for (int i = 0; i < 4; ++i) setup.skip(setup.byte()); // vendor, hardware, firmware, device
    while (setup.good() && setup.at() < header_size + length) {
        setup.skip(3); // type of a field
        const std::size_t high = setup.byte();
        setup.skip(high << 8U | setup.byte()); // the only big-endian number
    }
    setup.expect_that(setup.at() == header_size + length);
    return setup;
}

Preamble read_success(std::string_view bytes) {
    Preamble success(bytes);
    for (const std::size_t value : {0, 0, 1, 6, 0, 0, 2, 0}) success.expect(value);
    success.skip(4); // flags
    return success;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;)
        number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

/// True if a block header may have this time: not before the first block (bitcoin,
/// chainparams.cpp).
bool is_block_time(std::uint32_t seconds) {
    constexpr std::uint32_t first_block = 1231006505;
    return seconds >= first_block;
}

/// SubmitSharesStandard or -Extended: channel, sequence, job, nonce, time, version, 4 bytes each.
/// The top three bits of a version are 001 (BIP 9).
bool is_share(std::string_view frame) {
    constexpr std::string_view standard("\x00\x80\x1a", 3);
    constexpr std::string_view extended("\x00\x80\x1b", 3);
    constexpr std::size_t time_at = header_size + 16;
    constexpr std::size_t version_at = header_size + 20;
    if (frame.size() < version_at + 4) return false;
    const std::string_view type = frame.substr(0, 3);
    const std::size_t length = number_at(frame, 3) & any_size;
    return ((type == standard && length == 24) ||
            (type == extended && length >= 25 && length <= 57)) &&
           is_block_time(number_at(frame, time_at)) && number_at(frame, version_at) >> 29U == 1;
}

/// SetNewPrevHash: channel, job, hash of the previous block (ends in zeros), time, bits.
bool is_new_block(std::string_view frame) {
    constexpr std::string_view header("\x00\x80\x20\x30\x00\x00", header_size);
    constexpr std::size_t hash_end = header_size + 40;
    return frame.size() >= hash_end + 4 && frame.starts_with(header) &&
           number_at(frame, hash_end - 4) == 0 && is_block_time(number_at(frame, hash_end));
}

} // namespace

std::size_t find_stratum_v2_in_middle(std::string_view bytes) {
    constexpr std::string_view about_a_channel("\x00\x80", 2);
    std::size_t at = bytes.find(about_a_channel);
    while (at != bytes.npos && !is_share(bytes.substr(at)) && !is_new_block(bytes.substr(at)))
        at = bytes.find(about_a_channel, at + 1);
    return at;
}

Begins starts_stratum_v2(std::string_view bytes, bool asked) {
    const Preamble setup = read_setup(bytes);
    const Preamble success = read_success(bytes);
    if (setup.good() || (asked && success.good())) return Begins::yes;
    const bool more = setup.state() == Preamble::State::more ||
                      (asked && success.state() == Preamble::State::more);
    return more ? Begins::perhaps : Begins::no;
}

void StratumV2Layer::feed(std::string_view bytes, Recognised& found) {
    while (wants_more_ && !bytes.empty()) {
        if (skip_ > 0) {
            const std::size_t taken = std::min(skip_, bytes.size());
            skip_ -= taken;
            bytes.remove_prefix(taken);
            continue;
        }
        const std::size_t taken = std::min(header_size - header_.size(), bytes.size());
        header_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        if (header_.size() == header_size) wants_more_ = take_header(found);
    }
}

/// Returns false if the header is not one of this protocol.
bool StratumV2Layer::take_header(Recognised& found) {
    const auto at = [this](std::size_t i) { return static_cast<unsigned char>(header_[i]); };
    const std::size_t extension = at(0) | std::size_t{at(1)} << 8U;
    const std::uint8_t type = at(2);
    skip_ = at(3) | std::size_t{at(4)} << 8U | std::size_t{at(5)} << 16U;
    header_.clear();
    if ((extension & extension_mask) != 0) return true; // receivers must skip unknown extensions
    if (type > last_type) return false;
    const auto* known = std::ranges::find(frames, type, &Frame::type);
    if (known == frames.end()) return true;
    if (skip_ < known->minimum || skip_ > known->maximum + maximum_extension_fields) return false;
    if (type == setup_type) exchange_.stratum_v2_asked = true;
    found.messages.push_back(
        make_message(MiningProtocol::stratum_v2, known->message, known->sender));
    return true;
}

} // namespace minewarden::rules
