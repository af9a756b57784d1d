// The folder in which pods publish their names, as the resolver reads it: by descriptor, one name at a time, following
// no link, and again only when it has changed. What is no file of names is left out.
#pragma once

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <string>

#include "namespaces/resolver/names.hpp"

namespace podrun::resolver {

/// What is kept of all files together at most, in bytes of their texts: it fits in the resolver's memory limit.
inline constexpr std::size_t most_bytes = 2 << 20;

/// The folder.
class NamesFolder {
 public:
  /// `folder` is open for reading, and stays the caller's.
  explicit NamesFolder(int folder);
  ~NamesFolder();
  NamesFolder(const NamesFolder&) = delete;
  NamesFolder& operator=(const NamesFolder&) = delete;

  /// Brings `pods` up to date. Each file is replaced by rename, so a change is one of the folder.
  void update(PublishedPods& pods);

 private:
  /// A file as it was read. Its inode and times say whether it is still the same.
  struct File {
    ino_t inode = 0;
    timespec changed{};
    std::size_t size = 0;
    bool is_there = true;
  };

  void read_folder(PublishedPods& pods);
  void read_one(const std::string& name, PublishedPods& pods);
  void forget(const std::string& name, const File& file, PublishedPods& pods);
  static bool is_same_file(const File& known, const struct stat& status);

  int folder_;
  DIR* listing_;
  timespec seen_{};
  bool is_settled_ = false;  ///< the folder had not changed for so long when it was read that a later change shows
  std::map<std::string, File> files_;
  std::size_t bytes_ = 0;  ///< of the files whose names are kept
};

}  // namespace podrun::resolver
