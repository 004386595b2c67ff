// SPDX-License-Identifier: Apache-2.0
// Compares the layout of every structure that crosses the kernel boundary: as the BPF compiler
// wrote it into its type information (kernel/abi_check.bpf.c), and as the C++ compiler reads the
// same headers.
#include "kernel/dns_abi.h"
#include "kernel/error_abi.h"
#include "kernel/flow_abi.h"
#include "kernel/flow_counts_abi.h"
#include "kernel/flow_holders_abi.h"
#include "kernel/fp_mode_abi.h"
#include "kernel/process_abi.h"
#include "kernel/syscalls_abi.h"
#include "kernel/task_abi.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <abi_check.skel.h>
#include <cstddef>
#include <memory>

namespace minewarden::agent {
namespace {

struct ObjectDeleter {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
};

class AbiTest : public testing::Test {
  protected:
    void SetUp() override {
        std::size_t size = 0;
        const void* elf = abi_check_bpf::elf_bytes(&size);
        LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "abi_check");
        object_.reset(bpf_object__open_mem(elf, size, &options));
        ASSERT_NE(object_, nullptr);
        btf_ = bpf_object__btf(object_.get());
        ASSERT_NE(btf_, nullptr);
    }
    const btf_type* type_of(const char* name) {
        const int id = btf__find_by_name_kind(btf_, name, BTF_KIND_STRUCT);
        EXPECT_GT(id, 0) << name;
        return id > 0 ? btf__type_by_id(btf_, static_cast<std::uint32_t>(id)) : nullptr;
    }
    void expect_size(const char* name, std::size_t size) {
        const btf_type* type = type_of(name);
        ASSERT_NE(type, nullptr);
        EXPECT_EQ(type->size, size) << name;
    }
    void expect_offset(const char* name, const char* member, std::size_t offset) {
        const btf_type* type = type_of(name);
        ASSERT_NE(type, nullptr);
        for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
            const char* found = btf__name_by_offset(btf_, btf_members(type)[i].name_off);
            if (std::string_view(found) != member) continue;
            EXPECT_EQ(btf_member_bit_offset(type, i), offset * 8) << name << "." << member;
            return;
        }
        ADD_FAILURE() << name << " has no member " << member;
    }

    std::unique_ptr<bpf_object, ObjectDeleter> object_;
    const btf* btf_ = nullptr;
};

#define EXPECT_SIZE(type) expect_size(#type, sizeof(abi::type))
#define EXPECT_OFFSET(type, member) expect_offset(#type, #member, offsetof(abi::type, member))

TEST_F(AbiTest, Shared) {
    EXPECT_SIZE(event_header);
    EXPECT_OFFSET(event_header, boottime_ns);
    EXPECT_SIZE(subject_id);
    EXPECT_OFFSET(subject_id, image);
    EXPECT_OFFSET(subject_id, pid);
    EXPECT_SIZE(error_count);
}

TEST_F(AbiTest, Process) {
    EXPECT_SIZE(process_exec_event);
    EXPECT_OFFSET(process_exec_event, file_inode);
    EXPECT_OFFSET(process_exec_event, path_length);
    EXPECT_OFFSET(process_exec_event, runtime_ns);
    EXPECT_OFFSET(process_exec_event, device_written_bytes);
    EXPECT_OFFSET(process_exec_event, thread_involuntary_switches);
    EXPECT_OFFSET(process_exec_event, path);
    EXPECT_SIZE(process_fork_event);
    EXPECT_OFFSET(process_fork_event, child);
    EXPECT_SIZE(process_exit_event);
    EXPECT_OFFSET(process_exit_event, thread_runtime_ns);
    EXPECT_OFFSET(process_exit_event, thread_id);
    EXPECT_OFFSET(process_exit_event, fp_flags);
    EXPECT_OFFSET(process_exit_event, command);
}

TEST_F(AbiTest, FlowPulls) {
    EXPECT_SIZE(flow_counts_record);
    EXPECT_OFFSET(flow_counts_record, bytes_received);
    EXPECT_OFFSET(flow_counts_record, segments_received);
    EXPECT_SIZE(flow_holder_record);
    EXPECT_OFFSET(flow_holder_record, flow_id);
    EXPECT_OFFSET(flow_holder_record, is_listener);
    EXPECT_OFFSET(flow_holder_record, local_address);
}

TEST_F(AbiTest, Flow) {
    EXPECT_SIZE(flow_event);
    EXPECT_OFFSET(flow_event, remote_address);
    EXPECT_OFFSET(flow_event, remote_port);
    EXPECT_OFFSET(flow_event, bytes_received);
    EXPECT_SIZE(flow_payload_event);
    EXPECT_OFFSET(flow_payload_event, direction);
}

TEST_F(AbiTest, Dns) {
    EXPECT_SIZE(dns_answer_event);
    EXPECT_OFFSET(dns_answer_event, owner);
    EXPECT_OFFSET(dns_answer_event, position);
    EXPECT_OFFSET(dns_answer_event, flags);
}

TEST_F(AbiTest, Task) {
    EXPECT_SIZE(process_record);
    EXPECT_OFFSET(process_record, exited_device_written_bytes);
    EXPECT_OFFSET(process_record, anonymous_bytes);
    EXPECT_OFFSET(process_record, huge_bytes);
    EXPECT_OFFSET(process_record, command);
    EXPECT_SIZE(thread_record);
    EXPECT_OFFSET(thread_record, voluntary_switches);
    EXPECT_OFFSET(thread_record, device_written_bytes);
    EXPECT_OFFSET(thread_record, policy);
    EXPECT_SIZE(thread_runtime_record);
    EXPECT_OFFSET(thread_runtime_record, runtime_ns);
}

TEST_F(AbiTest, FpMode) {
    EXPECT_SIZE(fp_mode_record);
    EXPECT_OFFSET(fp_mode_record, switches);
    EXPECT_OFFSET(fp_mode_record, layout);
    EXPECT_OFFSET(fp_mode_record, start_boottime_ns);
}

TEST_F(AbiTest, Syscalls) {
    EXPECT_SIZE(syscall_target);
    EXPECT_OFFSET(syscall_target, start_boottime_ns);
}

} // namespace
} // namespace minewarden::agent
