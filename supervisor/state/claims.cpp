// Volumes of claims, which outlive pods.
#include "supervisor/state/claims.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/inode_flags.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

/// Suffix of a volume that is being removed. No claim can have such a name, and the next removal completes an
/// interrupted one.
constexpr std::string_view removed_suffix = "~removed";

std::vector<std::string> directories_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (entry.is_directory(error) && !entry.is_symlink(error)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

/// The size on disk. A file with several hard links counts once. Files that vanish meanwhile and mounted file systems
/// do not count.
std::uint64_t size_of(const std::string& path) {
  constexpr std::uint64_t block = 512;
  std::uint64_t bytes = 0;
  std::set<std::pair<std::uint64_t, ino_t>> seen;
  const auto add = [&](int directory, const char* name, int flags) {
    struct statx status{};
    constexpr unsigned asked = STATX_TYPE | STATX_NLINK | STATX_INO | STATX_BLOCKS;
    if (::statx(directory, name, flags | AT_SYMLINK_NOFOLLOW, asked, &status) < 0) return false;
    if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 && *name != '\0') return false;
    const std::uint64_t device = std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor;
    if (status.stx_nlink == 1 || S_ISDIR(status.stx_mode) || seen.emplace(device, status.stx_ino).second)
      bytes += status.stx_blocks * block;
    return S_ISDIR(status.stx_mode);
  };
  Fd top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top || !add(top.get(), "", AT_EMPTY_PATH)) return 0;
  (void)ns::walk_tree(std::move(top), {.arrive = [&](const ns::TreeEntry& entry) -> Result<Fd> {
                        if (!add(entry.directory, entry.name, 0)) return Fd();
                        return ns::open_unmounted(entry.directory, entry.name).value_or(Fd());
                      }});
  return bytes;
}

/// Takes a flock(2) on the directory of all claims.
Result<Fd> lock_claims(const Layout& layout, int operation) {
  Fd directory(::open(layout.claims().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_system(layout.claims());
  while (::flock(directory.get(), operation) < 0)
    if (errno != EINTR) return fail_system(layout.claims());
  return directory;
}

std::vector<std::string> users_of(const Layout& layout, const std::string& namespace_name, const std::string& name) {
  std::vector<std::string> users;
  for (const std::string& id : known_pods(layout)) {
    if (!is_running(layout, id)) continue;
    const auto record = read_state(layout, id);
    if (record && record->namespace_name == namespace_name &&
        std::ranges::find(record->claims, name) != record->claims.end())
      users.push_back(record->name);
  }
  return users;
}

}  // namespace

std::vector<Claim> list_claims(const Layout& layout, const std::string& namespace_name) {
  std::vector<Claim> claims;
  for (const std::string& space : directories_in(layout.claims())) {
    if (!namespace_name.empty() && space != namespace_name) continue;
    for (const std::string& name : directories_in(layout.claims() + "/" + space))
      if (!name.ends_with(removed_suffix))
        claims.push_back({.namespace_name = space,
                          .name = name,
                          .bytes = size_of(layout.claim(space, name)),
                          .used_by = users_of(layout, space, name)});
  }
  return claims;
}

Result<Fd> lock_claims_shared(const Layout& layout) {
  TRY_VOID(ns::make_directories(layout.claims(), 0700));
  return lock_claims(layout, LOCK_SH);
}

// With the lock held, the users of the claim are determined and the volume is renamed. A pod that starts meanwhile has
// either recorded its claims before, or makes the volume anew afterwards.
Result<> remove_claim(const Layout& layout, const std::string& namespace_name, const std::string& name) {
  const std::string path = layout.claim(namespace_name, name), removed = path + std::string(removed_suffix);
  TRY_VOID(ns::remove_tree(removed));
  auto lock = lock_claims(layout, LOCK_EX);
  if (!lock && lock.error().number != ENOENT) return std::unexpected(lock.error());
  if (const auto users = users_of(layout, namespace_name, name); !users.empty())
    return fail(fmt::format("volume {} is used by {}", name, pod::joined(users, ", ")), EBUSY);
  const auto move = [&] { return ::rename(path.c_str(), removed.c_str()) == 0; };
  if (!move() && (errno != EPERM || !ns::clear_protection(AT_FDCWD, path.c_str()) || !move()))
    return errno == ENOENT ? fail(fmt::format("there is no volume {} in namespace {}", name, namespace_name), ENOENT)
                           : fail_system(path);
  if (lock) lock->reset();
  return ns::remove_tree(removed);
}

std::string claim_table(const std::vector<Claim>& claims) {
  std::vector<std::vector<std::string>> rows{{"NAMESPACE", "NAME", "SIZE", "USED BY"}};
  for (const Claim& claim : claims)
    rows.push_back({claim.namespace_name, claim.name, human_size(claim.bytes),
                    claim.used_by.empty() ? "-" : pod::joined(claim.used_by, ", ")});
  return aligned(rows);
}

}  // namespace podrun::supervisor
