// Reasons why the steps that connect a network fail.
#include <cerrno>
#include <variant>

#include <fmt/format.h>

#include "pod/annotations/network_choice.hpp"
#include "pod/failure/reasons.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::pod {
namespace {

/// What a manifest can say on a host that has no network for pods.
std::string cure(const NetworkPlan& network) {
  const std::string annotation = network.container.empty()
                                     ? std::string(network_annotation)
                                     : fmt::format("{}{}", container_network_annotation, network.container);
  return fmt::format("; with the annotation {}: none it starts with loopback only", annotation);
}

constexpr std::string_view no_right =
    "this host does not let podrun do it: it lacks CAP_NET_ADMIN here, for example in a container that is not "
    "privileged";

/// What any step meets; "" if it says nothing about the network.
std::string general_reason(const NetworkPlan& network, int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return std::string(no_right) + cure(network);
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return "this kernel lacks what a pod's network needs" + cure(network);
    default:
      return host_reason(error);
  }
}

std::string setting_reason(const network::HostSetting& step, const NetworkPlan& network, int error) {
  switch (error) {
    case EROFS:
    case EACCES:
    case EPERM:
      return fmt::format("this host does not let podrun set {} to {}, which pods need: set it before, where /proc/sys "
                         "can be written{}",
                         step.name, step.value, cure(network));
    case ENOENT:
      return fmt::format("this kernel does not have the parameter {}{}", step.name, cure(network));
    case EINVAL:
      return fmt::format("the kernel refuses the value {} of {}", step.value, step.name);
    default:
      return general_reason(network, error);
  }
}

std::string link_reason(const network::Link& step, const NetworkPlan& network, int error) {
  switch (error) {
    case EOPNOTSUPP:
      return "this kernel has no veth(4) (CONFIG_VETH)" + cure(network);
    case EEXIST:
      return fmt::format("another interface is called {}, or the namespace has an eth0 already", step.interface);
    case EINVAL:
    case ERANGE:
      return fmt::format("the kernel refuses an interface with an mtu of {}", step.mtu);
    default:
      return general_reason(network, error);
  }
}

/// Addresses and routes of one end.
std::string end_reason(const NetworkPlan& network, int error) {
  switch (error) {
    case EEXIST:
      return fmt::format("another interface has an address or a route of {}", network.interface);
    case EACCES:
      return "IPv6 is switched off for new interfaces (net.ipv6.conf.default.disable_ipv6)" + cure(network);
    default:
      return general_reason(network, error);
  }
}

std::string filter_reason(const nft::Table& table, const NetworkPlan& network, int error) {
  switch (error) {
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case ENOENT:
    case EAFNOSUPPORT:
      return "this kernel has no nftables(8), or lacks a part of it (nf_tables, nft_ct, nft_fib_inet, nft_nat, "
             "nft_masq, nft_socket)" +
             cure(network);
    case EEXIST:
    case EBUSY:
      return fmt::format("another process owns a table {}", table.name);
    default:
      return general_reason(network, error);
  }
}

}  // namespace

std::string reason_of(const NetworkStep& step, const NetworkPlan& network, int error) {
  return std::visit(
      Overloaded{[&](const network::HostSetting& each) { return setting_reason(each, network, error); },
                 [&](const network::Link& each) { return link_reason(each, network, error); },
                 [&](const network::PodEnd&) { return end_reason(network, error); },
                 [&](const network::HostEnd&) { return end_reason(network, error); },
                 [&](const network::Filter& each) { return filter_reason(each.table, network, error); },
                 [&](const network::SharedFilter& each) { return filter_reason(each.table, network, error); },
                 [&](const network::DockerRule&) { return general_reason(network, error); },
                 [&](const network::ForgetConnections&) { return general_reason(network, error); },
                 [&](const network::Resolver& each) {
                   if (error != EADDRINUSE) return general_reason(network, error);
                   return fmt::format("something listens at port 53 of {} in the namespace already",
                                      text_of(each.address));
                 }},
      step);
}

}  // namespace podrun::pod
