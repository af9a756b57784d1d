// The control groups of one pod, on cgroup2, by descriptor.
#include "namespaces/kernel/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Result<> write_file(int directory, const char* name, std::string_view text) {
  Fd file(::openat(directory, name, O_WRONLY | O_CLOEXEC));
  if (!file) return fail_system(name);
  if (::write(file.get(), text.data(), text.size()) < 0) return fail_system(name);
  return {};
}

/// Opens DIRECTORY/PATH and makes what is missing of it.
Result<Fd> make_path(int directory, const std::string& path) {
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdirat(directory, part.c_str(), 0755) < 0 && errno != EEXIST)
      return fail_system("cgroup " + part);
    if (end == std::string::npos) break;
  }
  Fd group(::openat(directory, path.c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + path);
  return group;
}

Result<std::vector<std::string>> children(int directory) {
  Fd copy(::openat(directory, ".", directory_flags));
  if (!copy) return fail_system("cgroup");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()), &::closedir);
  if (!stream) return fail_system("cgroup");
  copy.release();  // the stream owns it
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get()))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  return names;
}

/// Waits for "populated 0" in cgroup.events(7); every change of the file raises POLLPRI.
Result<> wait_until_empty(int group, std::chrono::milliseconds timeout) {
  Fd events(::openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC));
  if (!events) return fail_system("cgroup.events");
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    char text[256] = {};
    if (::pread(events.get(), text, sizeof text - 1, 0) < 0) return fail_system("cgroup.events");
    if (std::string_view(text).find("populated 0") != std::string_view::npos) return {};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail("processes are left in the pod's cgroup that cannot be killed", ETIMEDOUT);
    pollfd changed{events.get(), POLLPRI, 0};
    ::poll(&changed, 1, static_cast<int>(left.count()));
  }
}

/// Removes a group and its children with rmdir(2), deepest first.
Result<> remove_groups(int parent, const std::string& name) {
  Fd group(::openat(parent, name.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + name);
  for (const std::string& child : TRY(children(group.get()))) TRY_VOID(remove_groups(group.get(), child));
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
    return fail_system("remove cgroup " + name);
  return {};
}

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

Result<Fd> PodCgroup::helpers() const { return make_path(group_.get(), "_helpers"); }

Result<Fd> PodCgroup::existing(const std::string& container) const {
  Fd group(::openat(group_.get(), container.c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + container);
  return group;
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
  Fd group(::openat(group_.get(), container.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + container);
  TRY_VOID(write_file(group.get(), "cgroup.kill", "1"));
  TRY_VOID(wait_until_empty(group.get(), timeout));
  return remove_groups(group_.get(), container);
}

Result<> PodCgroup::remove(std::chrono::milliseconds timeout) const {
  TRY_VOID(write_file(group_.get(), "cgroup.kill", "1"));
  TRY_VOID(wait_until_empty(group_.get(), timeout));
  Fd base(::openat(root_.get(), base_.c_str(), directory_flags));
  if (!base) return fail_system("cgroup " + base_);
  TRY_VOID(remove_groups(base.get(), id_));
  ::unlinkat(root_.get(), base_.c_str(), AT_REMOVEDIR);  // ENOTEMPTY or EBUSY: it contains another pod
  return {};
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
