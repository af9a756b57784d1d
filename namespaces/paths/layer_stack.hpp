// The directories of an image's layers as one tree, as an overlay would show it: for who looks into an image without
// mounting it. An image may hold anything: nothing is opened but with O_PATH, by descriptor, and no link leads out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// One file of such a tree: of a directory the directories that it is made of, uppermost first, else one descriptor.
class LayerStack {
 public:
  LayerStack() = default;

  /// The root of a tree: the directories of its layers, uppermost first. No link is followed.
  static Result<LayerStack> open(const std::vector<std::string>& layers);

  /// What is at a relative path of this directory. Links are not followed: ELOOP for one on the way. ENOENT if nothing
  /// is there, or a whiteout; ENOTDIR if something on the way is no directory.
  Result<LayerStack> find(std::string_view path) const;

  /// The same, with this directory as the root in which links are followed, the last one included.
  Result<LayerStack> follow(std::string_view path) const;

  /// O_PATH: the file itself, or the uppermost of the directories.
  const Fd& front() const { return parts_.front(); }
  bool is_directory() const;

 private:
  Result<LayerStack> child(std::string_view name) const;

  std::vector<Fd> parts_;
};

}  // namespace podrun::ns
