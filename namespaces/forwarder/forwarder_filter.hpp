// The system calls that a forwarder may make once it is confined: those of connections that it accepts and makes. It
// opens no file, makes no process, signals nobody, binds and listens to nothing. libc alone.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "namespaces/helper/call_filter.hpp"

namespace podrun::forwarder {

/// Calls without a condition. Not one of them names another process.
inline constexpr long calls[] = {
    // what one has in hand: the kernel decides on the calls of this list without the filter
    SYS_recvfrom, SYS_sendto, SYS_recvmsg, SYS_sendmsg, SYS_epoll_ctl, SYS_epoll_pwait, SYS_accept4,
    SYS_connect, SYS_getsockopt, SYS_shutdown, SYS_close,
#if defined(__x86_64__)
    SYS_epoll_wait,
#endif
    SYS_read,  // the gate
    SYS_clock_gettime, SYS_restart_syscall, SYS_exit, SYS_exit_group};

/// No sockets but those of its protocols: an abstract Unix socket could be reached by name. The options leave out those
/// that would detach the filter of a host's port.
inline constexpr helper::CallRule rules[] = {
    {SYS_socket,
     {0, ~0U, AF_INET, AF_INET6},
     {1, 0xffU, SOCK_STREAM, SOCK_DGRAM},
     {2, ~0U, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}},
    {SYS_setsockopt,
     {1, ~0U, SOL_SOCKET, IPPROTO_TCP, IPPROTO_SCTP},
     {2, ~0U, TCP_NODELAY, SO_KEEPALIVE, SO_LINGER, TCP_KEEPIDLE, SO_RCVBUF, SO_SNDBUF}},
};

/// Every call that is not allowed fails with EPERM.
inline constexpr auto filter = helper::allow_calls(calls, rules);

}  // namespace podrun::forwarder
