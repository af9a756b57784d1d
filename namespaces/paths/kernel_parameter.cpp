// Kernel parameters by descriptors of their folders.
#include "namespaces/paths/kernel_parameter.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/directory_handle.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t longest_value = 64 << 10;

/// A kernel parameter: a file, and the folder below /proc/sys that it is in. No link and no ".." leads out of that.
struct Parameter {
  DirectoryHandle folder;
  std::string file;
};

Result<Parameter> open_parameter(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::string below = slash == std::string::npos ? "" : name.substr(0, slash);
  Parameter parameter{DirectoryHandle("/proc/sys", below), name.substr(below.empty() ? 0 : slash + 1)};
  TRY_VOID(parameter.folder.open());
  return parameter;
}

}  // namespace

Result<std::string> read_parameter(const std::string& name) {
  const Parameter parameter = TRY(open_parameter(name));
  std::string text = TRY(parameter.folder.read_file(parameter.file, longest_value));
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\t', ' ');  // whatever was written, the kernel separates numbers by tabs
  return text;
}

Result<> write_parameter(const std::string& name, std::string_view value) {
  const Parameter parameter = TRY(open_parameter(name));
  const Fd file = TRY(parameter.folder.open_file(parameter.file, O_WRONLY));
  return write_all(file.get(), value, parameter.folder.path_of(parameter.file));
}

Result<std::uint64_t> network_of_parameter(const std::string& name) {
  if (!name.starts_with("net/")) return 0;
  struct stat network {};
  if (::stat("/proc/self/ns/net", &network) < 0) return fail_system("/proc/self/ns/net");
  return network.st_ino;
}

}  // namespace podrun::ns
