// The lease of a kernel parameter of the host.
#include "supervisor/state/sysctl_lease.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
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

/// What a lease says.
struct Change {
  std::string name;
  std::string former;             ///< before the first change
  std::vector<std::string> ours;  ///< those that this run has set or was about to set
  std::uint64_t network;          ///< the network namespace that has the parameter; 0 if it is the host's
};

pod::json::Value encode(const Change& change) {
  return pod::json::object(
      {{"name", change.name}, {"former", change.former}, {"ours", change.ours}, {"network", change.network}});
}

Result<Change> decode(const pod::json::Value& object) {
  std::string mistake;
  const pod::json::Reader reader(object, mistake);
  Change change{.name = reader.text("name"),
                .former = reader.text("former"),
                .ours = reader.texts("ours"),
                .network = reader.number<std::uint64_t>("network")};
  if (!mistake.empty()) return fail("no lease: " + mistake);
  return change;
}

/// The network namespace in which a parameter of that name is this process's.
Result<std::uint64_t> network_of(const std::string& name) {
  if (!name.starts_with("net/")) return 0;
  return TRY(ns::namespaces_of(::getpid()))[static_cast<std::size_t>(pod::NamespaceKind::Net)];
}

/// Another network namespace has another parameter of that name, which is not touched.
Result<> check_network(const Change& change) {
  if (const std::uint64_t own = TRY(network_of(change.name)); own != change.network)
    return fail(fmt::format("{} was changed in the network namespace {}, and this is {}", change.name, change.network,
                            own));
  return {};
}

bool is_ours(const Change& change, const std::string& value) {
  return std::ranges::find(change.ours, value) != change.ours.end();
}

}  // namespace

Result<> lease_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name,
                      const std::string& value) {
  const Parameter parameter = TRY(open_parameter(name));
  std::string present = TRY(read_value(parameter));
  if (present == value) return {};
  std::string key = name;
  std::ranges::replace(key, '/', '.');
  Change change{.name = name, .former = present, .ours = {}, .network = TRY(network_of(name))};
  if (const auto lease = TRY(find_lease(layout, owner, sysctl_kind, key))) {
    Change earlier = TRY(decode(*lease));
    TRY_VOID(check_network(earlier));
    if (is_ours(earlier, present)) change = std::move(earlier);
  }
  // The present value may be an earlier one of ours: until the new one is written, that is what the undo will find.
  if (!is_ours(change, value)) change.ours.push_back(value);
  TRY_VOID(write_lease(layout, owner, sysctl_kind, key, encode(change)));
  return write_value(parameter, value);
}

Result<> undo_sysctl(const pod::json::Value& object) {
  const Change change = TRY(decode(object));
  TRY_VOID(check_network(change));
  const auto parameter = open_parameter(change.name);
  const auto present = parameter ? read_value(*parameter) : std::unexpected(parameter.error());
  if (!present && present.error().number == ENOENT) return {};  // a network interface that is gone, or a module
  if (!present) return std::unexpected(present.error());
  return is_ours(change, *present) ? write_value(*parameter, change.former) : Result<>{};
}

}  // namespace podrun::supervisor
