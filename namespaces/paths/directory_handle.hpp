// A folder that is held by its descriptor, because somebody else may change the names that lead to it.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A folder below a root. Links in the root's own path are the administrator's and are followed; below it none is
/// (RESOLVE_NO_SYMLINKS of openat2(2)). Once open, it is that folder that is used, whatever becomes of its name.
class DirectoryHandle {
 public:
  DirectoryHandle() = default;
  /// Opens nothing yet. `below` is relative; "": the root itself.
  DirectoryHandle(std::string root, std::string below) : root_(std::move(root)), below_(std::move(below)) {}

  /// Opens what lies there now. After an error what was open before stays open. ELOOP: a link is in its way.
  Result<> open();
  /// The same, and makes what is missing: 0750, but 0755 what lies at the root, and the root.
  Result<> make();

  /// -1: it is not open. Nothing is in it then (ENOENT).
  int fd() const { return fd_.get(); }
  /// Where it was opened, for words.
  std::string path() const { return below_.empty() ? root_ : root_ + "/" + below_; }
  std::string path_of(std::string_view name) const { return path().append("/").append(name); }
  /// A folder in it, not open.
  DirectoryHandle below(std::string_view name) const;

  /// What is in it, in no order; nothing if it is not open.
  std::vector<std::string> names() const;

  /// Opens a regular file, which alone is opened at all; EINVAL for anything else. FLAGS as open(2)'s, without O_CREAT.
  Result<Fd> open_file(const std::string& name, int flags = O_RDONLY) const;
  /// Makes an empty file, O_RDWR, in the place of any that is there.
  Result<Fd> create_file(const std::string& name, mode_t mode) const;
  /// A file that is added to, O_APPEND, which is made if it is missing.
  Result<Fd> append_to(const std::string& name, mode_t mode) const;
  /// The whole of a file of at most LIMIT bytes; EFBIG beyond.
  Result<std::string> read_file(const std::string& name, std::size_t limit = 1 << 20) const;
  /// Writes a small file in the place of what was there: temporary file, rename(2).
  Result<> write_file(const std::string& name, std::string_view content, mode_t mode) const;

 private:
  std::string root_, below_;
  Fd fd_;
};

}  // namespace podrun::ns
