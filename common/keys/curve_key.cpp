// SPDX-License-Identifier: Apache-2.0
#include "common/keys/curve_key.h"

#include "common/fd.h"
#include "common/file.h"
#include "common/text.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <sodium.h>

namespace minewarden {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_file_limit = 4096;
constexpr std::string_view secret_label = "minewarden-secret-key ";
constexpr std::string_view public_label = "minewarden-public-key ";

/// Finds "<label><64 hexadecimal digits>" on a line of its own and decodes the digits.
std::optional<std::string> find_key(std::string_view content, std::string_view label) {
    for (const std::string_view line : split(content, '\n')) {
        if (!line.starts_with(label)) continue;
        auto bytes = from_hex(trim(line.substr(label.size())));
        return bytes && bytes->size() == 32 ? bytes : std::nullopt;
    }
    return std::nullopt;
}

Error not_a_key(const fs::path& path, std::string_view label) {
    return {ErrorKind::config,
            fmt::format("{} is not a key file: expected a line \"{}<64 hexadecimal digits>\"; make "
                        "one with: minewarden keys generate",
                        path.string(), label)};
}

} // namespace

CurveKeyPair CurveKeyPair::generate() {
    CurveKeyPair pair;
    crypto_box_keypair(pair.public_key_.bytes.data(), pair.secret_.data());
    return pair;
}

CurveKeyPair::~CurveKeyPair() {
    sodium_memzero(secret_.data(), secret_.size());
}

std::string fingerprint(const CurvePublicKey& key) {
    return to_hex(sha256(key.view())).substr(0, 16);
}

fs::path public_key_path(const fs::path& secret_key_path) {
    fs::path path = secret_key_path;
    return path.replace_extension(".pub");
}

Result<void> write_key_pair(const CurveKeyPair& pair, const fs::path& path) {
    if (public_key_path(path) == path)
        return fail(
            ErrorKind::usage,
            fmt::format("{} would contain both the secret and the public key; use a name with .key",
                        path.string()));
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file)
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot create {}", path.string()), errno));
    std::string content = fmt::format("{}{}\n", secret_label, to_hex(pair.secret()));
    const ssize_t put = ::write(file.get(), content.data(), content.size());
    const int write_error = errno;
    sodium_memzero(content.data(), content.size());
    if (put != static_cast<ssize_t>(content.size()) || ::fsync(file.get()) != 0)
        return fail(system_error(ErrorKind::unavailable,
                                 fmt::format("cannot write {}", path.string()), write_error));
    return write_file_atomically(public_key_path(path),
                                 fmt::format("{}{}\n", public_label, to_hex(pair.public_key())),
                                 0644);
}

Result<CurveKeyPair> read_key_pair(const fs::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 0077) != 0)
        return fail(ErrorKind::permission,
                    fmt::format("{} contains a secret key, but others may read it (mode {:04o}): "
                                "chmod 600 {}",
                                path.string(), status.st_mode & 07777, path.string()));
    auto content = read_file(path, key_file_limit);
    if (!content) {
        Error error = std::move(content).error();
        if (error.kind == ErrorKind::unavailable) error.kind = ErrorKind::config;
        error.message += "; make one with: minewarden keys generate " + path.string();
        return fail(std::move(error));
    }
    auto secret = find_key(*content, secret_label);
    sodium_memzero(content->data(), content->size());
    if (!secret) return fail(not_a_key(path, secret_label));
    CurveKeyPair pair;
    std::memcpy(pair.secret_.data(), secret->data(), pair.secret_.size());
    sodium_memzero(secret->data(), secret->size());
    crypto_scalarmult_base(pair.public_key_.bytes.data(), pair.secret_.data());
    return pair;
}

Result<CurvePublicKey> read_public_key(const fs::path& path) {
    const auto content = read_file(path, key_file_limit);
    if (!content) return fail(ErrorKind::config, content.error().message);
    const auto key = find_key(*content, public_label);
    if (!key) return fail(not_a_key(path, public_label));
    return *CurvePublicKey::from(as_bytes(*key));
}

} // namespace minewarden
