// Runs podrun-unpacker as its starter does, and looks at the folder that it has filled.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "namespaces/images/unpack_layers.hpp"
#include "namespaces/kernel/fd.hpp"
#include "tests/namespaces/unpacker/tar_archive.hpp"

namespace podrun::tests {

/// A folder with an empty layer, and beside it a tree that must not change.
class UnpackerWorld {
 public:
  UnpackerWorld();
  ~UnpackerWorld();
  UnpackerWorld(const UnpackerWorld&) = delete;
  UnpackerWorld& operator=(const UnpackerWorld&) = delete;

  const std::string& folder() const { return folder_; }
  std::string layer() const { return folder_ + "/layer"; }
  int program() const { return program_.get(); }

  /// Empties the layer and unpacks the blob into it. `adapt` may change what the layer should be.
  Result<unpacker::LayerReport> unpack(std::string_view blob, const ns::LayerToUnpack& expected = {});
  Result<unpacker::LayerReport> unpack(const TarArchive& archive) { return unpack(archive.finish()); }
  /// The error of an archive that is refused; "" if it is not. Nothing beside the layer has changed.
  std::string refusal(std::string_view blob, const ns::LayerToUnpack& expected = {});
  std::string refusal(const TarArchive& archive) { return refusal(archive.finish()); }

  /// What is in the layer: lstat(2). A missing entry has the mode 0.
  struct stat look(const std::string& path) const;
  std::string content(const std::string& path) const;
  std::string target(const std::string& path) const;
  /// An extended attribute; "none" if it is not there.
  std::string attribute(const std::string& path, const std::string& name) const;
  /// The paths below the layer in alphabetical order.
  std::vector<std::string> paths() const;
  /// One line for each entry below a folder: all that lstat(2) and the content tell.
  static std::string tree_of(const std::string& folder);

 private:
  std::string folder_;
  Fd program_;
};

/// A file in memory, at its beginning.
Fd blob_of(std::string_view bytes);

}  // namespace podrun::tests
