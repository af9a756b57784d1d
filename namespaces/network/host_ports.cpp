// Binds ports of the host, and lets nothing but loopback traffic into their sockets.
#include "namespaces/network/host_ports.hpp"

#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/socket_address.hpp"
#include "namespaces/network/host_text.hpp"
#include "pod/network/addresses.hpp"
#include "pod/network/helper_identity.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/quote.hpp"

namespace podrun::ns {
namespace {

constexpr int backlog = 4096;  // net.core.somaxconn limits it

constexpr std::uint32_t all_bytes = 0xffffffff, none = 0;
constexpr auto network_header = static_cast<std::uint32_t>(SKF_NET_OFF);

constexpr sock_filter load(std::uint16_t size, std::uint32_t offset) {
  return {static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, network_header + offset};
}
/// Goes on if the loaded value is this one, and else jumps over `skipped` instructions.
constexpr sock_filter unless(std::uint32_t value, std::uint8_t skipped) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, skipped, value};
}
constexpr sock_filter pass(std::uint32_t bytes) { return {BPF_RET | BPF_K, 0, 0, bytes}; }

/// Packets to 127.0.0.0/8, whose destination is at byte 16 of the header.
constexpr std::array to_ipv4_loopback{load(BPF_B, 16), unless(127, 1), pass(all_bytes), pass(none)};
/// Packets to ::1, whose destination is at byte 24.
constexpr std::array to_ipv6_loopback{load(BPF_W, 24), unless(0, 7), load(BPF_W, 28), unless(0, 5),
                                      load(BPF_W, 32), unless(0, 3), load(BPF_W, 36), unless(1, 1),
                                      pass(all_bytes), pass(none)};

std::string_view name_of_protocol(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" : "SCTP";
}

/// The port in messages: "port 8080/TCP of the host", "port 8080/TCP of 192.0.2.1".
std::string name_of(const pod::PublishedPort& port) {
  return fmt::format("port {}/{} of {}", port.host_port, name_of_protocol(port.protocol),
                     port.host_ip && !is_unspecified(*port.host_ip) ? text_of(*port.host_ip) : "the host");
}

/// An error about a field of a container's port.
std::unexpected<Error> fail_for(const pod::PublishedPort& port, std::string_view field, const std::string& why,
                                int number) {
  const std::string container = port.container.empty() ? "" : fmt::format("container {}: {}: ", port.container, field);
  return fail(container + why, number);
}

bool set(const Fd& socket, int level, int option, int value) {
  return ::setsockopt(socket.get(), level, option, &value, sizeof value) == 0;
}

/// Attaches the filter so that nobody can take it off, socket(7). The sockets of connections that arrive inherit it.
bool let_only_loopback_in(const Fd& socket, pod::IpFamily family) {
  const auto attach = [&](const auto& instructions) {
    const sock_fprog program{static_cast<unsigned short>(instructions.size()),
                             const_cast<sock_filter*>(instructions.data())};
    return ::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
  };
  const bool is_attached = family == pod::IpFamily::V4 ? attach(to_ipv4_loopback) : attach(to_ipv6_loopback);
  return is_attached && set(socket, SOL_SOCKET, SO_LOCK_FILTER, 1);
}

/// Makes a socket of the forwarder's user, to whom it is handed: rules about users (pod::forwarder_table) look at who
/// made a socket, and hold what is sent or connected with this one, too. A change of the user takes the signal for the
/// parent's death and the dumpable flag away, credentials(7): they are given back.
int socket_of_forwarder(int family, int type, int protocol) {
  int signal_of_parent = 0;
  ::prctl(PR_GET_PDEATHSIG, &signal_of_parent, 0, 0, 0);
  const int dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  const int user = ::setfsuid(pod::forwarder_uid);
  // It reports no error, but the present user.
  const bool is_forwarder = static_cast<uid_t>(::setfsuid(~uid_t{0})) == pod::forwarder_uid;
  errno = EPERM;
  const int made = is_forwarder ? ::socket(family, type, protocol) : -1;
  const int error = errno;
  ::setfsuid(static_cast<uid_t>(user));
  if (dumpable == 1) ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, signal_of_parent, 0, 0, 0);
  errno = error;
  return made;
}

Result<Fd> make_socket(const pod::PublishedPort& port, pod::IpFamily family) {
  const int type = port.protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
  Fd socket(socket_of_forwarder(family == pod::IpFamily::V4 ? AF_INET : AF_INET6,
                                type | SOCK_NONBLOCK | SOCK_CLOEXEC, port.protocol));
  if (!socket && errno == EPROTONOSUPPORT)
    return fail_for(port, "protocol",
                    fmt::format("{}: the kernel has no {}", name_of(port), name_of_protocol(port.protocol)),
                    EPROTONOSUPPORT);
  if (!socket) return fail_system(name_of(port));
  return socket;
}

// ---- who has a port: it leads to the number of a socket in /proc/net, and that to a process with a descriptor ----

constexpr std::string_view unknown = "a process that cannot be seen";
constexpr std::size_t longest_table = 64 << 20;

using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

/// Calls `use` with the names in a folder until it returns true.
template <typename Use>
bool find_in(const std::string& path, Use use) {
  const Folder folder(::opendir(path.c_str()));
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr)
    if (entry->d_name[0] != '.' && use(std::string(entry->d_name))) return true;
  return false;
}

/// The socket that is in the way: one that listens rather than a connection of it.
std::optional<std::uint64_t> socket_at(std::uint8_t protocol, const pod::IpAddress& address, std::uint16_t port) {
  const std::string_view name = protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp" : "";
  if (name.empty()) return std::nullopt;
  std::vector<SocketLine> sockets;
  // One of IPv6 may be bound to both families.
  for (const char* family : {"", "6"}) {
    const auto table = read_file(fmt::format("/proc/net/{}{}", name, family), longest_table);
    for (SocketLine& line : parse_sockets(table.value_or(""), port))
      if (line.address == address || is_unspecified(line.address) || is_unspecified(address))
        sockets.push_back(std::move(line));
  }
  std::erase_if(sockets, [](const SocketLine& line) { return line.inode == 0; });
  std::ranges::stable_sort(sockets, std::ranges::greater{}, [&](const SocketLine& line) {
    return std::pair(line.is_listening, line.address.family == address.family);
  });
  if (sockets.empty()) return std::nullopt;
  return sockets.front().inode;
}

bool has_socket(const std::string& pid, const std::string& socket) {
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  return find_in(folder, [&](const std::string& descriptor) {
    std::array<char, 64> target{};
    const ssize_t size = ::readlink((folder + "/" + descriptor).c_str(), target.data(), target.size());
    return size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == socket;
  });
}

/// A pause by its pod, any other process by its name.
std::string name_of_process(const std::string& pid) {
  std::string name = read_file(fmt::format("/proc/{}/comm", pid)).value_or("");
  while (name.ends_with('\n')) name.pop_back();
  const std::string words = read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  if (const std::size_t end = words.find('\0'); name == "podrun-pause" && end != words.npos) {
    const std::string id = words.substr(end + 1, words.find('\0', end + 1) - end - 1);
    return fmt::format("pod {}", pod::escaped(pod::pod_name(id)));
  }
  return fmt::format("{} (pid {})", pod::escaped(name), pid);
}

/// What the kernel tells about the socket that is bound to a port, in words that follow "is taken by": "pod web",
/// "nginx (pid 123)". `address` is the one that could not be bound.
std::string port_holder(std::uint8_t protocol, const pod::IpAddress& address, std::uint16_t port) {
  const auto inode = socket_at(protocol, address, port);
  if (!inode) return std::string(unknown);
  const std::string socket = fmt::format("socket:[{}]", *inode);
  std::string holder(unknown);
  find_in("/proc", [&](const std::string& pid) {
    if (pid.find_first_not_of("0123456789") != pid.npos || !has_socket(pid, socket)) return false;
    holder = name_of_process(pid);
    return holder.starts_with("pod ");  // the supervisor of a pod may have it as well
  });
  return holder;
}

// ---- the sockets ----

std::unexpected<Error> bind_error(const pod::PublishedPort& port, const pod::IpAddress& address, int number) {
  if (number == EADDRINUSE)
    return fail_for(port, "hostPort",
                    fmt::format("{} is taken by {}", name_of(port),
                                port_holder(port.protocol, address, port.host_port)),
                    number);
  if (number == EADDRNOTAVAIL)
    return fail_for(port, "hostIP", fmt::format("{}: the host has no address {}", name_of(port), text_of(address)),
                    number);
  if (number == EINVAL && address.family == pod::IpFamily::V6)
    return fail_for(
        port, "hostIP",
        fmt::format("{}: a link-local address is one of several interfaces, and cannot be chosen", name_of(port)),
        number);
  return fail_system(name_of(port), number);
}

/// Binds a port in one family. With SO_REUSEADDR, TCP connections in TIME_WAIT do not hinder the next pod, if they had
/// the option, too: they inherit it from this socket, so it stays set. Others cannot share the port, because this socket
/// listens. UDP has no such state, and with the option the port would be shared.
Result<Fd> bind_port(const pod::PublishedPort& port, const pod::IpAddress& address, std::uint32_t mark) {
  Fd socket = TRY(make_socket(port, address.family));
  if (!set(socket, SOL_SOCKET, SO_MARK, static_cast<int>(mark))) return fail_system(name_of(port));
  if (address.family == pod::IpFamily::V6 && !set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1))
    return fail_system(name_of(port));
  if (!let_only_loopback_in(socket, address.family)) return fail_system(name_of(port));
  const SocketAddress name(address, port.host_port);
  if (port.protocol == IPPROTO_TCP && !set(socket, SOL_SOCKET, SO_REUSEADDR, 1)) return fail_system(name_of(port));
  if (::bind(socket.get(), name.get(), name.size()) < 0) return bind_error(port, address, errno);
  // The kernel looks for others at the port again: of two that were bound at once, one can listen.
  if (port.protocol != IPPROTO_UDP && ::listen(socket.get(), backlog) < 0) return bind_error(port, address, errno);
  return socket;
}

bool has_ipv6() { return bool(Fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0))); }

}  // namespace

Result<std::vector<BoundPort>> bind_ports(const std::vector<pod::PublishedPort>& ports, std::uint32_t number) {
  const std::vector<pod::IpAddress> all = has_ipv6() ? std::vector{pod::IpAddress{}, {.family = pod::IpFamily::V6}}
                                                     : std::vector{pod::IpAddress{}};
  std::vector<BoundPort> bound;
  for (std::size_t i = 0; i < ports.size(); ++i)
    for (const pod::IpAddress& address : ports[i].host_ip ? std::vector{*ports[i].host_ip} : all)
      bound.push_back({ports[i], address.family, TRY(bind_port(ports[i], address, pod::port_mark(number, i)))});
  return bound;
}

}  // namespace podrun::ns
