// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "common/result.h"

#include <filesystem>
#include <string>

namespace minewarden {

/// Curve25519 public key of an agent or a collector (ZeroMQ CURVE, RFC 26/CURVEZMQ).
using CurvePublicKey = Opaque<struct CurvePublicKeyTag, 32>;

/// A key pair. The destructor wipes the secret key. It is never printed or logged.
class CurveKeyPair {
  public:
    [[nodiscard]] static CurveKeyPair generate();
    CurveKeyPair(const CurveKeyPair&) = default;
    CurveKeyPair& operator=(const CurveKeyPair&) = default;
    ~CurveKeyPair();

    [[nodiscard]] const CurvePublicKey& public_key() const { return public_key_; }
    [[nodiscard]] ByteView secret() const { return secret_; }

  private:
    CurveKeyPair() = default;
    friend Result<CurveKeyPair> read_key_pair(const std::filesystem::path& path);
    CurvePublicKey public_key_;
    std::array<std::uint8_t, 32> secret_{};
};

/// First 16 hexadecimal digits of the SHA-256 of the key; used to name a key.
[[nodiscard]] std::string fingerprint(const CurvePublicKey& key);

/// Writes the secret key to `path` (mode 0600) and the public key to `path` with ".pub" for
/// ".key" (mode 0644). Never overwrites a secret key: an existing file is an error.
Result<void> write_key_pair(const CurveKeyPair& pair, const std::filesystem::path& path);

/// Errors: permission if others than the owner may read the file.
Result<CurveKeyPair> read_key_pair(const std::filesystem::path& path);

Result<CurvePublicKey> read_public_key(const std::filesystem::path& path);

[[nodiscard]] std::filesystem::path public_key_path(const std::filesystem::path& secret_key_path);

} // namespace minewarden
