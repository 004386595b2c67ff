// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/subject.h"
#include "rules/rule_set/attributes.h"

#include <minewarden.pb.h>
#include <optional>

/// Converts subjects and attributes to and from protobuf (common/wire/minewarden.proto).
namespace minewarden::rules {

/// Sets the identifying fields; leaves the display fields unchanged.
void set_subject(wire::Subject& message, const Subject& subject);
/// nullopt: no kind, or one that this version does not know.
[[nodiscard]] std::optional<Subject> subject_of(const wire::Subject& message);

void set_attributes(wire::Attributes& message, const Attributes& attributes);
/// Omits empty texts. Does not check values (check_claim compares them with the record's).
[[nodiscard]] Attributes attributes_of(const wire::Attributes& message);

} // namespace minewarden::rules
