// SPDX-License-Identifier: Apache-2.0
#include "common/keys/enrolment.h"

#include "common/file.h"
#include "common/text.h"
#include "common/yaml/map_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace minewarden {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t maximum_name = 128;

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

bool is_good_name(std::string_view name) {
    if (name.empty() || name.size() > maximum_name || to_valid_utf8(name) != name) return false;
    // Refuse names that a terminal would not show unchanged; escaping only doubles backslashes.
    return std::ranges::count(name, '\\') + static_cast<std::ptrdiff_t>(name.size()) ==
           static_cast<std::ptrdiff_t>(escape_for_terminal(name).size());
}

Result<Enrolment> read_enrolment(const fs::path& path) {
    auto source = read_file(path, 4096);
    if (!source) return fail(ErrorKind::config, source.error().message);
    const auto document = yaml::parse(std::move(*source), path.string());
    if (!document) return fail(yaml::to_error(document.error()));
    yaml::Diagnostics problems;
    yaml::MapReader reader(*document, document->root, problems);
    Enrolment enrolment;
    const auto read_time = [&](std::string_view key, bool required) -> std::optional<WallTime> {
        const auto text = reader.text(key, required);
        if (!text) return std::nullopt;
        auto time = parse_time(*text, {});
        if (!time) reader.report(document->root.mark, fmt::format("{} is not a time", key));
        return time;
    };
    if (const auto text = reader.text("public_key", true)) {
        const auto bytes = from_hex(*text);
        const auto key = CurvePublicKey::from(as_bytes(bytes.value_or("")));
        if (key)
            enrolment.key = *key;
        else
            reader.report(document->root.mark, "public_key must be 64 hexadecimal digits");
    }
    enrolment.name = reader.text("name", true).value_or("");
    enrolment.enrolled_at = read_time("enrolled_at", true).value_or(WallTime{});
    enrolment.revoked_at = read_time("revoked_at", false);
    reader.finish();
    if (!problems.empty()) return fail(yaml::to_error(problems));
    return enrolment;
}

Result<void> write_enrolment(const fs::path& directory, const Enrolment& enrolment) {
    std::string content =
        fmt::format("name: {}\npublic_key: \"{}\"\nenrolled_at: {}\n", quote(enrolment.name),
                    to_hex(enrolment.key), to_rfc3339(enrolment.enrolled_at));
    if (enrolment.revoked_at)
        content += fmt::format("revoked_at: {}\n", to_rfc3339(*enrolment.revoked_at));
    return write_file_atomically(directory / (fingerprint(enrolment.key) + ".yaml"), content, 0644);
}

} // namespace

Result<std::vector<Enrolment>> read_enrolments(const fs::path& directory) {
    std::map<fs::path, Enrolment> known;
    std::vector<std::string> problems;
    auto enrolments = read_good_enrolments(directory, known, problems);
    if (!problems.empty()) return fail(ErrorKind::config, problems.front());
    return enrolments;
}

std::vector<Enrolment> read_good_enrolments(const fs::path& directory,
                                            std::map<fs::path, Enrolment>& known,
                                            std::vector<std::string>& problems) {
    std::map<fs::path, Enrolment> found;
    if (const auto files = list_yaml_files(directory)) {
        for (const fs::path& file : *files) {
            const auto before = known.find(file);
            if (auto enrolment = read_enrolment(file)) {
                found.emplace(file, std::move(*enrolment));
            } else {
                problems.push_back(enrolment.error().message);
                if (before != known.end()) found.insert(*before);
            }
        }
        known = std::move(found);
    } else {
        problems.push_back(files.error().message);
    }
    std::vector<Enrolment> enrolments;
    std::map<CurvePublicKey, fs::path> owners;
    for (const auto& [file, enrolment] : known) {
        const auto [owner, is_new] = owners.emplace(enrolment.key, file);
        if (is_new) {
            enrolments.push_back(enrolment);
            continue;
        }
        Enrolment& first = *std::ranges::find(enrolments, enrolment.key, &Enrolment::key);
        if (!first.revoked_at) first.revoked_at = enrolment.revoked_at;
        problems.push_back(fmt::format(
            "{} and {} both enrol the key {} (\"{}\"); remove one", owner->second.string(),
            file.string(), fingerprint(enrolment.key), escape_for_terminal(enrolment.name)));
    }
    std::ranges::sort(enrolments, [](const Enrolment& a, const Enrolment& b) {
        return std::tie(a.name, a.key) < std::tie(b.name, b.key);
    });
    return enrolments;
}

Result<void> enroll(const fs::path& directory, const Enrolment& enrolment) {
    if (!is_good_name(enrolment.name))
        return fail(
            ErrorKind::usage,
            fmt::format("invalid host name \"{}\": expected 1 to {} bytes of text without control "
                        "characters",
                        escape_for_terminal(to_valid_utf8(enrolment.name)), maximum_name));
    TRY(make_directory(directory, 0755));
    return write_enrolment(directory, enrolment);
}

Result<Enrolment> revoke(const fs::path& directory, std::string_view which, WallTime now) {
    TRY_ASSIGN(auto enrolments, read_enrolments(directory));
    std::vector<Enrolment> matches;
    for (const Enrolment& enrolment : enrolments) {
        if (enrolment.name == which ||
            (which.size() >= 4 && fingerprint(enrolment.key).starts_with(which)))
            matches.push_back(enrolment);
    }
    if (matches.size() != 1)
        return fail(ErrorKind::data,
                    fmt::format("{} enrolled keys match \"{}\"; see: minewarden keys list",
                                matches.empty() ? "no" : "several", escape_for_terminal(which)));
    matches.front().revoked_at = now;
    TRY(write_enrolment(directory, matches.front()));
    return matches.front();
}

} // namespace minewarden
