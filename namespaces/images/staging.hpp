// A folder of the image store in which something is made that is not complete, or in which what was removed lies until
// its bytes are.
#pragma once

#include <string>

#include "namespaces/images/store_folders.hpp"
#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A folder staging/<random> with an exclusive flock(2). It is removed with everything in it when the object dies; if
/// its process is killed, the next one that uses the store removes it. Mode 0700, owned by the caller: who lets a
/// helper work in it makes a folder in it for that.
class Staging {
 public:
  Staging(Staging&&) = default;
  Staging& operator=(Staging&&) = delete;
  ~Staging();

  /// Opened for reading; it also has the lock.
  int directory() const { return directory_.get(); }
  const std::string& name() const { return name_; }
  std::string path() const { return path_; }

  /// Removes it now. The error names what could not be removed.
  Result<> remove();

 private:
  friend Result<Staging> make_staging(const StoreFolders& folders);
  Staging() = default;

  Fd parent_, directory_;
  std::string name_, path_;
};

/// Makes one. The caller has locked the store, for reading at least: before there is a flock(2) on the folder, it is
/// that lock which keeps others from removing it.
Result<Staging> make_staging(const StoreFolders& folders);

/// Removes the folders in staging whose makers are gone. Takes the store's lock for writing while it looks for them.
Result<> sweep_staging(const StoreFolders& folders);

}  // namespace podrun::ns
