// What an entry of a layer's archive means: where it belongs, and what is refused. Pure; the unpacker does it.
//
// Whoever made the archive chose the names, so they are hostile: what is not plainly inside the layer is an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// What an entry says by its name.
enum class EntryMeaning : std::uint8_t {
  Root,      ///< the mode, owner and time of the layer's own root: "./"
  Content,   ///< a file, folder or link
  Whiteout,  ///< ".wh.NAME": the layers below have no NAME here
  Opaque,    ///< ".wh..wh..opq": the layers below have nothing in this folder
  Ignored,   ///< ".wh..wh.…": notes of aufs, which nobody uses
};

/// Where an entry belongs. The path is relative, without ".", ".." and empty parts.
struct EntryPlace {
  EntryMeaning meaning;
  std::string folder;  ///< the path of the folder it is in; "" is the root
  std::string name;    ///< its name there; of a whiteout, what it hides; empty for Root and Opaque

  /// The path of what it is about.
  std::string path() const { return folder.empty() || name.empty() ? folder + name : folder + "/" + name; }
};

/// The longest path and name that the kernel takes.
inline constexpr std::size_t longest_entry_path = 4095, longest_entry_name = 255;

/// Reads the name of an entry. A leading "/" means the layer's root, as all runtimes have it: there are images with such
/// names. Refused: "..", a whiteout of nothing, of "." or "..", a folder with the name of a whiteout, what is too long.
Result<EntryPlace> place_of_entry(std::string_view name);

/// Reads to what a hard link leads, by the same rules; a whiteout is no target.
Result<EntryPlace> target_of_hard_link(std::string_view target);

/// What becomes of an extended attribute.
enum class AttributeUse : std::uint8_t { Keep, LeaveOut, Refuse };

/// Kept are `user.…` and file capabilities. Refused are those by which overlayfs works (`trusted.…`, `user.overlay.…`):
/// a layer could hide or redirect what other layers have. The others belong to a host (labels, access lists).
AttributeUse use_of_attribute(std::string_view name);

}  // namespace podrun::pod
