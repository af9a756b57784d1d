// The control groups of one pod, on cgroup2, by descriptor.
#include "namespaces/kernel/cgroup.hpp"

#include <fcntl.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup_files.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr char helpers_name[] = "_helpers";
std::string relative(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

}  // namespace

Result<Fd> open_cgroup2(const pod::HostFacts& facts) {
  if (!facts.cgroup2_mount.empty()) {
    Fd root(::open(facts.cgroup2_mount.c_str(), directory_flags));
    if (!root) return fail_system(facts.cgroup2_mount);
    return root;
  }
  Fd context(sys::fsopen("cgroup2"));
  if (!context || sys::fsconfig_create(context.get()) < 0) return fail_system("cgroup2");
  Fd root(sys::fsmount(context.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (!root) return fail_system("cgroup2: fsmount");
  return root;
}

std::string cgroup_base(const pod::HostFacts& facts, const std::string& instance_root) {
  std::string name = "podrun" + instance_root;
  std::ranges::replace(name, '/', '-');
  return facts.delegated ? relative(facts.own_cgroup) + "/" + name : name;
}

Result<PodCgroup> PodCgroup::create(const pod::HostFacts& facts, const std::string& base, const std::string& id) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group = TRY(make_path(root.get(), base + "/" + id));
  return PodCgroup(std::move(root), base, id, std::move(group));
}

Result<PodCgroup> PodCgroup::open(const pod::HostFacts& facts, const std::string& base, const std::string& id) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group(::openat(root.get(), (base + "/" + id).c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + base + "/" + id);
  return PodCgroup(std::move(root), base, id, std::move(group));
}

Result<Fd> PodCgroup::container(const std::string& name) const { return make_path(group_.get(), name); }

Result<Fd> PodCgroup::helpers() const {
  if (Fd group(::openat(group_.get(), helpers_name, directory_flags)); group) return group;
  return make_path(group_.get(), helpers_name);
}

std::string PodCgroup::group_of(pid_t pid) const {
  const std::string group = fmt::format("0::/{}/{}/", base_, id_);  // "0::PATH" is cgroup2's line, cgroups(7)
  std::istringstream lines(read_file(fmt::format("/proc/{}/cgroup", pid)).value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(group)) return line.substr(group.size(), line.find('/', group.size()) - group.size());
  return "";
}

Result<> PodCgroup::kill(const std::string& container) const {
  Fd group(::openat(group_.get(), container.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + container);
  return write_file(group.get(), "cgroup.kill", "1");
}

Result<> PodCgroup::kill_all() const { return write_file(group_.get(), "cgroup.kill", "1"); }

Result<> PodCgroup::discard(const std::string& container, std::chrono::milliseconds timeout) const {
  return end_groups(group_.get(), container, timeout);
}

Result<> PodCgroup::remove(std::chrono::milliseconds timeout) const {
  Fd base(::openat(root_.get(), base_.c_str(), directory_flags));
  if (!base) return fail_system("cgroup " + base_);
  TRY_VOID(end_groups(base.get(), id_, timeout));
  ::unlinkat(root_.get(), base_.c_str(), AT_REMOVEDIR);  // ENOTEMPTY or EBUSY: it contains another pod
  return {};
}

std::uint64_t oom_kills(const Fd& group) {
  const Fd events(::openat(group.get(), "memory.events", O_RDONLY | O_CLOEXEC));
  char text[512] = {};
  if (!events || ::pread(events.get(), text, sizeof text - 1, 0) < 0) return 0;
  std::istringstream lines(text);
  std::string name;
  for (std::uint64_t count = 0; lines >> name >> count;)
    if (name == "oom_kill") return count;
  return 0;
}

Result<> move_to_cgroup(const pod::HostFacts& facts, const std::string& path, pid_t pid) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group = TRY(make_path(root.get(), relative(path)));
  return write_file(group.get(), "cgroup.procs", std::to_string(pid));
}

Result<std::vector<std::string>> pods_with_cgroups(const pod::HostFacts& facts, const std::string& base) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group(::openat(root.get(), base.c_str(), directory_flags));
  if (!group) {
    if (errno == ENOENT) return std::vector<std::string>{};
    return fail_system("cgroup " + base);
  }
  return children(group.get());
}

}  // namespace podrun::ns
