// The table that pods of one root have in common.
#include "supervisor/network/shared_table.hpp"

#include <fcntl.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/network/network_steps.hpp"
#include "namespaces/network/shared_filter.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor {
namespace {

/// The owner's socket; empty if no pod that runs has it, or gives it.
Fd find_socket(const Layout& layout, const std::string& pod, std::uint32_t owner, const std::vector<int>& sockets) {
  for (const int socket : sockets)
    if (ns::is_owner(socket, owner)) return Fd(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  for (const std::string& id : known_pods(layout)) {
    const Fd pause = id == pod ? Fd() : open_pause(layout, id);
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

Result<SharedTable> share_table(const Layout& layout, const std::string& pod, std::uint32_t number,
                                const pod::nft::Table& table, const std::vector<int>& sockets) {
  const ns::FoundTable found = TRY(ns::find_filter(table.name));
  if (found.owner)
    if (Fd socket = find_socket(layout, pod, *found.owner, sockets)) return SharedTable{.socket = std::move(socket)};
  // Another root has locks of its own: it may make the table at this moment.
  if (!found.exists)
    if (auto made = ns::make_filter(table)) return SharedTable{.socket = std::move(*made), .is_new = true};
  return SharedTable{.socket = TRY(ns::make_filter(named(table, true, number))), .is_own = true};
}

}  // namespace podrun::supervisor
