// The table that pods have in common.
#include "namespaces/network/shared_filter.hpp"

#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/netlink/nft_messages.hpp"
#include "namespaces/netlink/nft_sets.hpp"
#include "pod/network/addresses.hpp"

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

/// A process has its descriptors in the lowest numbers: after so many that are not open, there are no more.
constexpr int longest_gap = 256;
/// Others may change rules while they are read.
constexpr int tries = 20;

int option_of(int socket, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

/// The network namespace of a socket. 0: it is not known.
ino_t namespace_of(int socket) {
  const Fd its(::ioctl(socket, SIOCGSKNS));
  struct stat status {};
  return its && ::fstat(its.get(), &status) == 0 ? status.st_ino : 0;
}

Result<NetlinkSocket> copy_of(int socket, const std::string& table) {
  Fd copy(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system("the socket for the table inet " + table);
  return NetlinkSocket::adopt(std::move(copy));
}

Result<std::vector<nft::Element>> read_elements(NetlinkSocket& socket, const nft::Table& table) {
  std::vector<nft::Element> elements;
  for (const nft::Set& set : table.sets) {
    std::vector<nft::ElementValue> values;
    Result<> read = fail_system("read the sets of the table inet " + table.name, EINTR);
    for (int i = 0; i < tries && !read && read.error().number == EINTR; ++i) {
      values.clear();
      read = socket.ask(question_about_elements(table.name, set.name), [&](const NetlinkReply& reply) {
        std::ranges::move(elements_in(reply.attributes_after<nfgenmsg>(), set), std::back_inserter(values));
      });
    }
    TRY_VOID(std::move(read));
    for (nft::ElementValue& value : values) elements.push_back({set.name, std::move(value)});
  }
  return elements;
}

/// The pods whose elements stay: those with an interface. Each has an element for one port at least.
class LivePods {
 public:
  LivePods(const std::vector<nft::Element>& elements, std::uint32_t own) : own_(own) {
    for (const nft::Element& element : elements)
      if (const auto* port = std::get_if<nft::PortOfMark>(&element.value); port != nullptr && is_alive(port->mark))
        addresses_.insert(port->address);
  }
  bool has(const nft::Element& element) const {
    const auto* port = std::get_if<nft::PortOfMark>(&element.value);
    return addresses_.contains(port != nullptr ? port->address : std::get<nft::SameEnds>(element.value).address) &&
           (port == nullptr || alive_.at(pod::number_of_mark(port->mark)));
  }

 private:
  bool is_alive(std::uint32_t mark) {
    const std::uint32_t number = pod::number_of_mark(mark);
    const auto [known, is_new] = alive_.try_emplace(number, false);
    if (is_new) known->second = number != own_ && ::if_nametoindex(pod::interface_name(number).c_str()) != 0;
    return known->second;
  }

  std::uint32_t own_;
  std::map<std::uint32_t, bool> alive_;
  std::set<pod::IpAddress> addresses_;
};

}  // namespace

Result<FoundTable> find_filter(int socket, const std::string& table) {
  NetlinkSocket copy = TRY(copy_of(socket, table));
  FoundTable found;
  const Result<> asked = copy.ask(question_about_table(table), [&](const NetlinkReply& reply) {
    found = {.exists = true, .owner = owner_of_table(reply.attributes_after<nfgenmsg>())};
  });
  if (!asked && asked.error().number != ENOENT) return std::unexpected(asked.error());
  return found;
}

bool is_owner(int socket, std::uint32_t owner) {
  if (option_of(socket, SO_DOMAIN) != AF_NETLINK || option_of(socket, SO_PROTOCOL) != NETLINK_NETFILTER) return false;
  sockaddr_nl name{};
  socklen_t size = sizeof name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0 || name.nl_pid != owner) return false;
  // Such an address is unique in a network namespace.
  const Fd here(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  return here && namespace_of(socket) != 0 && namespace_of(socket) == namespace_of(here.get());
}

Fd take_owner(int process, std::uint32_t owner) {
  for (int number = 0, gap = 0; gap < longest_gap; ++number) {
    Fd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process, number, 0)));
    if (!copy && errno != EBADF) return {};
    gap = copy ? 0 : gap + 1;
    if (copy && is_owner(copy.get(), owner)) return copy;
  }
  return {};
}

Result<> renew_elements(int owner, const nft::Table& table, std::uint32_t number,
                        const std::vector<nft::Element>& elements) {
  NetlinkSocket socket = TRY(copy_of(owner, table.name));
  socket.drain();
  const std::vector<nft::Element> present = TRY(read_elements(socket, table));
  const LivePods live(present, number);
  const std::set<nft::Element> wanted(elements.begin(), elements.end()), there(present.begin(), present.end());
  NetlinkBatch batch;
  begin_transaction(batch);
  const std::size_t before = batch.requests().size();
  for (const nft::Element& each : present)
    if (!wanted.contains(each) && !live.has(each)) delete_element(batch, table.name, each);
  for (const nft::Element& each : elements)
    if (!there.contains(each)) add_element(batch, table.name, each);
  if (batch.requests().size() == before) return {};
  end_transaction(batch);
  return socket.send(batch);
}

}  // namespace podrun::ns
