// A directory that is used by its descriptor, because others may change the names that lead to it.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A directory below a root. Links in the root's own path are the administrator's and are followed; below it none is
/// followed (RESOLVE_NO_SYMLINKS of openat2(2)). Once open, the same directory is used, whatever its name becomes.
class DirectoryHandle {
 public:
  DirectoryHandle() = default;
  /// Opens nothing yet. `below` is relative; "" means the root itself.
  DirectoryHandle(std::string root, std::string below) : root_(std::move(root)), below_(std::move(below)) {}

  /// Opens the directory that is there now. After an error, a directory that was open before stays open. ELOOP: a link
  /// is on the way.
  Result<> open();
  /// Opens the directory and makes what is missing: the root and its direct entry on the way with mode 0755, what is
  /// below and the directory itself with 0750.
  Result<> make();

  /// The descriptor; -1 if it is not open, in which case it has no files (ENOENT).
  int fd() const { return fd_.get(); }
  /// The path at which it was opened, for messages.
  std::string path() const { return below_.empty() ? root_ : root_ + "/" + below_; }
  std::string path_of(std::string_view name) const { return path().append("/").append(name); }
  /// A directory in it, not open.
  DirectoryHandle below(std::string_view name) const;

  /// The names of its entries, in no order; none if it is not open.
  std::vector<std::string> names() const;

  /// Locks the open directory, flock(2), until the descriptor is closed: it waits for others who have.
  Result<Fd> lock() const;

  /// Opens a regular file. Anything else is not opened: EINVAL. `flags` as for open(2), without O_CREAT.
  Result<Fd> open_file(const std::string& name, int flags = O_RDONLY) const;
  /// Makes an empty file, open O_RDWR, and replaces one that is there.
  Result<Fd> create_file(const std::string& name, mode_t mode) const;
  /// Opens a file for appending, O_APPEND, and makes it if it is missing.
  Result<Fd> append_to(const std::string& name, mode_t mode) const;
  /// Reads a whole file of at most `limit` bytes; EFBIG if it is longer.
  Result<std::string> read_file(const std::string& name, std::size_t limit = 1 << 20) const;
  /// Writes a small file and replaces what was there: it writes a temporary file and renames it, rename(2).
  Result<> write_file(const std::string& name, std::string_view content, mode_t mode) const;

 private:
  std::string root_, below_;
  Fd fd_;
};

}  // namespace podrun::ns
