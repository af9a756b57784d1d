// The folder in which each pod publishes its names.
#include "namespaces/network/published_names.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "namespaces/kernel/files.hpp"

namespace podrun::ns {
namespace {

/// The file as it is written. Its name is the pod's too, so that the pod's clean-up finds it; no pod's begins so.
std::string temporary_name(const std::string& id) { return "." + id; }

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
  const std::string id = file_name_of(pod), temporary = temporary_name(id);
  const auto text = encode(pod);
  if (!text) return fail_system("names: " + id, EINVAL);
  const Fd file(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file || ::fchmod(file.get(), 0644) < 0) return fail_system("names: " + id);
  TRY_VOID(write_all(file.get(), *text, "names: " + id));
  if (::renameat(folder, temporary.c_str(), folder, id.c_str()) < 0) return fail_system("names: " + id);
  return {};
}

std::string publisher_of(const std::string& file) { return file.substr(file.starts_with('.') ? 1 : 0); }

Result<> withdraw_names(int folder, const std::string& id) {
  TRY_VOID(remove(folder, id));
  return remove(folder, temporary_name(id));
}

}  // namespace podrun::ns
