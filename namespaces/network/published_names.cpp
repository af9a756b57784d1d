// The folder in which each pod publishes its names.
#include "namespaces/network/published_names.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {
namespace {

/// The beginning of the names of a pod's files while they are written; no pod's name has a "~". The process that writes
/// is in the name: the supervisor of a pod whose pause was killed may write while the next run starts.
std::string temporary_prefix(const std::string& id) { return "." + id + "~"; }

Result<> remove(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) < 0 && errno != ENOENT) return fail_system("names: " + name);
  return {};
}

}  // namespace

Result<Fd> open_names_folder(const std::string& path) {
  TRY_VOID(make_directories(path, 0755, 0700));
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_system(path);
  return folder;
}

Result<> publish_names(int folder, const resolver::PublishedPod& pod) {
  const std::string id = file_name_of(pod), temporary = temporary_prefix(id) + std::to_string(::getpid());
  const auto text = encode(pod);
  if (!text) return fail_system("names: " + id, EINVAL);
  const Fd file(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return fail_system("names: " + id);
  Result<> written = write_all(file.get(), *text, "names: " + id);
  if (written && (::fchmod(file.get(), 0644) < 0 || ::renameat(folder, temporary.c_str(), folder, id.c_str()) < 0))
    written = fail_system("names: " + id);
  if (!written) (void)remove(folder, temporary);
  return written;
}

Result<> withdraw_names(int folder, const std::string& id) {
  TRY_VOID(remove(folder, id));
  for (const std::string& name : names_in(Fd(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))))
    if (name.starts_with(temporary_prefix(id))) TRY_VOID(remove(folder, name));
  return {};
}

std::vector<std::string> publishers(const std::string& path) {
  std::set<std::string> ids;
  for (const std::string& name : names_in(Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)))) {
    const std::size_t hidden = name.starts_with(".") ? 1 : 0;
    ids.insert(name.substr(hidden, name.find('~') - hidden));
  }
  return {ids.begin(), ids.end()};
}

}  // namespace podrun::ns
