// SPDX-License-Identifier: Apache-2.0
// minewarden-bpf-cost PID: what each BPF program held by that process has cost, as JSON on stdout:
// name, instructions the verifier looked at, machine code bytes, runs and nanoseconds in all.
// Nanoseconds are counted only while kernel.bpf_stats_enabled is 1 (BPF_ENABLE_STATS).
#include "common/fd.h"

#include <bpf/bpf.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: minewarden-bpf-cost PID\n", stderr);
        return 64;
    }
    // The process's own descriptors tell which programs are its.
    std::set<std::uint32_t> ids;
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::path("/proc") / argv[1] / "fdinfo";
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        std::ifstream file(entry.path());
        std::string line;
        while (std::getline(file, line)) {
            constexpr std::string_view key = "prog_id:";
            if (line.starts_with(key))
                ids.insert(static_cast<std::uint32_t>(
                    std::strtoul(line.c_str() + key.size(), nullptr, 10)));
        }
    }
    if (error) {
        std::fprintf(stderr, "%s: %s\n", folder.c_str(), error.message().c_str());
        return 69;
    }
    nlohmann::json programs = nlohmann::json::array();
    for (const std::uint32_t id : ids) {
        const minewarden::Fd program(bpf_prog_get_fd_by_id(id));
        bpf_prog_info info{};
        __u32 length = sizeof(info);
        if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) {
            std::perror("bpf_obj_get_info_by_fd");
            return 69;
        }
        programs.push_back({{"name", info.name},
                            {"verified_instructions", info.verified_insns},
                            {"machine_bytes", info.jited_prog_len},
                            {"runs", info.run_cnt},
                            {"nanoseconds", info.run_time_ns}});
    }
    std::puts(programs.dump().c_str());
}
