// The table of a pod: made, and removed, by the socket that owns it.
#include <linux/netlink.h>

#include <cerrno>
#include <cstdint>

#include <fcntl.h>

#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/network/network_steps.hpp"
#include "namespaces/netlink/nft_messages.hpp"
#include "namespaces/netlink/nft_sets.hpp"

namespace podrun::ns {

Result<Fd> make_filter(const pod::nft::Table& table) {
  NetlinkBatch batch;
  begin_transaction(batch);
  if (has_netdev_table(table)) add_owned_table(batch, table.name, TableFamily::Netdev);
  if (has_inet_table(table)) add_owned_table(batch, table.name, TableFamily::Inet);
  std::uint32_t id = 0;
  for (const auto& set : table.sets) add_set(batch, table.name, set, ++id);
  for (const auto& chain : table.chains) {
    add_chain(batch, table.name, chain);
    for (const auto& rule : chain.rules) add_rule(batch, table.name, chain, rule);
  }
  end_transaction(batch);
  NetlinkSocket socket = TRY(NetlinkSocket::open(NETLINK_NETFILTER));
  TRY_VOID(socket.send(batch));
  return socket.release();
}

Result<> remove_filter(int owner, const std::string& table) {
  // The kernel knows the owner by the socket, whichever descriptor of it sends.
  Fd copy(::fcntl(owner, F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system("delete the tables " + table);
  NetlinkSocket socket = NetlinkSocket::adopt(std::move(copy));
  // Two transactions: one that finds a table gone does nothing at all. What the pod may send is limited to the last.
  for (const TableFamily family : {TableFamily::Inet, TableFamily::Netdev}) {
    NetlinkBatch batch;
    begin_transaction(batch);
    delete_owned_table(batch, table, family);
    end_transaction(batch);
    TRY_VOID(socket.send(batch));
  }
  return {};
}

}  // namespace podrun::ns
