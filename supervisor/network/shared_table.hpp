// The table that pods of one root have in common. The first pod makes it, with a socket that the pauses of all hold, so
// it ends with the last of them. Whoever looks for the socket, or sends by it, has the lock of the root's tables.
//
// The name of the table is that of its content, so a table of that name is the right one. Its socket is asked of the
// kernel (who owns the table?) and taken from the pause of another pod of this root. If no pod has it, as with pods of
// another root in the same network namespace, the pod makes such a table for itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/network/nft_table.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The socket that owns the table, and whether that is one of this pod alone.
struct SharedTable {
  Fd socket{};
  bool is_own = false;
  bool is_new = false;  ///< no pause has the socket yet
};

/// Locks the tables of the root, until the descriptor is closed.
Result<Fd> lock_tables(const Layout& layout);

/// The table as it is called: that of one pod alone has its number in the name.
pod::nft::Table named(pod::nft::Table table, bool is_own, std::uint32_t number);

/// The network for which a table is looked for.
struct TableSeeker {
  const std::string& pod;    ///< its id
  std::uint32_t number;      ///< of the network
  int socket;                ///< one of netfilter, to ask by
  std::vector<int> others;   ///< those of shared tables that the pod has for other networks
};
/// Finds or makes the table, with the lock.
Result<SharedTable> share_table(const Layout& layout, const TableSeeker& seeker, const pod::nft::Table& table);

}  // namespace podrun::supervisor
