// A socket of netlink(7), to which requests are sent. The kernel performs a request, and queues its answers, before
// sendmsg(2) returns; so nothing here waits.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/netlink/netlink_message.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A socket of rtnetlink(7) or of netfilter. It stays in the network namespace in which it was made.
class NetlinkSocket {
 public:
  /// Opens a socket of a protocol, NETLINK_ROUTE or NETLINK_NETFILTER, that hears the groups (RTMGRP_LINK).
  static Result<NetlinkSocket> open(int protocol, unsigned groups = 0);
  /// The socket of a descriptor that another has opened so.
  static NetlinkSocket adopt(Fd socket);

  /// Sends all requests at once. The error is the first one of a request that does not allow it: what it was to do, and
  /// the kernel's reason, with its sentence if it gave one. The requests after it may have been performed.
  Result<> send(const NetlinkBatch& batch);

  /// Sends a request that the kernel answers with messages, NLM_F_DUMP or none of the flags of an acknowledgement, and
  /// gives each to `hear`. Error EINTR: what was read changed meanwhile; the caller may repeat it.
  Result<> ask(const NetlinkBatch& request, const std::function<void(const NetlinkReply&)>& hear);

  /// Forgets what the kernel has answered to others who sent by the same socket.
  void drain();

  /// The index of an interface in the socket's namespace. Error ENODEV: there is none of that name.
  Result<int> interface_index(const std::string& name) const;

  int get() const { return socket_.get(); }
  /// Gives up ownership of the descriptor.
  Fd release() { return std::move(socket_); }

 private:
  explicit NetlinkSocket(Fd socket);
  Result<> transmit(const NetlinkBatch& batch);
  Result<Bytes> receive();

  Fd socket_;
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace podrun::ns
