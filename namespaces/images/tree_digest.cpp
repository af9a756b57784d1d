// Adds up a directory tree.
#include "namespaces/images/tree_digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/walk_tree.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::ns {
namespace {

using pod::Sha256;

std::string_view bytes_of(const Sha256::Value& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

/// Whether an extended attribute is the layer's. The host's security modules add others.
bool is_of_layer(std::string_view name) {
  return name.starts_with("user.") || name == "security.capability" || name.starts_with("system.posix_acl_");
}

/// The names, each with a NUL after it.
Result<std::string> attribute_names(int file) {
  for (;;) {
    const ssize_t room = ::flistxattr(file, nullptr, 0);
    if (room < 0 && errno == ENOTSUP) return "";
    if (room <= 0) return room < 0 ? Result<std::string>(fail_system("flistxattr")) : "";
    std::string names(static_cast<std::size_t>(room), '\0');
    const ssize_t length = ::flistxattr(file, names.data(), names.size());
    if (length < 0 && errno == ERANGE) continue;
    if (length < 0) return fail_system("flistxattr");
    names.resize(static_cast<std::size_t>(length));
    return names;
  }
}

/// The layer's attributes of a file or directory, as one text.
Result<std::string> attributes_of(int file) {
  const std::string names = TRY(attribute_names(file));
  std::map<std::string, std::string> found;
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!is_of_layer(name)) continue;
    std::string value(64 << 10, '\0');  // XATTR_SIZE_MAX
    const ssize_t length = ::fgetxattr(file, name.c_str(), value.data(), value.size());
    if (length < 0) return fail_system(name);
    value.resize(static_cast<std::size_t>(length));
    found.emplace(name, std::move(value));
  }
  std::string text;
  for (const auto& [name, value] : found) text += fmt::format("{}={}:{}", name, value.size(), value);
  return text;
}

/// Opens an entry to read it; the time of its last access stays.
Fd open_entry(int directory, const char* name, int flags) {
  return Fd(::openat(directory, name, flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC));
}

class TreeAdder {
 public:
  explicit TreeAdder(const KnownContent& known) : known_(known), buffer_(256 << 10, '\0') {}

  Result<TreeSum> run(Fd root) {
    TRY_VOID(add_directory(root));
    Result<> walked = walk_tree(std::move(root), {.arrive = [&](const TreeEntry& entry) { return arrive(entry); },
                                                  .leave = [&](const TreeEntry&) { return leave(); }});
    if (!walked) return fail(pod::in_quotes(path_) + ": " + walked.error().message, walked.error().number);
    sum_.digest = pod::to_digest(combined_);
    return sum_;
  }

 private:
  /// Adds an entry whose record is complete.
  void add(const std::string& record) {
    Sha256 sum;
    sum.update(record);
    const Sha256::Value value = sum.finish();
    for (std::size_t i = 0; i < value.size(); ++i) combined_[i] ^= value[i];
  }

  /// What all entries have.
  std::string record_of(const struct stat& status) const {
    const bool is_device = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
    std::string record = path_ + '\0';
    record += fmt::format("{:o} {} {} {} {} {}.{:09}", status.st_mode, status.st_uid, status.st_gid,
                          S_ISDIR(status.st_mode) ? 0 : status.st_nlink, is_device ? status.st_rdev : 0,
                          status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    return record + '\0';
  }

  Result<> add_directory(const Fd& directory) {
    struct stat status {};
    if (::fstat(directory.get(), &status) < 0) return fail_system("stat");
    add(record_of(status) + TRY(attributes_of(directory.get())));
    return {};
  }

  Result<Sha256::Value> content_of(const Fd& file) {
    Sha256 sum;
    for (;;) {
      const ssize_t length = ::read(file.get(), buffer_.data(), buffer_.size());
      if (length < 0 && errno == EINTR) continue;
      if (length < 0) return fail_system("read");
      if (length == 0) return sum.finish();
      sum.update(std::string_view(buffer_).substr(0, static_cast<std::size_t>(length)));
    }
  }

  Result<> add_file(const TreeEntry& entry) {
    const Fd file = open_entry(entry.directory, entry.name, 0);
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) < 0) return fail_system("open");
    if (!S_ISREG(status.st_mode)) return fail("it changes while it is read", EAGAIN);
    const Sha256::Value* known = known_ ? known_(status.st_ino) : nullptr;
    const Sha256::Value content = known != nullptr ? *known : TRY(content_of(file));
    add(record_of(status) + fmt::format("{} ", status.st_size) + std::string(bytes_of(content)) +
        TRY(attributes_of(file.get())));
    if (status.st_nlink == 1 || linked_.insert(status.st_ino).second)
      sum_.bytes += static_cast<std::uint64_t>(status.st_size);
    return {};
  }

  Result<> add_link(const TreeEntry& entry, const struct stat& status) {
    std::string target(static_cast<std::size_t>(status.st_size) + 1, '\0');
    const ssize_t length = ::readlinkat(entry.directory, entry.name, target.data(), target.size());
    if (length < 0) return fail_system("readlink");
    target.resize(static_cast<std::size_t>(length));
    add(record_of(status) + target);
    return {};
  }

  Result<Fd> arrive(const TreeEntry& entry) {
    ends_.push_back(path_.size());
    path_ += (path_.empty() ? "" : "/") + std::string(entry.name);
    ++sum_.entries;
    struct stat status {};
    if (::fstatat(entry.directory, entry.name, &status, AT_SYMLINK_NOFOLLOW) < 0) return fail_system("stat");
    if (S_ISDIR(status.st_mode)) {
      Fd directory = TRY(open_unmounted(entry.directory, entry.name));
      TRY_VOID(add_directory(directory));
      return directory;
    }
    if (S_ISREG(status.st_mode))
      TRY_VOID(add_file(entry));
    else if (S_ISLNK(status.st_mode))
      TRY_VOID(add_link(entry, status));
    else
      add(record_of(status));
    TRY_VOID(leave());
    return Fd();
  }

  Result<bool> leave() {
    path_.resize(ends_.back());
    ends_.pop_back();
    return false;
  }

  const KnownContent& known_;
  std::string buffer_, path_;
  std::vector<std::size_t> ends_;  // of the paths above
  std::set<ino_t> linked_;
  Sha256::Value combined_{};
  TreeSum sum_;
};

}  // namespace

Result<TreeSum> sum_tree(Fd root, const KnownContent& known) {
  return TreeAdder(known).run(std::move(root));
}

}  // namespace podrun::ns
