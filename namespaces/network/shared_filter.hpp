// The table that pods have in common: it is owned by one socket, of which the pause of each pod holds a descriptor. Who
// changes elements by it sends and receives by the same socket as others, so only one process at a time does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/network/nft_table.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What is known of a table of the family inet in the caller's network namespace.
struct FoundTable {
  bool exists = false;
  std::optional<std::uint32_t> owner{};  ///< the address of the socket that owns it, netlink(7); empty: nobody does
};
/// `socket` is one of netfilter, such as another table's owner: the close of one that was opened for this alone might wait
/// for the kernel, as in forget_connections_of().
Result<FoundTable> find_filter(int socket, const std::string& table);

/// Whether a descriptor is one of the socket that owns the tables of this owner, in the caller's network namespace.
bool is_owner(int socket, std::uint32_t owner);
/// A descriptor of that socket, of which another process has one, pidfd_getfd(2). Empty: it has none, or this process may
/// not look (CAP_SYS_PTRACE).
Fd take_owner(int process, std::uint32_t owner);

/// Makes `elements` those of the pod with that number in the sets of the table, and removes those of pods that are gone,
/// which have no interface any more.
Result<> renew_elements(int owner, const pod::nft::Table& table, std::uint32_t number,
                        const std::vector<pod::nft::Element>& elements);

}  // namespace podrun::ns
