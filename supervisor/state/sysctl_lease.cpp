// The lease of a kernel parameter of the host.
#include "supervisor/state/sysctl_lease.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/directory_handle.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/state/leases.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t longest_value = 64 << 10;

/// A kernel parameter: a file, and the folder below /proc/sys that it is in. No link and no ".." leads out of that.
struct Parameter {
  ns::DirectoryHandle folder;
  std::string file;
};

Result<Parameter> open_parameter(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::string below = slash == std::string::npos ? "" : name.substr(0, slash);
  Parameter parameter{ns::DirectoryHandle("/proc/sys", below), name.substr(below.empty() ? 0 : slash + 1)};
  TRY_VOID(parameter.folder.open());
  return parameter;
}

/// The value in one line; the kernel separates several numbers by tabs, whatever was written.
Result<std::string> read_value(const Parameter& parameter) {
  std::string text = TRY(parameter.folder.read_file(parameter.file, longest_value));
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\t', ' ');
  return text;
}

Result<> write_value(const Parameter& parameter, std::string_view value) {
  const Fd file = TRY(parameter.folder.open_file(parameter.file, O_WRONLY));
  return ns::write_all(file.get(), value, parameter.folder.path_of(parameter.file));
}

}  // namespace

Result<> lease_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name,
                      const std::string& value) {
  const Parameter parameter = TRY(open_parameter(name));
  std::string former = TRY(read_value(parameter));
  if (former == value) return {};
  std::string key = name;
  std::ranges::replace(key, '/', '.');
  TRY_VOID(write_lease(layout, owner, sysctl_kind, key,
                       pod::json::object({{"name", name}, {"former", std::move(former)}, {"ours", value}})));
  return write_value(parameter, value);
}

Result<> undo_sysctl(const pod::json::Value& object) {
  std::string mistake;
  const pod::json::Reader change(object, mistake);
  const std::string name = change.text("name"), former = change.text("former"), ours = change.text("ours");
  if (!mistake.empty()) return fail("no lease: " + mistake);
  const auto parameter = open_parameter(name);
  const auto present = parameter ? read_value(*parameter) : std::unexpected(parameter.error());
  if (!present && present.error().number == ENOENT) return {};  // a network interface that is gone, or a module
  if (!present) return std::unexpected(present.error());
  return *present == ours ? write_value(*parameter, former) : Result<>{};
}

}  // namespace podrun::supervisor
