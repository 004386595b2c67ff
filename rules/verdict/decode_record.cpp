// SPDX-License-Identifier: Apache-2.0
// decode_record: decodes canonical bytes. Parts that a newer version added are noted and do not
// make the record unreadable: keys, kinds of subjects, types and fields of observations, families,
// attributes, activities, the format number.
#include "rules/verdict/record.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::string_view format_name = "minewarden.verdict/";
constexpr std::string_view own_format = "minewarden.verdict/2";
constexpr std::size_t maximum_record_bytes = 1 << 20;

/// Problems and newer parts found while decoding.
struct Notes {
    std::string problem;            ///< the first problem: the record is invalid
    std::vector<std::string> newer; ///< see DecodedRecord
    bool is_newer_format = false;

    void refuse(std::string text) {
        if (problem.empty()) problem = std::move(text);
    }
};

/// Takes typed values out of a map. Keys left over at the end were added by a newer version.
class MapCursor {
  public:
    MapCursor(const cbor::Value& value, std::string path, Notes& notes)
        : map_(value.get_if<cbor::Map>()), path_(std::move(path)), notes_(notes) {
        if (map_ == nullptr) notes_.refuse(fmt::format("\"{}\" is not a map", path_));
    }
    MapCursor(const MapCursor&) = delete;
    MapCursor& operator=(const MapCursor&) = delete;
    ~MapCursor() {
        if (map_ == nullptr) return;
        for (const auto& [key, unused] : *map_)
            if (std::ranges::find(taken_, std::string_view(key)) == taken_.end())
                notes_.newer.push_back(at(key));
    }

    /// In an unknown format, any key may be missing.
    const cbor::Value* value(std::string_view key) {
        if (map_ == nullptr) return nullptr;
        taken_.push_back(key);
        const auto found = map_->find(key);
        if (found != map_->end()) return &found->second;
        if (!notes_.is_newer_format) notes_.refuse(fmt::format("\"{}\" is missing", at(key)));
        return nullptr;
    }
    template <class T>
    const T* get(std::string_view key) {
        const cbor::Value* found = value(key);
        if (found == nullptr) return nullptr;
        const T* held = found->get_if<T>();
        if (held == nullptr) notes_.refuse(fmt::format("\"{}\" has the wrong type", at(key)));
        return held;
    }
    std::int64_t integer(std::string_view key) {
        const auto* held = get<std::int64_t>(key);
        return held == nullptr ? 0 : *held;
    }
    std::string text(std::string_view key) {
        const auto* held = get<std::string>(key);
        return held == nullptr ? std::string() : *held;
    }
    template <class Id>
    Id opaque(std::string_view key) {
        const auto* held = get<cbor::Bytes>(key);
        const auto id = held == nullptr ? std::nullopt : Id::from(*held);
        if (held != nullptr && !id)
            notes_.refuse(fmt::format("\"{}\" has the wrong length", at(key)));
        return id.value_or(Id{});
    }
    /// A name from a set that a newer version may have extended.
    template <class Find>
    auto named(std::string_view key, Find find) {
        const auto* name = get<std::string>(key);
        decltype(find(std::string_view())) found;
        if (name == nullptr) return found;
        found = find(*name);
        if (!found) notes_.newer.push_back(fmt::format("{}: \"{}\"", at(key), *name));
        return found;
    }
    [[nodiscard]] std::string at(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }

  private:
    const cbor::Map* map_;
    std::string path_;
    Notes& notes_;
    std::vector<std::string_view> taken_;
};

/// Notes an error: unavailable means a newer part, any other kind an invalid record.
void note(const Error& error, const std::string& path, Notes& notes) {
    if (error.kind == ErrorKind::unavailable)
        notes.newer.push_back(fmt::format("{}: {}", path, error.message));
    else
        notes.refuse(fmt::format("{}: {}", path, error.message));
}

CarriedState decode_carried(const cbor::Value& value, const std::string& path, Notes& notes) {
    MapCursor cursor(value, path, notes);
    CarriedState state;
    state.held = cursor.named("held", find_certainty).value_or(Certainty::none);
    state.refuting = cursor.integer("refuting");
    return state;
}

void decode_observations(const cbor::Array& items, const std::string& path, Notes& notes,
                         RecordedEvidence& evidence) {
    std::int64_t before = -1;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string here = fmt::format("{}.{}", path, i);
        MapCursor cursor(items[i], here, notes);
        const std::int64_t back = cursor.integer("back");
        if (before < 0 ? back != 0 : back <= before)
            notes.refuse(fmt::format("{}: not in order from the firing observation", here));
        before = back;
        const cbor::Value* encoded = cursor.value("observation");
        if (encoded == nullptr) continue;
        auto decoded = observation_from_cbor(*encoded);
        if (decoded)
            evidence.observations.push_back({back, std::move(*decoded)});
        else
            note(decoded.error(), here, notes);
    }
}

RecordedEvidence decode_evidence(const cbor::Value& value, const std::string& path, Notes& notes) {
    MapCursor cursor(value, path, notes);
    RecordedEvidence evidence;
    evidence.rule = cursor.text("rule");
    evidence.family = cursor.named("family", find_family).value_or(Family::load);
    evidence.weight = cursor.integer("weight");
    evidence.age = cursor.integer("age");
    evidence.windows_held = cursor.integer("windows_held");
    if (const auto* entities = cursor.get<cbor::Array>("entities")) {
        for (const cbor::Value& item : *entities) {
            const auto* entity = item.get_if<std::int64_t>();
            if (entity == nullptr ||
                (!evidence.entities.empty() && *entity <= evidence.entities.back()))
                notes.refuse(fmt::format("{}: entities are not numbers in ascending order", path));
            else
                evidence.entities.push_back(*entity);
        }
    }
    if (const auto* observations = cursor.get<cbor::Array>("observations"))
        decode_observations(*observations, path + ".observations", notes, evidence);
    if (evidence.weight > maximum_log_odds || evidence.weight < -maximum_log_odds)
        notes.refuse(fmt::format("{}: the weight is out of range", path));
    return evidence;
}

void decode_verdict(const cbor::Value& value, Notes& notes, VerdictRecord& record) {
    MapCursor cursor(value, "verdict", notes);
    Verdict& verdict = record.verdict;
    verdict.certainty = cursor.named("certainty", find_certainty).value_or(Certainty::none);
    record.prior = cursor.integer("prior");
    verdict.log_odds = cursor.integer("log_odds");
    if (const auto* families = cursor.get<cbor::Map>("families")) {
        for (const auto& [name, score] : *families) {
            const auto family = find_family(name);
            const auto* held = score.get_if<std::int64_t>();
            if (held == nullptr)
                notes.refuse("verdict.families: not a number");
            else if (family)
                verdict.by_family[static_cast<std::size_t>(*family)] = *held;
            else
                notes.newer.push_back(fmt::format("verdict.families.{}", name));
        }
    }
    if (const auto* attributes = cursor.get<cbor::Map>("attributes")) {
        for (const auto& [name, item] : *attributes) {
            const auto attribute = find_attribute(name);
            const auto* text = item.get_if<std::string>();
            if (text == nullptr)
                notes.refuse("verdict.attributes: not a text");
            else if (attribute && is_attribute_value(*attribute, *text))
                record.attributes.emplace(*attribute, *text);
            else
                notes.newer.push_back(fmt::format("verdict.attributes.{}", name));
        }
    }
    if (const cbor::Value* next = cursor.value("next"))
        verdict.next = decode_carried(*next, "verdict.next", notes);
    if (cursor.opaque<Digest>("next_sha256") != digest_of(verdict.next) && notes.newer.empty())
        notes.refuse("verdict.next_sha256 does not match");
}

} // namespace

Result<DecodedRecord> decode_record(ByteView bytes) {
    const auto refuse = [](std::string_view problem) {
        return fail(ErrorKind::data, fmt::format("not a verdict record: {}", problem));
    };
    if (bytes.size() > maximum_record_bytes)
        return refuse(fmt::format("larger than {} bytes", maximum_record_bytes));
    TRY_ASSIGN(auto root, cbor::decode(bytes));
    Notes notes;
    std::optional<DecodedRecord> decoded;
    {
        MapCursor cursor(root, "", notes);
        const std::string format = cursor.text("format");
        if (!format.starts_with(format_name)) return refuse("unknown format");
        if (format != own_format) {
            notes.is_newer_format = true;
            notes.newer.push_back(fmt::format("format: \"{}\"", format));
        }
        const auto activity = cursor.named("activity", Activity::find);
        decoded.emplace(DecodedRecord{
            .record = {.rule_set = cursor.opaque<Digest>("rule_set"),
                       .boot = cursor.opaque<BootId>("boot_id"),
                       .subject = {},
                       .activity = activity.value_or(Activity::unknown()),
                       .window_span = std::chrono::nanoseconds{cursor.integer("window_ns")},
                       .window = {cursor.integer("window")},
                       .carried = {},
                       .evidence = {},
                       .verdict = {},
                       .attributes = {}},
            .newer = {},
            .content = {}});
        VerdictRecord& record = decoded->record;
        if (const cbor::Value* encoded = cursor.value("subject")) {
            if (auto subject = subject_from_cbor(*encoded))
                record.subject = *subject;
            else
                note(subject.error(), "subject", notes);
        }
        if (const cbor::Value* carried = cursor.value("carried"))
            record.carried = decode_carried(*carried, "carried", notes);
        if (cursor.opaque<Digest>("carried_sha256") != digest_of(record.carried) &&
            notes.newer.empty())
            notes.refuse("carried_sha256 does not match");
        if (const auto* evidence = cursor.get<cbor::Array>("evidence")) {
            for (std::size_t i = 0; i < evidence->size(); ++i) {
                RecordedEvidence item =
                    decode_evidence((*evidence)[i], fmt::format("evidence.{}", i), notes);
                if (!record.evidence.empty() && item.rule <= record.evidence.back().rule)
                    notes.refuse("evidence is not in ascending order of rule ids");
                record.evidence.push_back(std::move(item));
            }
        }
        if (const cbor::Value* verdict = cursor.value("verdict"))
            decode_verdict(*verdict, notes, record);
    }
    if (!notes.problem.empty()) return refuse(notes.problem);
    decoded->newer = std::move(notes.newer);
    decoded->content = std::move(*root.get_if<cbor::Map>());
    return std::move(*decoded);
}

} // namespace minewarden::rules
