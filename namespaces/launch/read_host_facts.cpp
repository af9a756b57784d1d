// Reads the HostFacts from the host.
#include "namespaces/launch/read_host_facts.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "namespaces/kernel/files.hpp"
#include "pod/compile/compile.hpp"

namespace podrun::ns {
namespace {

constexpr long overlayfs_magic = 0x794c7630;

/// Calls `visit` with each line of a text, without its newline.
template <typename Visitor>
void each_line(std::string_view text, Visitor visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// The mount point of the first cgroup2, and whether any v1 hierarchy with controllers is mounted:
/// /proc/self/mountinfo, "ID PARENT DEV ROOT MOUNTPOINT OPTIONS… - TYPE SOURCE SUPEROPTIONS".
void read_cgroup_mounts(pod::HostFacts& facts) {
  bool v1 = false;
  each_line(read_file("/proc/self/mountinfo", 16 << 20).value_or(""), [&](std::string_view line) {
    const std::size_t separator = line.find(" - ");
    if (separator == std::string_view::npos) return;
    const std::string_view type = line.substr(separator + 3);
    if (type.starts_with("cgroup ")) v1 = true;
    if (!type.starts_with("cgroup2 ") || !facts.cgroup2_mount.empty()) return;
    for (int field = 0; field < 4; ++field) line.remove_prefix(line.find(' ') + 1);
    facts.cgroup2_mount = line.substr(0, line.find(' '));
  });
  facts.cgroups = facts.cgroup2_mount.empty() ? pod::CgroupLayout::None
                  : v1                        ? pod::CgroupLayout::Hybrid
                                              : pod::CgroupLayout::Pure;
}

/// This process's own group ("0::/path"), and whether systemd has delegated it: it marks a delegated group with an
/// extended attribute, systemd.resource-control(5) Delegate=.
void read_own_cgroup(pod::HostFacts& facts) {
  each_line(read_file("/proc/self/cgroup").value_or(""), [&](std::string_view line) {
    if (line.starts_with("0::")) facts.own_cgroup = line.substr(3);
  });
  if (facts.cgroup2_mount.empty() || facts.own_cgroup.empty() || facts.own_cgroup == "/") return;
  const std::string path = facts.cgroup2_mount + facts.own_cgroup;
  char value[2] = {};
  for (const char* name : {"trusted.delegate", "user.delegate"})
    if (::getxattr(path.c_str(), name, value, sizeof value) == 1 && value[0] == '1') facts.delegated = true;
}

void read_kernel(pod::HostFacts& facts) {
  utsname name{};
  ::uname(&name);
  facts.kernel = name.release;
  facts.machine = name.machine;
  facts.hostname = name.nodename;
  unsigned major = 0, minor = 0;
  std::sscanf(name.release, "%u.%u", &major, &minor);
  facts.kernel_is_new_enough = major > 6 || (major == 6 && minor >= 1);
}

/// The bounding set of this process: the capabilities that its children can get.
std::uint64_t bounding_set() {
  std::uint64_t set = 0;
  for (unsigned capability = 0; capability < 64; ++capability) {
    const int has = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (has < 0) break;  // the kernel does not know it, nor any after it
    if (has == 1) set |= std::uint64_t{1} << capability;
  }
  return set;
}

std::uint64_t number_in(const char* path, std::uint64_t otherwise) {
  const std::string text = read_file(path).value_or("");
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

void read_limits(pod::HostFacts& facts) {
  for (std::size_t i = 0; i < pod::resource_kinds; ++i)
    if (rlimit limit{}; ::getrlimit(static_cast<__rlimit_resource>(i), &limit) == 0)
      facts.hard_limits[i] = limit.rlim_max;
  facts.most_open_files = number_in("/proc/sys/fs/nr_open", facts.most_open_files);
  facts.most_threads = number_in("/proc/sys/kernel/threads-max", facts.most_threads);
}

void read_resources(pod::HostFacts& facts) {
  facts.processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.memory = ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE);
}

/// The file system of `path`, which may not exist yet: its nearest existing ancestor is used.
struct statfs status_of(std::string path) {
  struct statfs status{};
  while (::statfs(path.c_str(), &status) < 0) {
    const std::size_t slash = path.rfind('/');
    if (slash == 0 || slash == std::string::npos) path = "/";
    else path.resize(slash);
  }
  return status;
}

bool is_global(const sockaddr* address) {
  if (address == nullptr) return false;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return (ntohl(v4->sin_addr.s_addr) >> 24) != 127 && (ntohl(v4->sin_addr.s_addr) >> 16) != 0xa9fe;
  }
  if (address->sa_family != AF_INET6) return false;
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  return !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

}  // namespace

std::vector<std::string> host_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) < 0) return {};
  std::vector<std::string> addresses;
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
      if (!is_global(each->ifa_addr) || each->ifa_addr->sa_family != family) continue;
      if (std::string_view(each->ifa_name).starts_with("podrun")) continue;  // the gateways of pods
      char text[INET6_ADDRSTRLEN] = {};
      const void* bytes =
          family == AF_INET ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr)
                            : &reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr;
      addresses.emplace_back(::inet_ntop(family, bytes, text, sizeof text));
    }
  ::freeifaddrs(list);
  return addresses;
}

pod::HostFacts read_facts_for_entering() {
  pod::HostFacts facts;
  facts.root = ::geteuid() == 0;
  read_cgroup_mounts(facts);
  read_own_cgroup(facts);
  const std::string last = read_file("/proc/sys/kernel/cap_last_cap").value_or("40");
  std::from_chars(last.data(), last.data() + last.size(), facts.last_capability);
  return facts;
}

pod::HostFacts read_host_facts(const std::string& storage) {
  pod::HostFacts facts = read_facts_for_entering();
  read_kernel(facts);
  const struct statfs status = status_of(storage);
  facts.overlay_on_storage = status.f_type != overlayfs_magic;
  facts.storage_bytes = static_cast<std::int64_t>(status.f_blocks) * status.f_bsize;
  read_resources(facts);
  read_limits(facts);
  facts.capabilities = bounding_set();
  for (const auto* candidates : {&pod::mask_candidates(), &pod::readonly_candidates()})
    for (const std::string& path : *candidates)
      if (::access(path.c_str(), F_OK) == 0) facts.sensitive_paths.insert(path);
  facts.hosts = read_file("/etc/hosts", 64 * 1024).value_or("");
  facts.resolv_conf = read_file("/etc/resolv.conf", 64 * 1024).value_or("");
  return facts;
}

}  // namespace podrun::ns
