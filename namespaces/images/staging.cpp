// The folders below staging/.
#include "namespaces/images/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {
namespace {

Result<std::string> random_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return fail_system("getrandom");
  return fmt::format("{:016x}", number);
}

Fd open_folder(int directory, const std::string& name) {
  return Fd(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

Staging::~Staging() {
  if (directory_) (void)remove();
}

Result<> Staging::remove() {
  Result<> removed = remove_tree(parent_.get(), name_);
  directory_.reset();
  if (!removed) return fail(fmt::format("{}: {}", path_, removed.error().message), removed.error().number);
  return {};
}

Result<Staging> make_staging(const StoreFolders& folders) {
  Staging staging;
  staging.name_ = TRY(random_name());
  staging.path_ = folders.path_of("staging", staging.name_);
  staging.parent_ = open_folder(folders.staging.get(), ".");
  if (!staging.parent_) return fail_system(folders.path + "/staging");
  if (::mkdirat(staging.parent_.get(), staging.name_.c_str(), 0700) < 0) return fail_system(staging.path_);
  staging.directory_ = open_folder(staging.parent_.get(), staging.name_);
  if (!staging.directory_ || ::fchmod(staging.directory_.get(), 0700) < 0 ||
      ::flock(staging.directory_.get(), LOCK_EX | LOCK_NB) < 0) {
    const int error = errno;
    ::unlinkat(staging.parent_.get(), staging.name_.c_str(), AT_REMOVEDIR);
    return fail_system(staging.path_, error);
  }
  return staging;
}

Result<> sweep_staging(const StoreFolders& folders) {
  // Most often there is nothing, and then nobody has to wait for the lock.
  if (names_in(open_folder(folders.staging.get(), ".")).empty()) return {};
  std::vector<std::pair<std::string, Fd>> left;
  {
    const Fd lock = TRY(lock_store(folders, StoreAccess::Write));
    for (std::string& name : names_in(open_folder(folders.staging.get(), "."))) {
      Fd folder = open_folder(folders.staging.get(), name);
      if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) < 0) continue;
      left.emplace_back(std::move(name), std::move(folder));
    }
  }
  Result<> swept;
  for (const auto& [name, folder] : left)
    if (auto removed = remove_tree(folders.staging.get(), name); !removed && swept)
      swept = fail(fmt::format("{}: {}", folders.path_of("staging", name), removed.error().message),
                   removed.error().number);
  return swept;
}

}  // namespace podrun::ns
