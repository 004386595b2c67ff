// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"

#include "common/fd.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>

namespace minewarden {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path, std::size_t limit) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot open {}", path.string()), errno));
    std::string content;
    std::array<char, 16384> chunk;
    for (;;) {
        const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(system_error(ErrorKind::unavailable,
                                     fmt::format("cannot read {}", path.string()), errno));
        if (got == 0) return content;
        content.append(chunk.data(), static_cast<std::size_t>(got));
        if (content.size() > limit)
            return fail(ErrorKind::data,
                        fmt::format("{} is larger than {} bytes", path.string(), limit));
    }
}

namespace {

Result<void> write_all(int fd, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0)
            return fail(system_error(ErrorKind::unavailable,
                                     fmt::format("cannot write {}", path.string()), errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

} // namespace

Result<void> write_file_atomically(const fs::path& path, std::string_view content, mode_t mode) {
    std::string temporary = path.string() + ".XXXXXX";
    const Fd file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file)
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot create a file beside {}", path.string()),
                                 errno));
    auto written = write_all(file.get(), content, path);
    if (written && (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 ||
                    ::rename(temporary.c_str(), path.c_str()) != 0))
        written = fail(system_error(ErrorKind::unavailable,
                                    fmt::format("cannot write {}", path.string()), errno));
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    const Fd directory(::open(path.parent_path().empty() ? "." : path.parent_path().c_str(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
    return {};
}

namespace {

bool is_hidden(const fs::path& path) {
    return path.filename().string().starts_with('.');
}

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

bool is_misnamed(const fs::path& path) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    constexpr std::array<std::string_view, 7> meant{".yaml", ".yml",  ".conf", ".cfg",
                                                    ".ini",  ".json", ".toml"};
    return !is_yaml(path) && std::ranges::find(meant, extension) != meant.end();
}

} // namespace

Result<std::vector<fs::path>> list_yaml_files(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (is_yaml(entry->path()) && !is_hidden(entry->path())) files.push_back(entry->path());
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(system_error(ErrorKind::config,
                                 fmt::format("cannot read {}", directory.string()), error.value()));
    std::ranges::sort(files);
    return files;
}

std::vector<fs::path> list_misnamed_files(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (is_misnamed(entry->path()) && !is_hidden(entry->path())) files.push_back(entry->path());
    }
    std::ranges::sort(files);
    return files;
}

Result<std::vector<TextFile>> read_yaml_files(std::span<const fs::path> paths, std::size_t limit) {
    std::vector<TextFile> files;
    for (const fs::path& path : paths) {
        std::vector<fs::path> found{path};
        std::error_code error;
        if (fs::is_directory(path, error)) {
            TRY_ASSIGN(found, list_yaml_files(path));
        }
        for (const fs::path& file : found) {
            auto content = read_file(file, limit);
            if (!content) return fail(ErrorKind::config, content.error().message);
            files.push_back({file.string(), std::move(*content)});
        }
    }
    return files;
}

Result<void> make_directory(const fs::path& path, mode_t mode) {
    std::error_code error;
    if (fs::is_directory(path, error)) return {};
    if (path.has_parent_path() && path.parent_path() != path) {
        TRY(make_directory(path.parent_path(), 0755));
    }
    if (::mkdir(path.c_str(), mode) != 0 && !(errno == EEXIST && fs::is_directory(path, error)))
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot create the directory {}", path.string()),
                                 errno));
    return {};
}

fs::path program_directory() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path();
}

fs::path shared_data_directory() {
    return program_directory().parent_path() / "share" / "minewarden";
}

} // namespace minewarden
