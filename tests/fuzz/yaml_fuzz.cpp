// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/yaml/document.h"

using namespace minewarden;

namespace {

void walk(const yaml::Document& document, const yaml::Node& node) {
    (void)document.locate(node, node.scalar.size() / 2);
    for (const yaml::Node& item : node.items) walk(document, item);
    for (const yaml::Node::Entry& entry : node.entries) walk(document, entry.value);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = yaml::parse(std::string(as_text({data, size})), "fuzz.yaml");
    if (!document) {
        if (document.error().empty()) __builtin_trap();
        return 0;
    }
    walk(*document, document->root);
    return 0;
}
