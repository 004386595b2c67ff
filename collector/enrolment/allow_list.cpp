// SPDX-License-Identifier: Apache-2.0
#include "collector/enrolment/allow_list.h"

#include "common/file.h"
#include "common/log.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>

namespace minewarden::collector {

namespace fs = std::filesystem;

Result<std::unique_ptr<AllowList>> AllowList::open(EnrolledSource source) {
    std::unique_ptr<AllowList> list(new AllowList(std::move(source)));
    if (const auto* directory = std::get_if<fs::path>(&list->source_)) {
        TRY(list_yaml_files(*directory));
    }
    if (const auto loaded = list->reload(); !loaded) {
        list->last_error_ = loaded.error().message;
        log::write_lines(log::Level::error, list->last_error_);
    }
    return list;
}

std::optional<std::string> AllowList::name_of(const CurvePublicKey& key) const {
    const std::lock_guard guard(mutex_);
    const auto found = names_->find(key);
    return found == names_->end() ? std::nullopt : std::optional(found->second);
}

std::size_t AllowList::size() const {
    const std::lock_guard guard(mutex_);
    return names_->size();
}

Result<void> AllowList::reload() {
    const std::lock_guard reloading(reloading_);
    std::vector<Enrolment> enrolments;
    std::vector<std::string> problems;
    if (const auto* directory = std::get_if<fs::path>(&source_)) {
        // Takes the signature before reading: a change in between is detected next time.
        signature_ = sign();
        enrolments = read_good_enrolments(*directory, known_, problems);
    } else {
        enrolments = std::get<std::vector<Enrolment>>(source_);
    }
    publish(enrolments);
    if (problems.empty()) return {};
    return fail(ErrorKind::config, fmt::format("{}", fmt::join(problems, "\n")));
}

void AllowList::reload_if_changed() {
    if (!std::holds_alternative<fs::path>(source_)) return;
    {
        const std::lock_guard reloading(reloading_);
        // After an error the file may be complete now, with the same signature.
        if (last_error_.empty() && sign() == signature_) return;
    }
    const auto reloaded = reload();
    const std::lock_guard reloading(reloading_);
    const std::string error = reloaded ? "" : reloaded.error().message;
    if (error != last_error_ && !error.empty()) log::write_lines(log::Level::error, error);
    if (error != last_error_ || error.empty()) log::info("enrolled agents: {}", size());
    last_error_ = error;
}

void AllowList::publish(const std::vector<Enrolment>& enrolments) {
    auto names = std::make_shared<Names>();
    for (const Enrolment& enrolment : enrolments) {
        if (!enrolment.revoked_at) names->emplace(enrolment.key, enrolment.name);
    }
    const std::lock_guard guard(mutex_);
    if (names_ && *names == *names_) return;
    names_ = std::move(names);
    ++version_;
}

void AllowList::replace(const std::vector<Enrolment>& enrolments) {
    publish(enrolments);
}

AllowList::Snapshot AllowList::snapshot() const {
    const std::lock_guard guard(mutex_);
    return {version_, names_};
}

AllowList::Signature AllowList::sign() const {
    const auto& directory = std::get<fs::path>(source_);
    std::vector<std::string> lines;
    const auto files = list_yaml_files(directory);
    if (!files) return files.error().message;
    for (const fs::path& file : *files) {
        struct stat status{};
        if (::stat(file.c_str(), &status) != 0) continue;
        lines.push_back(fmt::format("{} {} {}.{} {}\n", file.filename().string(), status.st_ino,
                                    status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size));
    }
    Signature signature;
    for (const std::string& line : lines) signature += line;
    return signature;
}

} // namespace minewarden::collector
