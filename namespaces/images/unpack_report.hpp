// What podrun-unpacker is given at its start, and what it says at its end. The supervisor reads this: the unpacker
// parses what others made, so it counts as taken over, and its report is bounded and escaped when it is read.
//
//   argv         podrun-unpacker LAYER [--diff-id sha256:HEX] [--blob sha256:HEX] [--size BYTES]
//                [--most-bytes N] [--most-entries N]          LAYER is for the command line alone
//   descriptors  0    the blob
//                3    the layer's folder, which is empty: a mount that is attached nowhere (start_unpacker.hpp)
//                4    where it writes the report, a text of lines; an error is one line
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::unpacker {

inline constexpr int blob_fd = 0, folder_fd = 3, report_fd = 4;

/// The user and group of an unpacker. No other process has this number: helper_rights.hpp.
inline constexpr std::uint32_t user_id = 2'147'000'005;

/// How it exits: the layer is whole; the layer is refused, as the report says; it could not begin.
enum UnpackerExit : int { unpacked = 0, refused = 1, cannot_run = 70 };

/// The longest report that is read.
inline constexpr std::size_t longest_report = 64 * 1024;

/// What a layer may have at most, unless its starter says otherwise.
inline constexpr std::uint64_t most_bytes = 64ULL << 30, most_entries = 2'000'000;

/// What the layer has and the folder has not: for example "device nodes".
struct LeftOut {
  std::string what;
  std::uint64_t count = 0;
  std::vector<std::string> examples{};  ///< the first entries, quoted and shortened

  bool operator==(const LeftOut&) const = default;
};

/// A layer that was unpacked.
struct LayerReport {
  std::string diff_id;              ///< "sha256:…" of the archive
  std::string blob_digest;          ///< "sha256:…" of the blob
  std::uint64_t blob_bytes = 0;     ///< the size of the blob
  std::uint64_t archive_bytes = 0;  ///< the size of the archive
  std::string tree;                 ///< "sha256:…" of what was made: TreeSum::digest
  std::uint64_t entries = 0;        ///< TreeSum::entries
  std::uint64_t bytes = 0;          ///< TreeSum::bytes
  bool has_root = false;            ///< the archive says which mode and owner the root has; otherwise 0755, root
  bool hides_all_below = false;     ///< the root is opaque: overlayfs ignores that, so the layers below are left out
  std::vector<LeftOut> left_out{};

  bool operator==(const LayerReport&) const = default;
};

/// The text of a report.
std::string encode(const LayerReport& report);
/// The text of an error.
std::string encode_error(std::string_view message);

/// Reads either. An error in the report is the error's message; a text that is no report is an error too.
Result<LayerReport> parse_report(std::string_view text);

}  // namespace podrun::unpacker
