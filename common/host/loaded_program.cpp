// SPDX-License-Identifier: Apache-2.0
#include "common/host/loaded_program.h"

#include "common/fd.h"
#include "common/file.h"
#include "common/host/process_files.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace minewarden {
namespace {

constexpr std::size_t maps_limit = 16 << 20;  // vm.max_map_count is 65530 by default
constexpr std::size_t loader_limit = 4 << 20; // glibc's has 0.2 MiB, musl's 0.7 MiB
constexpr std::size_t maximum_headers = 64;   // a loader has about ten
constexpr std::size_t maximum_dynamic = 256;  // the same, thirty
constexpr std::string_view deleted = " (deleted)";

std::string_view file_name(std::string_view path) {
    if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
    return path.substr(path.rfind('/') + 1);
}

/// "x.so", "x.so.2", "x.so.2.31".
bool has_library_name(std::string_view name) {
    const std::size_t so = name.rfind(".so");
    if (so == name.npos) return false;
    const std::string_view version = name.substr(so + 3);
    return version.empty() ||
           (version.starts_with('.') && version.find_first_not_of(".0123456789") == version.npos);
}

/// The object of this type at `offset`, if it is within.
template <class Object>
std::optional<Object> object_at(std::string_view bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(Object)) return std::nullopt;
    Object object;
    std::memcpy(&object, bytes.data() + offset, sizeof(Object));
    return object;
}

/// The types of one class of ELF files.
struct Elf32 {
    using Header = Elf32_Ehdr;
    using Segment = Elf32_Phdr;
    using Dynamic = Elf32_Dyn;
};
struct Elf64 {
    using Header = Elf64_Ehdr;
    using Segment = Elf64_Phdr;
    using Dynamic = Elf64_Dyn;
};

template <class Class>
std::optional<std::uint64_t> file_offset(const std::vector<typename Class::Segment>& segments,
                                         std::uint64_t address) {
    for (const auto& segment : segments) {
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz)
            return segment.p_offset + (address - segment.p_vaddr);
    }
    return std::nullopt;
}

/// DT_SONAME of a file without an interpreter; "" if it has none.
template <class Class>
std::string_view soname_of_loader(std::string_view elf) {
    const auto header = object_at<typename Class::Header>(elf, 0);
    if (!header || header->e_phentsize != sizeof(typename Class::Segment)) return {};
    std::vector<typename Class::Segment> segments;
    std::optional<typename Class::Segment> dynamic;
    for (std::size_t i = 0; i < std::min<std::size_t>(header->e_phnum, maximum_headers); ++i) {
        const auto segment = object_at<typename Class::Segment>(
            elf, header->e_phoff + i * sizeof(typename Class::Segment));
        if (!segment || segment->p_type == PT_INTERP) return {};
        if (segment->p_type == PT_DYNAMIC) dynamic = segment;
        segments.push_back(*segment);
    }
    if (!dynamic) return {};
    std::optional<std::uint64_t> name;
    std::optional<std::uint64_t> table;
    for (std::size_t i = 0; i < maximum_dynamic; ++i) {
        const auto entry = object_at<typename Class::Dynamic>(
            elf, dynamic->p_offset + i * sizeof(typename Class::Dynamic));
        if (!entry || entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_SONAME) name = entry->d_un.d_val;
        if (entry->d_tag == DT_STRTAB) table = file_offset<Class>(segments, entry->d_un.d_ptr);
    }
    if (!name || !table || *table > elf.size() || *name > elf.size() - *table) return {};
    const std::string_view text = elf.substr(*table + *name, NAME_MAX);
    const std::size_t end = text.find('\0');
    return end == text.npos ? std::string_view() : text.substr(0, end);
}

/// A line of a maps file: start-end perms offset device inode path.
struct Mapping {
    std::uint64_t start = 0;
    bool executable = false;
    std::string_view path;
};

std::optional<Mapping> parse_mapping(std::string_view line) {
    Mapping mapping;
    const std::size_t dash = line.find('-');
    const std::size_t space = line.find(' ');
    const std::size_t path = line.find('/');
    if (dash == line.npos || space == line.npos || path == line.npos || space < dash ||
        space + 5 > line.size())
        return std::nullopt;
    const auto [end, error] = std::from_chars(line.data(), line.data() + dash, mapping.start, 16);
    if (error != std::errc{} || end != line.data() + dash) return std::nullopt;
    mapping.executable = line[space + 3] == 'x';
    mapping.path = line.substr(path);
    return mapping;
}

bool is_file(std::string_view path) {
    return !path.starts_with("/dev/zero") && !path.starts_with("/SYSV") &&
           !path.starts_with("/anon_hugepage");
}

std::string read_beginning(const std::string& path, std::size_t limit) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes(file ? limit : 0, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t more =
            ::pread(file.get(), bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
        if (more <= 0) break;
        size += static_cast<std::size_t>(more);
    }
    bytes.resize(size);
    return bytes;
}

} // namespace

bool has_loader_name(std::string_view path) {
    const std::string_view name = file_name(path);
    if (name.starts_with("libc.musl-")) return name.find(".so") != name.npos;
    if (name == "libc.so") return true;
    const bool begins = name == "ld.so" || name.starts_with("ld.so.") || name.starts_with("ld-") ||
                        name.starts_with("ld64.so.");
    return begins && has_library_name(name);
}

bool is_loader_file(std::string_view elf) {
    if (elf.size() <= EI_CLASS || !elf.starts_with(std::string_view(ELFMAG, SELFMAG))) return false;
    return has_loader_name(elf[EI_CLASS] == ELFCLASS32 ? soname_of_loader<Elf32>(elf)
                                                       : soname_of_loader<Elf64>(elf));
}

std::string find_loaded_program(std::string_view maps, std::string_view loader) {
    // A program that is not position-independent is mapped where it wants to be: low.
    constexpr std::uint64_t low = std::uint64_t{1} << 32;
    std::vector<Mapping> found;
    std::optional<std::uint64_t> loader_start;
    for (const std::string_view line : split(maps, '\n')) {
        const auto mapping = parse_mapping(line);
        if (!mapping) continue;
        if (to_valid_utf8(mapping->path) == loader) {
            if (!loader_start) loader_start = mapping->start;
        } else if (mapping->executable && is_file(mapping->path)) {
            found.push_back(*mapping);
        }
    }
    // The kernel maps the loader first, then the loader the program, each below the one before (or
    // above, without a limit of the stack), so the program is next to it.
    const auto order = [&](const Mapping& each) {
        const std::uint64_t from = loader_start.value_or(0);
        const std::uint64_t distance = each.start < from ? from - each.start : each.start - from;
        return std::tuple(has_library_name(file_name(each.path)), each.start >= low, distance);
    };
    const auto program = std::ranges::min_element(found, {}, order);
    return program == found.end() ? std::string() : to_valid_utf8(program->path);
}

std::optional<LoadedProgram> read_loaded_program(pid_t pid, std::uint64_t start_boottime_ns) {
    const auto directory = find_living_directory(pid, start_boottime_ns);
    if (!directory) return std::nullopt;
    LoadedProgram result;
    result.loader = read_link(*directory + "/exe");
    if (!has_loader_name(result.loader) &&
        !is_loader_file(read_beginning(*directory + "/exe", loader_limit)))
        return std::nullopt;
    const auto maps = read_file(*directory + "/maps", maps_limit);
    // Read again: if it is the same process with the same executable, all of this was its own.
    if (!find_living_directory(pid, start_boottime_ns) ||
        read_link(*directory + "/exe") != result.loader)
        return std::nullopt;
    if (maps) result.program = find_loaded_program(*maps, result.loader);
    return result;
}

} // namespace minewarden
