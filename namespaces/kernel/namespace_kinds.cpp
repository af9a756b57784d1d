// The eight kinds of namespaces as links below /proc/PID/ns.
#include "namespaces/kernel/namespace_kinds.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

namespace podrun::ns {

Result<NamespaceIds> namespaces_of(pid_t pid) {
  NamespaceIds ids{};
  for (std::size_t kind = 0; kind < ids.size(); ++kind) {
    const std::string path = fmt::format("/proc/{}/ns/{}", pid, pod::namespace_names[kind]);
    struct stat status{};
    if (::stat(path.c_str(), &status) < 0) return fail_system(path);
    ids[kind] = status.st_ino;
  }
  return ids;
}

}  // namespace podrun::ns
