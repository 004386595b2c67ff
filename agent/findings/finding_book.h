// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/subject_details.h"
#include "rules/engine/engine.h"

#include <map>
#include <minewarden.pb.h>

namespace minewarden::agent {

/// The reason for closing a finding. The wire and docs/findings.md use these names.
enum class CloseReason {
    evidence_ended,
    process_exited,
    program_replaced,
    process_gone,
    host_rebooted
};
[[nodiscard]] std::string_view to_string(CloseReason reason);

/// The findings of this host. Turns verdict changes into versions of findings, and keeps the open
/// ones over a restart.
class FindingBook {
  public:
    FindingBook(ByteView agent_key, const BootId& boot);

    /// Creates the version for this change. Reads `details` only when a finding opens.
    wire::Finding apply(const rules::VerdictRecord& change, const SubjectDetails& details,
                        WallTime now);

    /// Closes every open finding of a subject that is gone.
    std::vector<wire::Finding> close_subject(const rules::Subject& subject, CloseReason reason,
                                             WallTime now);

    /// True if the subject has a finding, open or closed.
    [[nodiscard]] bool knows(const rules::Subject& subject) const;
    [[nodiscard]] std::size_t open_count() const;
    /// Subjects with a finding, for the check after a restart.
    [[nodiscard]] std::vector<rules::Subject> subjects() const;

    [[nodiscard]] cbor::Value save() const;
    /// Findings of another boot are returned, closed as `host_rebooted`. The others continue.
    Result<std::vector<wire::Finding>> restore(const cbor::Value& saved, WallTime now);

    /// Takes a version from the outbox that a saved state lacks. Returns true if it is newer than
    /// that of the book.
    Result<bool> adopt(const wire::Finding& finding);

  private:
    using Key = std::pair<rules::Subject, Activity>;
    struct Entry {
        FindingId id;
        std::uint32_t version = 0;
        bool open = false;
        rules::Certainty certainty = rules::Certainty::none;
        WallTime opened;
        BootId boot;
        SubjectDetails details;
        rules::Attributes attributes;
        std::string record; ///< of the last version
    };
    [[nodiscard]] static wire::Finding to_wire(const Key& key, const Entry& entry, WallTime now,
                                               std::string_view close_reason);
    static Result<std::pair<Key, Entry>> from_wire(const wire::Finding& finding);
    static wire::Finding close(const Key& key, Entry& entry, CloseReason reason, WallTime now);

    std::string agent_key_;
    BootId boot_;
    std::map<Key, Entry> entries_; ///< with closed ones, whose versions continue
};

} // namespace minewarden::agent
