// Writes archives header by header, also such as no tar(1) would: for the tests of what unpacks them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace podrun::tests {

/// What an entry has besides its name.
struct TarMeta {
  std::uint32_t mode = 0644;
  std::uint64_t uid = 0, gid = 0;
  std::int64_t modified = 1'700'000'000;
  std::vector<std::pair<std::string, std::string>> pax{};  ///< records before the entry
};

/// An archive in memory. Each function appends.
class TarArchive {
 public:
  TarArchive& file(std::string_view name, std::string_view content = "x", TarMeta meta = {});
  TarArchive& folder(std::string_view name, TarMeta meta = {.mode = 0755});
  TarArchive& symlink(std::string_view name, std::string_view target, TarMeta meta = {.mode = 0777});
  TarArchive& hard_link(std::string_view name, std::string_view target, TarMeta meta = {});
  TarArchive& fifo(std::string_view name, TarMeta meta = {});
  TarArchive& device(std::string_view name, char type, unsigned major, unsigned minor);
  /// A header with a type of the caller's, and a body.
  TarArchive& entry(char type, std::string_view name, std::string_view target, std::string_view body, TarMeta meta,
                    std::uint64_t size);
  /// GNU's header for a name that does not fit: 'L' for the name, 'K' for the target, of the next entry.
  TarArchive& gnu_long(char type, std::string_view text);
  TarArchive& raw(std::string_view bytes);

  /// The archive with its end, or without.
  std::string finish() const { return bytes_ + std::string(1024, '\0'); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// A record of PAX: "LENGTH KEY=VALUE\n".
std::string pax_record(std::string_view key, std::string_view value);

/// Compressed forms.
std::string gzip(std::string_view bytes);
std::string zstd(std::string_view bytes);
/// "sha256:…".
std::string sha256_of(std::string_view bytes);

}  // namespace podrun::tests
