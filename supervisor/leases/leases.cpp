// Leases: a note on disk of each change that a pod makes to an object of others.
#include "supervisor/leases/leases.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/leases/docker_lease.hpp"
#include "supervisor/leases/sysctl_lease.hpp"

namespace podrun::supervisor {
namespace {

/// The version of the file. It grows when the meaning of a member changes.
constexpr int version = 1;

constexpr std::size_t longest_lease = 64 << 10;

/// The beginning of a file that is not complete: the change that it is about was not made. No kind begins with it.
constexpr char unfinished = '.';

/// One kind of change.
struct LeaseKind {
  std::string_view name;
  /// Whether a reboot undoes the change. What is there afterwards is others', even if it looks the same.
  bool ends_with_boot;
  /// Undoes the change that `object` describes if the object still is as the change has left it. It is no error if the
  /// object is not there any more.
  Result<> (*undo)(const pod::json::Value& object);
};

/// All kinds. A kind is added with its first user.
constexpr std::array kinds{LeaseKind{.name = sysctl_kind, .ends_with_boot = true, .undo = undo_sysctl},
                           LeaseKind{.name = docker_kind, .ends_with_boot = true, .undo = undo_docker_rules}};

/// What a file says.
struct Note {
  const LeaseKind* kind;
  std::string boot;      ///< in which it was written
  std::int64_t written;  ///< when, by CLOCK_BOOTTIME, in nanoseconds
  pod::json::Value object;
};

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

Result<Note> decode(const std::string& text) {
  std::string mistake;
  const pod::json::Value value = TRY(pod::json::parse(text));
  const pod::json::Reader lease(value, mistake);
  const int written_by = lease.number<int>("version");
  const std::string kind = lease.text("kind");
  if (!mistake.empty()) return fail("no lease: " + mistake);
  if (written_by > version)
    return fail(fmt::format("a newer podrun has written it (version {}), and has to undo it", written_by));
  if (written_by < 1) return fail(fmt::format("no lease: there is no version {}", written_by));
  const auto found = std::ranges::find(kinds, kind, &LeaseKind::name);
  if (found == kinds.end())
    return fail(fmt::format("this podrun cannot undo a change of the kind {}", pod::in_quotes(kind)));
  Note note{.kind = &*found,
            .boot = lease.text("boot"),
            .written = lease.number<std::int64_t>("written"),
            .object = lease.member("object").value()};
  if (!mistake.empty()) return fail("no lease: " + mistake);
  return note;
}

/// Reads a lease. An error names the file.
Result<Note> read_note(const ns::DirectoryHandle& folder, const std::string& name) {
  const auto text = folder.read_file(name, longest_lease);
  if (!text) return fail("lease " + text.error().message, text.error().number);
  auto note = decode(*text);
  if (!note) return fail(fmt::format("lease {}: {}", folder.path_of(name), note.error().message));
  return note;
}

/// The lease of that name if there is one, and a reboot has not ended it.
Result<std::optional<Note>> find_note(const ns::DirectoryHandle& folder, const std::string& name) {
  auto note = read_note(folder, name);
  if (!note && note.error().number == ENOENT) return std::nullopt;
  if (!note) return std::unexpected(note.error());
  if (note->kind->ends_with_boot && note->boot != boot_id()) return std::nullopt;
  return std::move(*note);
}

std::string name_of(std::string_view kind, std::string_view key) { return fmt::format("{}-{}", kind, key); }

Result<> remove(const ns::DirectoryHandle& folder, const std::string& name) {
  if (::unlinkat(folder.fd(), name.c_str(), 0) < 0 && errno != ENOENT) return fail_system(folder.path_of(name));
  return {};
}

/// A lease, and where it is.
struct FoundLease {
  const ns::DirectoryHandle* folder;
  std::string name;
  Note note;
};

/// Undoes what a lease says, and removes it.
Result<> undo_and_remove(const FoundLease& lease) {
  const bool has_ended = lease.note.kind->ends_with_boot && lease.note.boot != boot_id();
  if (const auto undone = has_ended ? Result<>{} : lease.note.kind->undo(lease.note.object); !undone)
    return fail(fmt::format("lease {}: {}", lease.folder->path_of(lease.name), undone.error().message));
  return remove(*lease.folder, lease.name);
}

}  // namespace

Result<> write_lease(const Layout& layout, const LeaseOwner& owner, std::string_view kind, std::string_view key,
                     pod::json::Value object) {
  const ns::DirectoryHandle folder = TRY(make_folder(layout, owner));
  const std::string name = name_of(kind, key), temporary = unfinished + name;
  const auto former = TRY(find_note(folder, name));
  const std::int64_t written = former ? former->written : boot_now().count();
  const std::string text = pod::json::dump(pod::json::object({{"version", version},
                                                              {"kind", kind},
                                                              {"boot", boot_id()},
                                                              {"written", written},
                                                              {"object", std::move(object)}}));
  const Fd file = TRY(folder.create_file(temporary, 0600));
  TRY_VOID(ns::write_all(file.get(), text, folder.path_of(temporary)));
  if (::fsync(file.get()) < 0 || ::renameat(folder.fd(), temporary.c_str(), folder.fd(), name.c_str()) < 0)
    return fail_system(folder.path_of(name));
  return sync(folder);
}

Result<std::optional<pod::json::Value>> find_lease(const Layout& layout, const LeaseOwner& owner, std::string_view kind,
                                                   std::string_view key) {
  ns::DirectoryHandle folder = layout.lease_folder(owner.id, owner.uid);
  if (const auto opened = folder.open(); !opened && opened.error().number != ENOENT)
    return std::unexpected(opened.error());
  auto note = TRY(find_note(folder, name_of(kind, key)));
  if (!note) return std::nullopt;
  return std::move(note->object);
}

Result<> undo_leases(const Layout& layout, const std::string& id) {
  std::string errors;
  const auto note = [&](const auto& done) {
    if (!done) errors += (errors.empty() ? "" : "; ") + done.error().message;
    return bool(done);
  };
  note(end_shared_sysctls(layout, id));
  ns::DirectoryHandle all = layout.lease_folder();
  if (!all.open()) return errors.empty() ? Result<>{} : fail(errors);  // nothing else was ever changed
  std::map<std::string, ns::DirectoryHandle> folders;
  std::vector<FoundLease> leases;
  for (const LeaseOwner& owner : owners(layout)) {
    if (owner.id != id) continue;
    ns::DirectoryHandle opened = layout.lease_folder(owner.id, owner.uid);
    if (!note(opened.open())) continue;
    const ns::DirectoryHandle& folder = folders[owner.id + "_" + owner.uid] = std::move(opened);
    for (std::string& name : folder.names()) {
      if (name.starts_with(unfinished))
        note(remove(folder, name));
      else if (auto read = read_note(folder, name); note(read))
        leases.push_back({&folder, std::move(name), std::move(*read)});
    }
  }
  // The last change is undone first: it may have found what an earlier one had made.
  std::ranges::sort(leases, std::greater{}, [](const FoundLease& lease) { return lease.note.written; });
  for (const FoundLease& lease : leases) note(undo_and_remove(lease));
  for (const auto& [name, folder] : folders) {
    note(sync(folder));
    ::unlinkat(all.fd(), name.c_str(), AT_REMOVEDIR);  // ENOTEMPTY: an error was noted
  }
  return errors.empty() ? Result<>{} : fail(errors);
}

std::vector<std::string> pods_with_leases(const Layout& layout) {
  const std::vector<std::string> sharing = pods_with_shared_sysctls(layout);
  std::set<std::string> ids(sharing.begin(), sharing.end());
  for (LeaseOwner& owner : owners(layout)) ids.insert(std::move(owner.id));
  return {ids.begin(), ids.end()};
}

}  // namespace podrun::supervisor
