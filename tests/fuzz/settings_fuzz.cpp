// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/config/settings.h"

using namespace minewarden;

/// One override from the environment or the command line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    SettingSources sources;
    sources.vendor_file = sources.main_file = "/nonexistent/minewarden.yaml";
    const std::string text(as_text({data, size}));
    sources.overrides = {text};
    sources.environment = {"MINEWARDEN_" + text};
    (void)load_settings(sources);
    return 0;
}
