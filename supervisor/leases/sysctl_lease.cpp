// Leases of kernel parameters of the host. Those that pods share have files of their own; one lock, on the folder of all
// of them, keeps pods apart that start and end at the same time.
#include "supervisor/leases/sysctl_lease.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "namespaces/paths/kernel_parameter.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/leases/leases.hpp"

namespace podrun::supervisor {
namespace {

/// What a lease says.
struct Change {
  std::string name;
  std::string former;             ///< before the first change
  std::vector<std::string> ours;  ///< those that pods have set or were about to set
  std::uint64_t network = 0;      ///< the network namespace that has the parameter; 0 if it is the host's
  std::string boot{};             ///< of a shared one: in which it was changed. Another boot has undone it
};

pod::json::Value encode(const Change& change) {
  return pod::json::object({{"name", change.name},
                            {"former", change.former},
                            {"ours", change.ours},
                            {"network", change.network},
                            {"boot", change.boot}});
}

Result<Change> decode(const pod::json::Value& object) {
  std::string mistake;
  const pod::json::Reader reader(object, mistake);
  Change change{.name = reader.text("name"),
                .former = reader.text("former"),
                .ours = reader.texts("ours"),
                .network = reader.number<std::uint64_t>("network")};
  if (reader.has("boot")) change.boot = reader.text("boot");
  if (!mistake.empty()) return fail("no lease: " + mistake);
  return change;
}

/// Another network namespace has another parameter of that name, which is not touched.
Result<> check_network(const Change& change) {
  if (const std::uint64_t own = TRY(ns::network_of_parameter(change.name)); own != change.network)
    return fail(fmt::format("{} was changed in the network namespace {}, and this is {}", change.name, change.network,
                            own));
  return {};
}

bool is_ours(const Change& change, const std::string& value) {
  return std::ranges::find(change.ours, value) != change.ours.end();
}

/// Puts the former value back if the present one is that of pods. It is no error if the parameter is gone, with a network
/// interface or a module.
Result<> undo_change(const Change& change) {
  TRY_VOID(check_network(change));
  const auto present = ns::read_parameter(change.name);
  if (!present && present.error().number == ENOENT) return {};
  if (!present) return std::unexpected(present.error());
  return is_ours(change, *present) ? ns::write_parameter(change.name, change.former) : Result<>{};
}

// ---- shared ones ----

/// The name of the note. A pod's file has a "_" in its name.
constexpr const char* note = "change";
/// One that a crash has left half written: DirectoryHandle::write_file().
constexpr const char* unfinished_note = "change.new";
constexpr std::size_t longest_note = 64 << 10;

ns::DirectoryHandle folder_of_all(const Layout& layout) { return {layout.run(), ".sysctls"}; }

/// One parameter. Where there is a note, there is a pod's file: that is made before, and removed after it.
struct Shared {
  ns::DirectoryHandle folder;
  std::optional<Change> change;  ///< empty: none, or another boot's

  /// The names of pods' files.
  std::vector<std::string> holders() const {
    std::vector<std::string> names = folder.names();
    std::erase_if(names, [](const std::string& name) { return name.find('_') == name.npos; });
    return names;
  }
};

Result<Shared> read_shared(ns::DirectoryHandle folder) {
  Shared shared{std::move(folder), std::nullopt};
  const auto text = shared.folder.read_file(note, longest_note);
  if (!text && text.error().number == ENOENT) return shared;
  const auto object = text ? pod::json::parse(*text) : std::unexpected(text.error());
  auto change = object ? decode(*object) : std::unexpected(object.error());
  if (!change) return fail(fmt::format("lease {}: {}", shared.folder.path_of(note), change.error().message));
  if (change->boot == boot_id()) shared.change = std::move(*change);
  return shared;
}

Result<> remove(const ns::DirectoryHandle& folder, const std::string& name) {
  if (::unlinkat(folder.fd(), name.c_str(), 0) < 0 && errno != ENOENT) return fail_system(folder.path_of(name));
  return {};
}

/// The parameters that are shared now. What cannot be read is noted in `errors`.
std::vector<Shared> read_all(const ns::DirectoryHandle& all, std::string& errors) {
  std::vector<Shared> found;
  for (const std::string& name : all.names()) {
    ns::DirectoryHandle folder = all.below(name);
    if (!folder.open()) continue;
    auto shared = read_shared(std::move(folder));
    if (shared)
      found.push_back(std::move(*shared));
    else
      errors += (errors.empty() ? "" : "; ") + shared.error().message;
  }
  return found;
}

/// Ends what the runs of a pod have of one parameter.
Result<> end_one(const ns::DirectoryHandle& all, const Shared& shared, const std::string& id) {
  const std::vector<std::string> holders = shared.holders();
  std::vector<std::string> own;
  std::ranges::copy_if(holders, std::back_inserter(own),
                       [&](const std::string& holder) { return holder.starts_with(id + "_"); });
  if (own.empty()) return {};
  if (own.size() == holders.size()) {
    if (const auto undone = shared.change ? undo_change(*shared.change) : Result<>{}; !undone)
      return fail(fmt::format("lease {}: {}", shared.folder.path_of(note), undone.error().message));
    // From here on the value is nobody's: a later pod that finds it takes it for that of others.
    TRY_VOID(remove(shared.folder, note));
    TRY_VOID(remove(shared.folder, unfinished_note));
  }
  for (const std::string& each : own) TRY_VOID(remove(shared.folder, each));
  const std::string path = shared.folder.path();
  ::unlinkat(all.fd(), path.substr(path.rfind('/') + 1).c_str(), AT_REMOVEDIR);  // ENOTEMPTY: others need it
  return {};
}

}  // namespace

Result<> lease_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name,
                      const std::string& value) {
  const std::string present = TRY(ns::read_parameter(name));
  if (present == value) return {};
  std::string key = name;
  std::ranges::replace(key, '/', '.');
  Change change{.name = name, .former = present, .ours = {}, .network = TRY(ns::network_of_parameter(name))};
  if (const auto lease = TRY(find_lease(layout, owner, sysctl_kind, key))) {
    Change earlier = TRY(decode(*lease));
    TRY_VOID(check_network(earlier));
    if (is_ours(earlier, present)) change = std::move(earlier);
  }
  // The present value may be an earlier one of ours: until the new one is written, that is what the undo will find.
  if (!is_ours(change, value)) change.ours.push_back(value);
  TRY_VOID(write_lease(layout, owner, sysctl_kind, key, encode(change)));
  return ns::write_parameter(name, value);
}

Result<> undo_sysctl(const pod::json::Value& object) { return undo_change(TRY(decode(object))); }

Result<> share_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name,
                      const std::string& value) {
  ns::DirectoryHandle all = folder_of_all(layout);
  TRY_VOID(all.make());
  const Fd locked = TRY(all.lock());
  const std::uint64_t network = TRY(ns::network_of_parameter(name));
  const std::string present = TRY(ns::read_parameter(name));
  std::string key = name;
  std::ranges::replace(key, '/', '.');
  ns::DirectoryHandle folder = all.below(fmt::format("{}-{}", network, key));
  if (const auto opened = folder.open(); !opened && opened.error().number != ENOENT) return opened;
  Shared shared = TRY(read_shared(std::move(folder)));
  const bool is_ours = shared.change && supervisor::is_ours(*shared.change, present);
  if (present == value && !is_ours) return {};
  TRY_VOID(shared.folder.make());
  // Without a note, the files are of another boot, or of an undo that was interrupted.
  if (!shared.change)
    for (const std::string& holder : shared.holders()) TRY_VOID(remove(shared.folder, holder));
  TRY(shared.folder.create_file(owner.id + "_" + owner.uid, 0600));
  // A value that others have set meanwhile is the one that comes back.
  Change change{.name = name, .former = present, .ours = {value}, .network = network, .boot = boot_id()};
  if (is_ours) change = *shared.change;
  const bool is_noted = is_ours && supervisor::is_ours(change, value);
  if (!supervisor::is_ours(change, value)) change.ours.push_back(value);
  if (!is_noted) TRY_VOID(shared.folder.write_file(note, pod::json::dump(encode(change)), 0600));
  return present == value ? Result<>{} : ns::write_parameter(name, value);
}

Result<> end_shared_sysctls(const Layout& layout, const std::string& id) {
  ns::DirectoryHandle all = folder_of_all(layout);
  if (!all.open()) return {};  // nothing is shared
  const Fd locked = TRY(all.lock());
  std::string errors;
  for (const Shared& shared : read_all(all, errors))
    if (const auto ended = end_one(all, shared, id); !ended)
      errors += (errors.empty() ? "" : "; ") + ended.error().message;
  return errors.empty() ? Result<>{} : fail(errors);
}

std::vector<std::string> pods_with_shared_sysctls(const Layout& layout) {
  std::set<std::string> ids;
  std::string errors;
  ns::DirectoryHandle all = folder_of_all(layout);
  if (!all.open()) return {};
  for (const Shared& shared : read_all(all, errors))
    for (const std::string& holder : shared.holders()) ids.insert(holder.substr(0, holder.rfind('_')));
  return {ids.begin(), ids.end()};
}

std::vector<std::string> shared_sysctls(const Layout& layout) {
  std::vector<std::string> names;
  std::string errors;
  ns::DirectoryHandle all = folder_of_all(layout);
  if (!all.open()) return {};
  for (const Shared& shared : read_all(all, errors))
    if (shared.change && ns::network_of_parameter(shared.change->name).value_or(0) == shared.change->network)
      names.push_back(shared.change->name);
  std::ranges::sort(names);
  return names;
}

}  // namespace podrun::supervisor
