// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/enrolment.h"
#include "common/result.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// Who may send: a directory of enrolments (common/keys/enrolment.h), or a fixed list where the
/// agent is in the same process.
using EnrolledSource = std::variant<std::filesystem::path, std::vector<Enrolment>>;

/// The keys that are let in. Any thread may ask.
class AllowList {
  public:
    /// Fails (kind config) if the directory cannot be read. A missing one is an empty list. A bad
    /// file in it is logged and left out: its key is not let in, and all others are.
    static Result<std::unique_ptr<AllowList>> open(EnrolledSource source);

    /// The enrolled name, or nullopt for a key that is unknown or revoked.
    [[nodiscard]] std::optional<std::string> name_of(const CurvePublicKey& key) const;
    [[nodiscard]] std::size_t size() const;

    /// Reads the directory again. A file that is bad now keeps the enrolment that it gave before;
    /// the error names all such files, and everything else is in force.
    Result<void> reload();
    /// Reloads if a file was added, removed, replaced or changed since the last reading; errors are
    /// logged once. Meant to be called every second: it costs one stat per enrolment.
    void reload_if_changed();
    /// False for a fixed list.
    [[nodiscard]] bool can_change() const;

  private:
    using Names = std::map<CurvePublicKey, std::string>;
    /// What stat says about each file, as text to compare.
    using Signature = std::string;

    explicit AllowList(EnrolledSource source) : source_(std::move(source)) {}
    [[nodiscard]] Signature sign() const;

    const EnrolledSource source_;
    std::mutex reloading_;
    Signature signature_;    ///< of what was last read or tried
    std::string last_error_; ///< so that it is logged once
    std::map<std::filesystem::path, Enrolment> known_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Names> names_;
};

} // namespace minewarden::collector
