// The table that pods of one root have in common.
#include "supervisor/network/shared_table.hpp"

#include <fcntl.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/network/network_steps.hpp"
#include "namespaces/network/shared_filter.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

/// The owner's socket; empty if no pod that runs has it, or gives it.
Fd find_socket(const Layout& layout, const TableSeeker& seeker, std::uint32_t owner) {
  for (const int socket : seeker.others)
    if (ns::is_owner(socket, owner)) return Fd(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  for (const std::string& id : known_pods(layout)) {
    if (id == seeker.pod) continue;
    const auto record = read_state(layout, id);
    if (!record || record->networks.empty()) continue;
    const Fd pause = open_pause(layout, id);
    if (!pause) continue;
    if (Fd socket = ns::take_owner(pause.get(), owner)) return socket;
  }
  return {};
}

}  // namespace

Result<Fd> lock_tables(const Layout& layout) {
  ns::DirectoryHandle folder(layout.run(), ".tables");
  TRY_VOID(folder.make());
  return folder.lock();
}

pod::nft::Table named(pod::nft::Table table, bool is_own, std::uint32_t number) {
  if (is_own) table.name += fmt::format("-{}", number);
  return table;
}

Result<SharedTable> share_table(const Layout& layout, const TableSeeker& seeker, const pod::nft::Table& table) {
  const ns::FoundTable found = TRY(ns::find_filter(seeker.socket, table.name));
  if (found.owner)
    if (Fd socket = find_socket(layout, seeker, *found.owner)) return SharedTable{.socket = std::move(socket)};
  // Another root has locks of its own: it may make the table at this moment.
  if (!found.exists)
    if (auto made = ns::make_filter(table)) return SharedTable{.socket = std::move(*made), .is_new = true};
  return SharedTable{.socket = TRY(ns::make_filter(named(table, true, seeker.number))), .is_own = true};
}

}  // namespace podrun::supervisor
