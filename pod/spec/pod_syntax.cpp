// Syntax rules for single strings of a pod's metadata, host names, resolver and volumes.
#include "pod/spec/pod_syntax.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// A label of a search domain: _?[a-z0-9]([-_a-z0-9]*[a-z0-9])?.
bool is_search_label(std::string_view label) {
  const auto is_end = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (label.starts_with('_')) label.remove_prefix(1);
  return !label.empty() && is_end(label.front()) && is_end(label.back()) &&
         std::ranges::all_of(label, [&](char c) { return is_end(c) || c == '-' || c == '_'; });
}

/// The first component of a relative path; "./a" begins with "a".
std::string_view first_name(std::string_view path) {
  while (true) {
    const std::string_view name = path.substr(0, path.find('/'));
    if (!name.empty() && name != ".") return name;
    if (name.size() == path.size()) return {};
    path.remove_prefix(name.size() + 1);
  }
}

// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
constexpr std::array safe_sysctls{"kernel.shm_rmid_forced"sv,
                                  "net.ipv4.ip_local_port_range"sv,
                                  "net.ipv4.tcp_syncookies"sv,
                                  "net.ipv4.ping_group_range"sv,
                                  "net.ipv4.ip_unprivileged_port_start"sv,
                                  "net.ipv4.ip_local_reserved_ports"sv,
                                  "net.ipv4.tcp_keepalive_time"sv,
                                  "net.ipv4.tcp_fin_timeout"sv,
                                  "net.ipv4.tcp_keepalive_intvl"sv,
                                  "net.ipv4.tcp_keepalive_probes"sv,
                                  "net.ipv4.tcp_rmem"sv,
                                  "net.ipv4.tcp_wmem"sv};

/// What sysctl_error() says of all others. It names each of `safe_sysctls`.
constexpr std::string_view unsafe =
    "is not among those that Kubernetes calls safe: kernel.shm_rmid_forced, net.ipv4.ip_local_port_range, "
    "net.ipv4.tcp_syncookies, net.ipv4.ping_group_range, net.ipv4.ip_unprivileged_port_start, "
    "net.ipv4.ip_local_reserved_ports, net.ipv4.tcp_keepalive_time, net.ipv4.tcp_fin_timeout, "
    "net.ipv4.tcp_keepalive_intvl, net.ipv4.tcp_keepalive_probes, net.ipv4.tcp_rmem, net.ipv4.tcp_wmem";
static_assert(std::ranges::all_of(safe_sysctls, [](std::string_view name) { return unsafe.contains(name); }));

}  // namespace

ValueError annotation_key(std::string_view value) {
  std::string small(value);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return qualified_name(small);
}

ValueError kernel_hostname(std::string_view value) {
  constexpr std::size_t longest = 64;
  if (const ValueError value_error = dns_subdomain(value); !value_error.empty()) return value_error;
  return value.size() > longest ? "must be at most 64 characters long" : "";
}

ValueError search_domain(std::string_view value) {
  constexpr std::string_view wrong =
      "must be a domain of lower-case letters, digits, \"-\", \"_\" and \".\", or \".\", at most 253 characters";
  if (value == ".") return {};
  if (value.ends_with('.')) value.remove_suffix(1);
  if (value.size() > 253) return wrong;
  while (true) {
    const std::size_t end = value.find('.');
    if (!is_search_label(value.substr(0, end))) return wrong;
    if (end == value.npos) return {};
    value.remove_prefix(end + 1);
  }
}

ValueError resolver_word(std::string_view value) {
  if (std::ranges::any_of(value, is_space)) return "must not contain white space: it is a word in /etc/resolv.conf";
  return {};
}

ValueError volume_file_path(std::string_view value) {
  if (const ValueError value_error = relative_path(value); !value_error.empty()) return value_error;
  const std::string_view top = first_name(value);
  if (top.empty()) return "must name a file";
  if (top.starts_with("..")) return "must not begin with \"..\": such names are the volume's own";
  return {};
}

std::string_view sysctl_error(std::string_view name, bool host_network, bool host_ipc) {
  std::string dotted(name);
  std::ranges::replace(dotted, '/', '.');
  if (std::ranges::find(safe_sysctls, dotted) == safe_sysctls.end()) return unsafe;
  if (dotted.starts_with("net.") && host_network) return "would be the host's with hostNetwork: true";
  if (dotted.starts_with("kernel.shm") && host_ipc) return "would be the host's with hostIPC: true";
  return {};
}

}  // namespace podrun::pod
