// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "common/host/boot.h"
#include "common/keys/enrolment.h"
#include "common/text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace minewarden::cli {
namespace {

namespace po = boost::program_options;

constexpr std::string_view usage =
    "minewarden keys generate FILE.key | enroll FILE.pub [--name HOST] | revoke KEY | list";

Result<void> generate(const std::string& path) {
    if (!path.ends_with(".key"))
        return fail(ErrorKind::usage, "the file of a secret key must end in .key");
    const CurveKeyPair pair = CurveKeyPair::generate();
    TRY(write_key_pair(pair, path));
    return print(fmt::format("{}  secret key, mode 0600: keep it on this host\n"
                             "{}  public key {}\n",
                             path, public_key_path(path).string(), fingerprint(pair.public_key())));
}

Result<void> enroll_key(const std::string& path, const std::string& name,
                        const std::filesystem::path& directory) {
    TRY_ASSIGN(const auto key, read_public_key(path));
    const Enrolment enrolment{key, name.empty() ? host_name() : name, wall_now(), {}};
    TRY(enroll(directory, enrolment));
    return print(fmt::format("enrolled {} as \"{}\" in {}\n", fingerprint(key),
                             escape_for_terminal(enrolment.name), directory.string()));
}

Result<void> revoke_key(const std::string& which, const std::filesystem::path& directory) {
    const auto revoked = revoke(directory, which, wall_now());
    if (!revoked) return fail(revoked.error());
    return print(fmt::format("revoked {} (\"{}\"); collectors disconnect it within a second\n",
                             fingerprint(revoked->key), escape_for_terminal(revoked->name)));
}

Result<void> list(const std::filesystem::path& directory, bool json) {
    TRY_ASSIGN(const auto enrolments, read_enrolments(directory));
    if (json) {
        auto array = nlohmann::ordered_json::array();
        for (const Enrolment& item : enrolments) {
            nlohmann::ordered_json entry;
            entry["key"] = fingerprint(item.key);
            entry["public_key"] = to_hex(item.key);
            entry["name"] = item.name;
            entry["enrolled_at"] = to_rfc3339(item.enrolled_at);
            if (item.revoked_at) entry["revoked_at"] = to_rfc3339(*item.revoked_at);
            array.push_back(std::move(entry));
        }
        return print(array.dump(2) + "\n");
    }
    std::string text = fmt::format("{:<16}  {}  {:<24}  {}\n", "KEY", fit_to_width("NAME", 24),
                                   "ENROLLED", "STATE");
    for (const Enrolment& item : enrolments) {
        text += fmt::format(
            "{:<16}  {}  {:<24}  {}\n", fingerprint(item.key),
            fit_to_width(escape_for_terminal(item.name), 24), to_rfc3339(item.enrolled_at),
            item.revoked_at ? "revoked " + to_rfc3339(*item.revoked_at) : "enrolled");
    }
    if (enrolments.empty()) text = fmt::format("no key is enrolled in {}\n", directory.string());
    return print(text);
}

} // namespace

Result<void> run_keys(const Arguments& arguments) {
    po::options_description options("Options");
    // clang-format off
    options.add_options()
        ("action", po::value<std::string>(), "generate, enroll, revoke or list")
        ("target", po::value<std::string>(), "a file, or a key's fingerprint or name")
        ("name", po::value<std::string>(), "name of the host; default: its own name")
        ("enrolled", po::value<std::string>()->default_value("/etc/minewarden/enrolled"),
         "directory of enrolled keys (setting collector.enrolled)")
        ("output,o", po::value<std::string>()->default_value("table"), "of list: table or json");
    // clang-format on
    po::positional_options_description positional;
    positional.add("action", 1).add("target", 1);
    TRY_ASSIGN(const auto parsed, parse(arguments, usage, options, positional));
    if (parsed.help_shown) return {};
    const std::string action = parsed.text("action");
    const std::string target = parsed.text("target");
    const std::filesystem::path directory = parsed.text("enrolled");
    if (action == "list") return list(directory, parsed.text("output") == "json");
    if (target.empty() || (action != "generate" && action != "enroll" && action != "revoke"))
        return fail(ErrorKind::usage, fmt::format("usage: {}", usage));
    if (action == "generate") return generate(target);
    if (action == "enroll") return enroll_key(target, parsed.text("name"), directory);
    return revoke_key(target, directory);
}

} // namespace minewarden::cli
