// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/subject.h"
#include "rules/rule_set/attributes.h"

#include <minewarden.pb.h>
#include <optional>

/// Subjects and attributes as agents and collectors send them (common/wire/minewarden.proto).
namespace minewarden::rules {

/// Sets what tells the subject from others; what people are shown of it is left as it is.
void set_subject(wire::Subject& message, const Subject& subject);
/// nullopt: of a kind that this version does not know, or none at all.
[[nodiscard]] std::optional<Subject> subject_of(const wire::Subject& message);

void set_attributes(wire::Attributes& message, const Attributes& attributes);
/// Empty texts are left out. Values are as they came: the record's are checked.
[[nodiscard]] Attributes attributes_of(const wire::Attributes& message);

} // namespace minewarden::rules
