// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/subject_abi.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace minewarden::agent {

/// Who listens on which TCP port of which network namespace. Where several share a port, one of
/// them.
class Listeners {
  public:
    /// Ports beyond this many are not remembered: their accepted connections are then attributed
    /// only while somebody holds them.
    static constexpr std::size_t maximum = 65536;

    void add(std::uint32_t network_namespace, std::uint16_t port, const abi::subject_id& subject);
    void remove(std::uint32_t network_namespace, std::uint16_t port);
    [[nodiscard]] std::optional<abi::subject_id> find(std::uint32_t network_namespace,
                                                      std::uint16_t port) const;

  private:
    std::map<std::pair<std::uint32_t, std::uint16_t>, abi::subject_id> listeners_;
};

} // namespace minewarden::agent
