// Processes as proc(5) shows them.
#include "tests/system/support/procfs.hpp"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"

namespace podrun::test {
namespace {

/// The fields of /proc/PID/stat after the name of the command: [0] is the state, [1] the parent, [2] the process group,
/// [3] the session.
std::vector<std::string> stat_fields(pid_t pid) {
  const std::string text = proc_file(pid, "stat");
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(text.substr(end_of_name + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

pid_t stat_number(pid_t pid, std::size_t field) {
  const auto fields = stat_fields(pid);
  return field < fields.size() ? std::stoi(fields[field]) : 0;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The parent of each process.
std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone))
    if (const std::string name = entry.path().filename(); is_number(name))
      if (const pid_t pid = std::stoi(name), parent = parent_of(pid); parent != 0) found[pid] = parent;
  return found;
}

bool is_descendant(pid_t pid) {
  while (pid > 1 && pid != ::getpid()) pid = parent_of(pid);
  return pid == ::getpid();
}

}  // namespace

int milliseconds_left(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

std::string contents_of(const std::string& path) {
  return ns::read_file(path, std::size_t{1} << 30).value_or("");  // a stream would throw if the process ends meanwhile
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string proc_file(pid_t pid, const std::string& name) {
  return contents_of(fmt::format("/proc/{}/{}", pid, name));
}

std::string comm_of(pid_t pid) {
  std::string comm = proc_file(pid, "comm");
  if (comm.ends_with('\n')) comm.pop_back();
  return comm;
}

std::vector<std::string> command_line_of(pid_t pid) {
  std::vector<std::string> words;
  std::istringstream stream(proc_file(pid, "cmdline"));
  for (std::string word; std::getline(stream, word, '\0');) words.push_back(word);
  return words;
}

std::string status_of(pid_t pid, const std::string& field) {
  for (const std::string& line : lines_of(proc_file(pid, "status"))) {
    if (!line.starts_with(field + ":")) continue;
    std::istringstream words(line.substr(field.size() + 1));
    std::string value;
    for (std::string word; words >> word;) value += (value.empty() ? "" : " ") + word;
    return value;
  }
  return "";
}

std::string group_of(pid_t pid) {
  for (const std::string& line : lines_of(proc_file(pid, "cgroup")))
    if (line.starts_with("0::")) return line.substr(3);
  return "";
}

pid_t parent_of(pid_t pid) {
  return stat_number(pid, 1);
}
pid_t session_of(pid_t pid) {
  return stat_number(pid, 3);
}

char state_of(pid_t pid) {
  const auto fields = stat_fields(pid);
  return fields.empty() ? '\0' : fields[0][0];
}

bool is_active(pid_t pid) {
  const char state = state_of(pid);
  return state == 'S' || state == 'R' || state == 'D';
}

ns::NamespaceIds namespaces_of(pid_t pid) {
  return ns::namespaces_of(pid).value_or(ns::NamespaceIds{});
}

std::uint64_t namespace_of(pid_t pid, pod::NamespaceKind kind) {
  return namespaces_of(pid)[static_cast<std::size_t>(kind)];
}

std::vector<pid_t> descendants_of(pid_t pid) {
  const auto parent = parents();
  std::vector<pid_t> below{pid};
  for (std::size_t next = 0; next < below.size(); ++next)
    for (const auto& [child, its_parent] : parent)
      if (its_parent == below[next]) below.push_back(child);
  below.erase(below.begin());
  return below;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& [child, parent] : parents())
    if (parent == pid) children.push_back(child);
  return children;
}

std::map<int, std::string> descriptors_of(pid_t pid) {
  std::map<int, std::string> descriptors;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), gone))
    descriptors[std::stoi(entry.path().filename())] = std::filesystem::read_symlink(entry.path(), gone);
  return descriptors;
}

RootId root_of(pid_t pid) {
  struct stat root {};
  if (::stat(fmt::format("/proc/{}/root", pid).c_str(), &root) < 0) return {};
  return {root.st_dev, root.st_ino};
}

bool MountLine::has(const std::string& option) const {
  return ("," + options + ",").find("," + option + ",") != std::string::npos;
}

std::vector<MountLine> mounts_of(pid_t pid) {
  std::vector<MountLine> mounts;
  for (const std::string& line : lines_of(proc_file(pid, "mountinfo"))) {
    std::istringstream words(line);
    std::string skipped, word;
    MountLine mount;
    words >> skipped >> skipped >> skipped >> skipped >> mount.point >> mount.options;
    while (words >> word && word != "-") mount.propagation += (mount.propagation.empty() ? "" : " ") + word;
    words >> mount.type >> mount.source;
    mounts.push_back(mount);
  }
  return mounts;
}

MountLine mount_at(const std::vector<MountLine>& mounts, const std::string& point) {
  const auto found =
      std::find_if(mounts.rbegin(), mounts.rend(), [&](const auto& mount) { return mount.point == point; });
  return found == mounts.rend() ? MountLine{} : *found;
}

std::vector<pid_t> living_descendants() {
  auto living = descendants_of(::getpid());
  std::erase_if(living, [](pid_t pid) { return state_of(pid) == 'Z' || state_of(pid) == '\0'; });
  return living;
}

void end_descendant(pid_t pid) {
  const auto process = ns::open_process(pid);
  if (!process || !is_descendant(pid)) return;
  (void)ns::send_signal(*process, SIGKILL);
  pollfd dead{process->pidfd.get(), POLLIN, 0};
  ::poll(&dead, 1, milliseconds_left(soon()));
  if (parent_of(pid) == ::getpid()) (void)ns::wait_for(*process);
}

void end_all_descendants() {
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
    const auto living = living_descendants();
    if (living.empty()) return;
    for (const pid_t pid : living) end_descendant(pid);
  }
}

void end_and_reap_all_descendants() {
  constexpr int look_again_ms = 20;
  const Deadline deadline = soon();
  for (auto living = living_descendants(); !living.empty() && milliseconds_left(deadline) > 0;
       living = living_descendants()) {
    for (const pid_t pid : living)
      if (const auto process = ns::open_process(pid)) (void)ns::send_signal(*process, SIGKILL);
    // The first process of a PID namespace ends only after the others in it have been reaped.
    const auto first = ns::open_process(living.front());
    pollfd dead{first ? first->pidfd.get() : -1, POLLIN, 0};
    ::poll(&dead, 1, look_again_ms);
    while (::waitpid(-1, nullptr, __WALL | WNOHANG) > 0) {}
  }
}

}  // namespace podrun::test
