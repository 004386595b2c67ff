// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/keys/enrolment.h"
#include "common/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// The agents that may send: a directory of enrolments (common/keys/enrolment.h), or a list that
/// another part of the program gives.
using EnrolledSource = std::variant<std::filesystem::path, std::vector<Enrolment>>;

/// The accepted keys. Any thread may call.
class AllowList {
  public:
    /// Fails (kind config) if the directory cannot be read. A missing directory is an empty list.
    /// An invalid file is logged and skipped.
    static Result<std::unique_ptr<AllowList>> open(EnrolledSource source);

    /// The enrolled name, or nullopt for a key that is unknown or revoked.
    [[nodiscard]] std::optional<std::string> name_of(const CurvePublicKey& key) const;
    [[nodiscard]] std::size_t size() const;

    /// Reads the directory again. An invalid file keeps its previous enrolment; the error names all
    /// such files. All other files take effect.
    Result<void> reload();
    /// Reloads if a file was added, removed, replaced or changed. Logs errors once. Call it every
    /// second: it costs one stat for each enrolment.
    void reload_if_changed();
    /// Replaces a list that is not a directory.
    void replace(const std::vector<Enrolment>& enrolments);

    /// The names by key, and a number that grows with each change.
    using Names = std::map<CurvePublicKey, std::string>;
    struct Snapshot {
        std::uint64_t version;
        std::shared_ptr<const Names> names;
    };
    [[nodiscard]] Snapshot snapshot() const;

  private:
    /// The stat fields of each file, as text to compare.
    using Signature = std::string;

    explicit AllowList(EnrolledSource source) : source_(std::move(source)) {}
    [[nodiscard]] Signature sign() const;
    void publish(const std::vector<Enrolment>& enrolments);

    const EnrolledSource source_;
    std::mutex reloading_;
    Signature signature_;    ///< of the last attempt to read
    std::string last_error_; ///< to log it once
    std::map<std::filesystem::path, Enrolment> known_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Names> names_;
    std::uint64_t version_ = 0;
};

} // namespace minewarden::collector
