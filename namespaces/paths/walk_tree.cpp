// Walks a directory tree of any depth that others may change meanwhile.
//
// The descriptors of the uppermost directories are kept. Below them only the descriptor of the current directory is
// open: the walk goes up by "..", and only to the directory that it came from, which it recognizes by device and inode.
// If that directory is not there any more because it was moved, the walk continues in the lowest one whose descriptor
// it has.
#include "namespaces/paths/walk_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace podrun::ns {
namespace {

constexpr std::size_t most_kept = 32;
constexpr std::size_t buffer_size = 32 * 1024;

/// A directory that the walk is in or will return to.
struct Level {
  Fd directory;      // empty: too deep to be kept, and opened again later
  dev_t device = 0;  // set for those alone
  ino_t inode = 0;
  off_t position = 0;             // after the current entry
  std::size_t next = 0, end = 0;  // in the buffer: what has been read and not yet visited
  std::size_t names = 0;          // the length of `names_` without this level's current entry
  unsigned char type = DT_UNKNOWN;
  unsigned times = 0;
};

class Walk {
 public:
  Walk(Fd top, const TreeVisitor& visitor) : visitor_(visitor) { descend(std::move(top)); }

  Result<> run() {
    while (!levels_.empty())
      if (TRY(advance()))
        TRY_VOID(arrive());
      else
        TRY_VOID(ascend());
    return {};
  }

 private:
  Level& here() { return levels_.back(); }
  char* buffer() { return buffers_[std::min(levels_.size() - 1, most_kept)].get(); }
  TreeEntry entry() {
    return {.directory = here().directory.get(),
            .name = names_.c_str() + here().names,
            .type = here().type,
            .times = here().times};
  }

  Result<bool> advance();
  Result<> arrive();
  Result<> ascend();
  void descend(Fd directory);
  bool go_up();

  const TreeVisitor& visitor_;
  std::vector<Level> levels_;
  std::vector<std::unique_ptr<char[]>> buffers_;  // one for each level that is kept, one for all others
  std::string names_;                             // those of the current entries, one after the other
};

// Goes to the next entry. False: there is none.
Result<bool> Walk::advance() {
  Level& level = here();
  for (;;) {
    if (level.next == level.end) {
      const ssize_t length = ::getdents64(level.directory.get(), buffer(), buffer_size);
      if (length < 0 && errno != ENOENT) return fail_system("read a directory");
      if (length <= 0) return false;  // ENOENT: it has been removed
      level.next = 0;
      level.end = static_cast<std::size_t>(length);
    }
    const auto* const found = reinterpret_cast<const dirent64*>(buffer() + level.next);
    level.next += found->d_reclen;
    level.position = found->d_off;
    level.type = found->d_type;
    level.times = 0;
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    names_.resize(level.names);
    names_ += name;
    return true;
  }
}

Result<> Walk::arrive() {
  if (Fd below = TRY(visitor_.arrive(entry()))) descend(std::move(below));
  return {};
}

void Walk::descend(Fd directory) {
  const bool is_kept = levels_.size() < most_kept;
  if (levels_.size() > most_kept) here().directory.reset();
  if (!levels_.empty()) names_.push_back('\0');
  Level level{.directory = std::move(directory), .names = names_.size()};
  if (struct stat status{}; !is_kept && ::fstat(level.directory.get(), &status) == 0) {
    level.device = status.st_dev;
    level.inode = status.st_ino;
  }
  levels_.push_back(std::move(level));
  if (buffers_.size() <= std::min(levels_.size() - 1, most_kept))
    buffers_.push_back(std::make_unique_for_overwrite<char[]>(buffer_size));
}

// Returns to the directory above, or to the lowest one that is known to be where it was.
Result<> Walk::ascend() {
  if (!go_up() || !visitor_.leave) return {};
  ++here().times;
  return TRY(visitor_.leave(entry())) ? arrive() : Result<>{};
}

// False: the walk has left the uppermost directory.
bool Walk::go_up() {
  const Fd left = std::move(here().directory);
  levels_.pop_back();
  if (levels_.empty()) return false;
  if (!here().directory) {
    Fd above(::openat(left.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    const bool is_it = above && ::fstat(above.get(), &status) == 0 && status.st_dev == here().device &&
                       status.st_ino == here().inode && ::lseek(above.get(), here().position, SEEK_SET) >= 0;
    if (is_it) {
      here().directory = std::move(above);
      here().next = here().end = 0;
    }
  }
  while (!here().directory) levels_.pop_back();
  names_.resize(names_.find('\0', here().names));
  return true;
}

}  // namespace

Result<> walk_tree(Fd top, const TreeVisitor& visitor) { return Walk(std::move(top), visitor).run(); }

std::vector<std::string> names_in(Fd directory) {
  std::vector<std::string> names;
  if (directory)
    (void)walk_tree(std::move(directory), {.arrive = [&](const TreeEntry& entry) -> Result<Fd> {
                      names.emplace_back(entry.name);
                      return Fd();
                    }});
  return names;
}

Result<Fd> open_unmounted(int directory, const char* name) {
  Fd opened(::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return fail_system(name);
  struct statx status {};
  if (::statx(opened.get(), "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0) return fail_system(name);
  if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
    return fail(std::string(name) + ": another file system is mounted there", EXDEV);
  return opened;
}

}  // namespace podrun::ns
