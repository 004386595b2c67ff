// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/unblocked_writer.h"

#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <mutex>
#include <string>

namespace minewarden::log {

/// Writes lines to stderr and waits for its reader only a moment, and that once until it reads
/// again. Lines it does not take are dropped whole and counted.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    StderrSink();

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

  private:
    std::string format(const spdlog::details::log_msg& message);
    bool write_line(const std::string& line);
    bool write_some(std::string& text);

    UnblockedWriter writer_;
    std::string rest_; ///< of a line that was written in part
    bool is_stalled_ = false;
    std::uint64_t dropped_ = 0; ///< lines since the last that was written
};

} // namespace minewarden::log
