// SPDX-License-Identifier: Apache-2.0
#include "rules/wire/subject.h"

namespace minewarden::rules {
namespace {

void set(wire::Subject& message, const ImageKey& key) {
    wire::ProcessSubject& process = *message.mutable_process();
    process.set_pid(key.pid);
    process.set_start_boottime_ns(key.start_boottime_ns);
    process.set_image(key.image);
}

void set(wire::Subject& message, const HostSubject&) {
    message.mutable_host();
}

void set(wire::Subject& message, const WorkloadSubject& key) {
    message.mutable_workload()->set_cgroup_id(key.cgroup_id);
}

void set(wire::Subject& message, const NetworkNamespaceSubject& key) {
    message.mutable_network_namespace()->set_inode(key.inode);
}

void set(wire::Subject& message, const GpuSubject& key) {
    message.mutable_gpu()->set_pci_address(key.pci_address);
}

} // namespace

void set_subject(wire::Subject& message, const Subject& subject) {
    std::visit([&message](const auto& key) { set(message, key); }, subject);
}

std::optional<Subject> subject_of(const wire::Subject& message) {
    switch (message.about_case()) {
    case wire::Subject::kProcess:
        return ImageKey{message.process().pid(), message.process().start_boottime_ns(),
                        message.process().image()};
    case wire::Subject::kHost:
        return HostSubject{};
    case wire::Subject::kWorkload:
        return WorkloadSubject{message.workload().cgroup_id()};
    case wire::Subject::kNetworkNamespace:
        return NetworkNamespaceSubject{message.network_namespace().inode()};
    case wire::Subject::kGpu:
        return GpuSubject{message.gpu().pci_address()};
    case wire::Subject::ABOUT_NOT_SET:
        break;
    }
    return std::nullopt;
}

void set_attributes(wire::Attributes& message, const Attributes& attributes) {
    for (const auto& [attribute, value] : attributes) {
        switch (attribute) {
        case Attribute::actor:
            message.set_actor(value);
            break;
        case Attribute::algorithm:
            message.set_algorithm(value);
            break;
        case Attribute::chain:
            message.set_chain(value);
            break;
        case Attribute::client:
            message.set_client(value);
            break;
        case Attribute::role:
            message.set_role(value);
            break;
        }
    }
}

Attributes attributes_of(const wire::Attributes& message) {
    Attributes attributes{{Attribute::actor, message.actor()},
                          {Attribute::algorithm, message.algorithm()},
                          {Attribute::chain, message.chain()},
                          {Attribute::client, message.client()},
                          {Attribute::role, message.role()}};
    std::erase_if(attributes, [](const auto& item) { return item.second.empty(); });
    return attributes;
}

} // namespace minewarden::rules
