// Leases: a note on disk of each change that a pod makes to an object of others.
#include "supervisor/state/leases.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/state/sysctl_lease.hpp"

namespace podrun::supervisor {
namespace {

/// The version of the file. It grows when the meaning of a member changes.
constexpr int version = 1;

constexpr std::size_t longest_lease = 64 << 10;

/// The ending of a file that is not complete: the change that it is about was not made.
constexpr std::string_view unfinished = ".new";

/// One kind of change.
struct LeaseKind {
  std::string_view name;
  /// Undoes the change that `object` describes if the object still is as the change has left it. It is no error if the
  /// object is not there any more.
  Result<> (*undo)(const pod::json::Reader& object);
};

/// All kinds. A kind is added with its first user.
constexpr std::array kinds{LeaseKind{sysctl_kind, undo_sysctl}};

Result<> sync(const ns::DirectoryHandle& folder) {
  if (::fsync(folder.fd()) < 0) return fail_system(folder.path());
  return {};
}

/// Opens the folder of a run. What is made of it is on disk afterwards.
Result<ns::DirectoryHandle> make_folder(const Layout& layout, const LeaseOwner& owner) {
  ns::DirectoryHandle folder = layout.lease_folder(owner.id, owner.uid);
  TRY_VOID(folder.make());
  ns::DirectoryHandle all = layout.lease_folder(), above(layout.root() + "/var/lib/podrun", "");
  for (ns::DirectoryHandle* each : {&all, &above}) {
    TRY_VOID(each->open());
    TRY_VOID(sync(*each));
  }
  return folder;
}

/// The run of which a folder of leases is; empty if it is none.
std::optional<LeaseOwner> owner_of(const std::string& folder) {
  const std::size_t before_name = folder.find('_');
  const std::size_t before_uid = folder.find('_', before_name + 1);
  if (before_name == std::string::npos || before_uid == std::string::npos) return std::nullopt;
  return LeaseOwner{folder.substr(0, before_uid), folder.substr(before_uid + 1)};
}

std::vector<LeaseOwner> owners(const Layout& layout) {
  std::vector<LeaseOwner> found;
  ns::DirectoryHandle folder = layout.lease_folder();
  if (!folder.open()) return found;
  for (const std::string& name : folder.names())
    if (auto owner = owner_of(name)) found.push_back(std::move(*owner));
  return found;
}

Result<> undo(const std::string& text) {
  std::string mistake;
  const pod::json::Value value = TRY(pod::json::parse(text));
  const pod::json::Reader lease(value, mistake);
  const int written = lease.number<int>("version");
  const std::string kind = lease.text("kind");
  const pod::json::Reader object = lease.member("object");
  if (mistake.empty() && written > version)
    return fail(fmt::format("a newer podrun has written it (version {}), and has to undo it", written));
  if (!mistake.empty()) return fail("no lease: " + mistake);
  const auto found = std::ranges::find(kinds, kind, &LeaseKind::name);
  if (found == kinds.end())
    return fail(fmt::format("this podrun cannot undo a change of the kind {}", pod::in_quotes(kind)));
  TRY_VOID(found->undo(object));
  return mistake.empty() ? Result<>{} : fail("no lease: " + mistake);
}

/// Undoes what a file says, and removes the file.
Result<> undo_and_remove(const ns::DirectoryHandle& folder, const std::string& name) {
  if (!name.ends_with(unfinished)) {
    const auto text = folder.read_file(name, longest_lease);  // an error names the file
    if (!text) return fail("lease " + text.error().message);
    if (const auto undone = undo(*text); !undone)
      return fail(fmt::format("lease {}: {}", folder.path_of(name), undone.error().message));
  }
  if (::unlinkat(folder.fd(), name.c_str(), 0) < 0 && errno != ENOENT) return fail_system(folder.path_of(name));
  return {};
}

}  // namespace

Result<> write_lease(const Layout& layout, const LeaseOwner& owner, std::string_view kind, std::string_view key,
                     pod::json::Value object) {
  const ns::DirectoryHandle folder = TRY(make_folder(layout, owner));
  const std::string name = fmt::format("{}-{}", kind, key), temporary = name + std::string(unfinished);
  const std::string text =
      pod::json::dump(pod::json::object({{"version", version}, {"kind", kind}, {"object", std::move(object)}}));
  const Fd file = TRY(folder.create_file(temporary, 0600));
  TRY_VOID(ns::write_all(file.get(), text, folder.path_of(temporary)));
  if (::fsync(file.get()) < 0 || ::renameat(folder.fd(), temporary.c_str(), folder.fd(), name.c_str()) < 0)
    return fail_system(folder.path_of(name));
  return sync(folder);
}

Result<> undo_leases(const Layout& layout, const std::string& id) {
  std::string errors;
  const auto note = [&](const Result<>& done) {
    if (!done) errors += (errors.empty() ? "" : "; ") + done.error().message;
    return bool(done);
  };
  ns::DirectoryHandle all = layout.lease_folder();
  if (!all.open()) return {};  // nothing was ever changed
  for (const LeaseOwner& owner : owners(layout)) {
    if (owner.id != id) continue;
    ns::DirectoryHandle folder = layout.lease_folder(owner.id, owner.uid);
    if (!note(folder.open())) continue;
    std::vector<std::string> names = folder.names();
    std::ranges::sort(names);
    for (const std::string& name : names) note(undo_and_remove(folder, name));
    ::unlinkat(all.fd(), (owner.id + "_" + owner.uid).c_str(), AT_REMOVEDIR);  // ENOTEMPTY: an error was noted
  }
  return errors.empty() ? Result<>{} : fail(errors);
}

std::vector<std::string> pods_with_leases(const Layout& layout) {
  std::set<std::string> ids;
  for (LeaseOwner& owner : owners(layout)) ids.insert(std::move(owner.id));
  return {ids.begin(), ids.end()};
}

}  // namespace podrun::supervisor
