// The layer's folder while it is filled: the folder in which entries are made, and what stands in the way there.
//
// Nobody else writes to it, but what was made before comes from the same archive: nothing leads through a link. A folder
// is opened with openat2(2) below the layer's root, without links; an entry is made by its name in that folder.
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::unpacker {

/// The folder in which entries are made at the moment. When another takes its place it gets back its own time, which
/// each entry that is made in it changes.
class LayerFolder {
 public:
  /// `root` is the layer's folder, opened for reading; it stays the caller's.
  explicit LayerFolder(int root) : root_(root) {}

  /// Makes `path` the current folder. What is missing is made: 0755, root, with the time `modified`. An error says which
  /// part of the path is no folder.
  Result<> enter(const std::string& path, const timespec& modified);
  /// Gives the current folder back its time. There is none then.
  Result<> leave();
  /// The current folder, opened for reading.
  int fd() const { return fd_.get(); }
  /// How many folders were made because they were missing.
  std::uint64_t missing_folders() const { return missing_folders_; }

  /// Makes a folder of mode 0700 in the current one, or takes the one that is there; what else is there goes. Where a
  /// whiteout was, the folder is opaque.
  Result<> make_folder(const std::string& name);
  /// Removes what is there, if anything. An error: it is a folder that is not empty.
  Result<> remove(const std::string& name);
  /// What is there, without following a link; false: nothing.
  Result<bool> look_at(const std::string& name, struct stat& status) const;

  /// Opens a folder below the root, without following links.
  Fd open_below(const std::string& path, unsigned long flags) const;

 private:
  Result<> enter_part_by_part(const std::string& path, const timespec& modified);
  Result<> become(Fd folder, std::string path);

  int root_;
  Fd fd_;
  std::string path_;
  timespec time_{};
  std::uint64_t missing_folders_ = 0;
};

/// Whether it is overlayfs' whiteout: a character device 0:0.
inline bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == 0; }

/// Makes a folder opaque: the layers below have nothing in it.
Result<> make_opaque(int folder);

}  // namespace podrun::unpacker
