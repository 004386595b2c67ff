// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/record.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::string_view format_name = "minewarden.verdict/1";
constexpr std::size_t maximum_record_bytes = 1 << 20;

std::int64_t to_signed(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

cbor::Value encode(const CarriedState& state) {
    cbor::Map map;
    map.emplace("held", std::string(to_string(state.held)));
    map.emplace("refuting", state.refuting);
    return map;
}

cbor::Value encode(const RecordedEvidence& evidence) {
    cbor::Array observations;
    for (const PlacedObservation& placed : evidence.observations) {
        cbor::Map entry;
        entry.emplace("back", placed.windows_back);
        entry.emplace("observation", to_cbor(placed.observation));
        observations.emplace_back(std::move(entry));
    }
    cbor::Map map;
    map.emplace("rule", evidence.rule);
    map.emplace("family", std::string(to_string(evidence.family)));
    map.emplace("weight", evidence.weight);
    map.emplace("age", evidence.age);
    map.emplace("windows_held", evidence.windows_held);
    map.emplace("entities", evidence.entities);
    map.emplace("observations", std::move(observations));
    return map;
}

cbor::Value encode(const Verdict& verdict) {
    cbor::Map families;
    for (std::size_t i = 0; i < family_count; ++i) {
        if (verdict.by_family[i] == 0) continue;
        families.emplace(to_string(static_cast<Family>(i)), verdict.by_family[i]);
    }
    cbor::Map map;
    map.emplace("certainty", std::string(to_string(verdict.certainty)));
    map.emplace("prior", prior);
    map.emplace("families", std::move(families));
    map.emplace("log_odds", verdict.log_odds);
    map.emplace("next", encode(verdict.next));
    map.emplace("next_sha256", digest_of(verdict.next).view());
    return map;
}

/// Takes typed values out of a map; remembers the first problem.
class MapCursor {
  public:
    MapCursor(const cbor::Value& value, std::string& problem)
        : map_(value.get_if<cbor::Map>()), problem_(problem) {
        if (map_ == nullptr) refuse("expected a map");
    }

    const cbor::Value* value(std::string_view key) {
        if (map_ == nullptr) return nullptr;
        const auto found = map_->find(key);
        if (found == map_->end()) {
            refuse(fmt::format("\"{}\" is missing", key));
            return nullptr;
        }
        ++taken_;
        return &found->second;
    }
    template <class T>
    const T* get(std::string_view key) {
        const cbor::Value* found = value(key);
        if (found == nullptr) return nullptr;
        const T* held = found->get_if<T>();
        if (held == nullptr) refuse(fmt::format("\"{}\" has the wrong type", key));
        return held;
    }
    std::int64_t integer(std::string_view key) {
        const auto* held = get<std::int64_t>(key);
        return held == nullptr ? 0 : *held;
    }
    std::uint64_t natural(std::string_view key) {
        const std::int64_t held = integer(key);
        if (held < 0) refuse(fmt::format("\"{}\" is negative", key));
        return static_cast<std::uint64_t>(held);
    }
    std::string text(std::string_view key) {
        const auto* held = get<std::string>(key);
        return held == nullptr ? std::string() : *held;
    }
    template <class Id>
    Id opaque(std::string_view key) {
        const auto* held = get<cbor::Bytes>(key);
        const auto id = held == nullptr ? std::nullopt : Id::from(*held);
        if (held != nullptr && !id) refuse(fmt::format("\"{}\" has the wrong length", key));
        return id.value_or(Id{});
    }
    template <class Find>
    auto named(std::string_view key, Find find) {
        const std::string name = text(key);
        auto found = find(name);
        if (!found) refuse(fmt::format("\"{}\" is unknown", key));
        return found;
    }
    void finish() {
        if (map_ != nullptr && taken_ != map_->size()) refuse("unknown keys");
    }
    void refuse(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

  private:
    const cbor::Map* map_;
    std::string& problem_;
    std::size_t taken_ = 0;
};

CarriedState decode_carried(const cbor::Value& value, std::string& problem) {
    MapCursor cursor(value, problem);
    CarriedState state;
    state.held = cursor.named("held", find_certainty).value_or(Certainty::none);
    state.refuting = cursor.integer("refuting");
    cursor.finish();
    return state;
}

RecordedEvidence decode_evidence(const cbor::Value& value, std::string& problem) {
    MapCursor cursor(value, problem);
    RecordedEvidence evidence;
    evidence.rule = cursor.text("rule");
    evidence.family = cursor.named("family", find_family).value_or(Family::load);
    evidence.weight = cursor.integer("weight");
    evidence.age = cursor.integer("age");
    evidence.windows_held = cursor.integer("windows_held");
    evidence.entities = cursor.integer("entities");
    if (const auto* observations = cursor.get<cbor::Array>("observations")) {
        for (const cbor::Value& item : *observations) {
            MapCursor entry(item, problem);
            PlacedObservation placed;
            placed.windows_back = entry.integer("back");
            if (const cbor::Value* encoded = entry.value("observation")) {
                auto decoded = observation_from_cbor(*encoded);
                if (decoded)
                    placed.observation = std::move(*decoded);
                else
                    cursor.refuse(decoded.error().message);
            }
            entry.finish();
            const bool in_order =
                evidence.observations.empty()
                    ? placed.windows_back == 0
                    : placed.windows_back > evidence.observations.back().windows_back;
            if (!in_order) cursor.refuse("observations are not in order from the firing one");
            evidence.observations.push_back(std::move(placed));
        }
    }
    cursor.finish();
    if (evidence.weight > maximum_weight || evidence.weight < -maximum_weight)
        cursor.refuse("a weight is out of range");
    return evidence;
}

Verdict decode_verdict(const cbor::Value& value, std::string& problem) {
    MapCursor cursor(value, problem);
    Verdict verdict;
    verdict.certainty = cursor.named("certainty", find_certainty).value_or(Certainty::none);
    if (cursor.integer("prior") != prior) cursor.refuse("another prior");
    verdict.log_odds = cursor.integer("log_odds");
    if (const auto* families = cursor.get<cbor::Map>("families")) {
        for (const auto& [name, score] : *families) {
            const auto family = find_family(name);
            const auto* held = score.get_if<std::int64_t>();
            if (family && held)
                verdict.by_family[static_cast<std::size_t>(*family)] = *held;
            else
                cursor.refuse("an unknown family");
        }
    }
    if (const cbor::Value* next = cursor.value("next"))
        verdict.next = decode_carried(*next, problem);
    if (cursor.opaque<Digest>("next_sha256") != digest_of(verdict.next))
        cursor.refuse("next_sha256 does not match");
    cursor.finish();
    return verdict;
}

} // namespace

const Digest& arithmetic_digest() {
    static const Digest digest = [] {
        const auto list = [](std::span<const std::int64_t> values) {
            cbor::Array array;
            for (const std::int64_t value : values) array.emplace_back(value);
            return array;
        };
        std::vector<std::int64_t> caps;
        caps.reserve(family_count);
        for (std::size_t i = 0; i < family_count; ++i)
            caps.push_back(cap_of(static_cast<Family>(i)));
        const std::array<std::int64_t, 3> least{suspected_from, probable_from, confirmed_from};
        cbor::Array parts;
        parts.emplace_back(prior);
        parts.emplace_back(list(least));
        parts.emplace_back(family_supports_from);
        parts.emplace_back(list(decay));
        parts.emplace_back(list(refuting_decay));
        parts.emplace_back(list(caps));
        return sha256(as_bytes(cbor::encode(parts)));
    }();
    return digest;
}

Digest digest_of(const CarriedState& state) {
    return sha256(as_bytes(cbor::encode(encode(state))));
}

std::string encode_record(const VerdictRecord& record) {
    cbor::Map subject;
    subject.emplace("boot_id", record.boot.view());
    subject.emplace("pid", std::int64_t{record.image.pid});
    subject.emplace("start_boottime_ns", to_signed(record.image.start_boottime_ns));
    subject.emplace("image", to_signed(record.image.image));
    cbor::Array evidence;
    for (const RecordedEvidence& item : record.evidence) evidence.push_back(encode(item));
    cbor::Map map;
    map.emplace("format", format_name);
    map.emplace("rule_set", record.rule_set.view());
    map.emplace("arithmetic", arithmetic_digest().view());
    map.emplace("subject", std::move(subject));
    map.emplace("activity", record.activity.name());
    map.emplace("window", record.window.number);
    map.emplace("window_ns", std::int64_t{record.window_span.count()});
    map.emplace("carried", encode(record.carried));
    map.emplace("carried_sha256", digest_of(record.carried).view());
    map.emplace("evidence", std::move(evidence));
    map.emplace("verdict", encode(record.verdict));
    return cbor::encode(map);
}

Result<VerdictRecord> decode_record(ByteView bytes) {
    if (bytes.size() > maximum_record_bytes)
        return fail(ErrorKind::data,
                    fmt::format("verdict record is larger than {} bytes", maximum_record_bytes));
    TRY_ASSIGN(const auto root, cbor::decode(bytes));
    std::string problem;
    MapCursor cursor(root, problem);
    if (cursor.text("format") != format_name) cursor.refuse("unknown format");
    if (cursor.opaque<Digest>("arithmetic") != arithmetic_digest())
        cursor.refuse("made with other numbers than this version's (docs/verdicts.md)");
    const auto activity = cursor.named("activity", Activity::find);
    VerdictRecord record{.rule_set = cursor.opaque<Digest>("rule_set"),
                         .boot = {},
                         .image = {},
                         .activity = activity.value_or(Activity::all().front()),
                         .window_span = std::chrono::nanoseconds{cursor.integer("window_ns")},
                         .window = {cursor.integer("window")},
                         .carried = {},
                         .evidence = {},
                         .verdict = {}};
    if (const cbor::Value* subject_value = cursor.value("subject")) {
        MapCursor subject(*subject_value, problem);
        record.boot = subject.opaque<BootId>("boot_id");
        record.image.pid = static_cast<std::uint32_t>(subject.natural("pid"));
        record.image.start_boottime_ns = subject.natural("start_boottime_ns");
        record.image.image = subject.natural("image");
        subject.finish();
    }
    if (const cbor::Value* carried = cursor.value("carried"))
        record.carried = decode_carried(*carried, problem);
    if (cursor.opaque<Digest>("carried_sha256") != digest_of(record.carried))
        cursor.refuse("carried_sha256 does not match");
    if (const auto* evidence = cursor.get<cbor::Array>("evidence")) {
        for (const cbor::Value& item : *evidence) {
            RecordedEvidence decoded = decode_evidence(item, problem);
            if (!record.evidence.empty() && decoded.rule <= record.evidence.back().rule)
                cursor.refuse("evidence is not in the order of its rules, each once");
            record.evidence.push_back(std::move(decoded));
        }
    }
    if (const cbor::Value* verdict = cursor.value("verdict"))
        record.verdict = decode_verdict(*verdict, problem);
    cursor.finish();
    if (!problem.empty()) return fail(ErrorKind::data, "not a verdict record: " + problem);
    return record;
}

FindingId finding_id(ByteView agent_key, const BootId& boot, const ImageKey& image,
                     Activity activity) {
    const cbor::Array parts{cbor::Value(agent_key),
                            cbor::Value(boot.view()),
                            cbor::Value(std::int64_t{image.pid}),
                            cbor::Value(to_signed(image.start_boottime_ns)),
                            cbor::Value(to_signed(image.image)),
                            cbor::Value(activity.name())};
    const Digest digest = sha256(as_bytes(cbor::encode(parts)));
    return *FindingId::from(digest.view().first(FindingId::size));
}

} // namespace minewarden::rules
