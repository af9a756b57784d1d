// Syntax rules for single strings of a pod's metadata, host names, resolver and volumes.
#include "pod/spec/pod_syntax.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

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

/// The numbers that the kernel takes, between blanks.
struct SysctlNumbers {
  std::string_view name;
  std::int64_t least, most;
  std::size_t count;  ///< at most
  std::string_view error;
};
constexpr std::int64_t most_int = 2147483647, most_port = 65535, most_byte = 255, most_group = 4294967295;
constexpr std::array sysctl_numbers{
    SysctlNumbers{"kernel.shm_rmid_forced", 0, 1, 1, "must be 0 or 1"},
    SysctlNumbers{"net.ipv4.ip_local_port_range", 1, most_port, 2, "must be two ports, the lower first: 32768 60999"},
    SysctlNumbers{"net.ipv4.tcp_syncookies", 0, most_byte, 1, "must be 0, 1 or 2"},
    SysctlNumbers{"net.ipv4.ping_group_range", 0, most_group, 2, "must be two groups: 0 2147483647"},
    SysctlNumbers{"net.ipv4.ip_unprivileged_port_start", 0, most_port, 1, "must be a port from 0 to 65535"},
    SysctlNumbers{"net.ipv4.tcp_keepalive_time", -most_int, most_int, 1, "must be a number of seconds"},
    SysctlNumbers{"net.ipv4.tcp_fin_timeout", -most_int, most_int, 1, "must be a number of seconds"},
    SysctlNumbers{"net.ipv4.tcp_keepalive_intvl", -most_int, most_int, 1, "must be a number of seconds"},
    SysctlNumbers{"net.ipv4.tcp_keepalive_probes", 0, most_byte, 1, "must be a number from 0 to 255"},
    SysctlNumbers{"net.ipv4.tcp_rmem", 1, most_int, 3, "must be three sizes in bytes: 4096 131072 6291456"},
    SysctlNumbers{"net.ipv4.tcp_wmem", 1, most_int, 3, "must be three sizes in bytes: 4096 16384 4194304"}};

/// The numbers in a text, between any of these characters; std::nullopt if it has anything else.
std::optional<std::vector<std::int64_t>> numbers_in(std::string_view text, std::string_view between) {
  std::vector<std::int64_t> numbers;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
    if (text.empty()) return numbers;
    std::int64_t& number = numbers.emplace_back();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && !between.contains(text.front())) return std::nullopt;
  }
}

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

std::string_view sysctl_value_error(std::string_view name, std::string_view value) {
  std::string dotted(name);
  std::ranges::replace(dotted, '/', '.');
  if (value.contains("0x") || value.contains("0X")) return {};  // the kernel also reads hexadecimal numbers
  if (dotted == "net.ipv4.ip_local_reserved_ports") {
    const auto ports = numbers_in(value, ",- \n");
    const bool good = ports && std::ranges::all_of(*ports, [](std::int64_t port) { return port <= most_port; });
    return good ? "" : "must be ports and ranges such as 8080,9000-9100";
  }
  const auto rule = std::ranges::find(sysctl_numbers, dotted, &SysctlNumbers::name);
  if (rule == sysctl_numbers.end()) return {};
  const auto numbers = numbers_in(value, " \t\n");
  const auto is_wrong = [&](std::int64_t number) { return number < rule->least || number > rule->most; };
  const bool is_range = rule->name == "net.ipv4.ip_local_port_range";
  if (!numbers || numbers->size() > rule->count || std::ranges::any_of(*numbers, is_wrong)) return rule->error;
  return is_range && numbers->size() == 2 && numbers->front() > numbers->back() ? rule->error : "";
}

}  // namespace podrun::pod
