// Processes as proc(5) shows them, independently of podrun. The functions return empty values for a process that does
// not exist.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::test {

/// The time that any single event may take on a busy machine. With the sanitizers it is longer.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::chrono::seconds test_timeout{60};
#else
inline constexpr std::chrono::seconds test_timeout{10};
#endif
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline soon() {
  return std::chrono::steady_clock::now() + test_timeout;
}
/// The time until DEADLINE in milliseconds, for poll(2).
int milliseconds_left(Deadline deadline);

/// The content of a file, "" if it cannot be read.
std::string contents_of(const std::string& path);
/// The lines of a text, without their newlines.
std::vector<std::string> lines_of(const std::string& text);

/// The content of /proc/PID/NAME.
std::string proc_file(pid_t pid, const std::string& name);
/// The content of /proc/PID/comm, without its newline.
std::string comm_of(pid_t pid);
/// The words of a process's command line.
std::vector<std::string> command_line_of(pid_t pid);
/// The value of a field of /proc/PID/status, such as "CapEff" or "NSpid". Blanks are trimmed, and tabs are spaces.
std::string status_of(pid_t pid, const std::string& field);
/// The control group of a process in the hierarchy of cgroup2.
std::string group_of(pid_t pid);
/// The parent of a process, 0 if it does not exist.
pid_t parent_of(pid_t pid);
/// The session of a process.
pid_t session_of(pid_t pid);
/// The state of a process, 'R', 'S', 'Z' and so on. 0 if it does not exist.
char state_of(pid_t pid);
/// Whether a process exists and is neither a zombie nor stopped: it runs, or sleeps in a system call.
bool is_active(pid_t pid);
/// The inode numbers of a process's eight namespaces, zeroes if it does not exist.
ns::NamespaceIds namespaces_of(pid_t pid);
std::uint64_t namespace_of(pid_t pid, pod::NamespaceKind kind);

/// All descendants of PID, including zombies, in no order.
std::vector<pid_t> descendants_of(pid_t pid);
std::vector<pid_t> children_of(pid_t pid);

/// The links in /proc/PID/fd, by number.
std::map<int, std::string> descriptors_of(pid_t pid);

/// Identifies the root directory of a process.
struct RootId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const RootId&) const = default;
};
RootId root_of(pid_t pid);

/// The fields of a line of mountinfo that tests use.
struct MountLine {
  std::string point;
  std::string options;      ///< of this mount: "ro,nosuid"
  std::string propagation;  ///< "shared:7", "master:3", or "" if it is private
  std::string type;
  std::string source;

  /// Whether it has OPTION.
  bool has(const std::string& option) const;
};
std::vector<MountLine> mounts_of(pid_t pid);
/// The last mount at POINT, which covers the others. An empty line if there is none.
MountLine mount_at(const std::vector<MountLine>& mounts, const std::string& point);

/// The descendants of this process that are no zombies.
std::vector<pid_t> living_descendants();
/// Kills a descendant by its pidfd and waits until it is dead. Does nothing to other processes.
void end_descendant(pid_t pid);
/// Kills all descendants, including those that are started meanwhile.
void end_all_descendants();
/// Kills and reaps all descendants, at the end of a test.
void end_and_reap_all_descendants();

}  // namespace podrun::test
