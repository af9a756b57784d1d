// The names under which the pause holds what connects a pod to the host.
#include "supervisor/network/network_holds.hpp"

#include <utility>

#include <fmt/format.h>

namespace podrun::supervisor {

std::string number_hold(std::size_t network) { return fmt::format("network/{}/number", network); }
std::string port_hold(std::size_t network, std::size_t port) {
  return fmt::format("network/{}/port/{}", network, port);
}
std::string filter_hold(std::size_t network) { return fmt::format("network/{}/filter", network); }
std::string shared_filter_hold(std::size_t network) { return fmt::format("network/{}/filter/shared", network); }
std::string own_filter_hold(std::size_t network) { return fmt::format("network/{}/filter/own", network); }
std::string resolver_hold(std::size_t network) { return fmt::format("network/{}/resolver", network); }

std::string resolver_filter_hold(std::size_t network) { return fmt::format("network/{}/resolver/filter", network); }

std::vector<Fd> take_all(ns::Holdings& holdings, std::string_view name) {
  std::vector<Fd> taken;
  for (ns::KeptItem& hold : holdings.holds)
    if (hold.name == name)
      for (ns::KeptFd& kept : hold.fds)
        if (kept.fd) taken.push_back(std::move(kept.fd));
  return taken;
}

Fd take_one(ns::Holdings& holdings, std::string_view name) {
  std::vector<Fd> taken = take_all(holdings, name);
  return taken.empty() ? Fd() : std::move(taken.front());
}

}  // namespace podrun::supervisor
