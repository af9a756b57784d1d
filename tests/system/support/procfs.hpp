// Processes as an onlooker sees them: proc(5), and nothing that podrun says of itself. A process that has
// gone reads as empty.
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

/// What any single thing a test waits for may take on a busy machine, and several times as much under the sanitizers.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::chrono::seconds test_timeout{60};
#else
inline constexpr std::chrono::seconds test_timeout{10};
#endif
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline soon() {
  return std::chrono::steady_clock::now() + test_timeout;
}
/// What is left of it, for poll(2).
int milliseconds_left(Deadline deadline);

/// The whole of a file; "" if it cannot be read.
std::string contents_of(const std::string& path);
/// A text's lines, without their newlines.
std::vector<std::string> lines_of(const std::string& text);

/// "comm", "status", …: the content of /proc/PID/NAME.
std::string proc_file(pid_t pid, const std::string& name);
/// Without its newline.
std::string comm_of(pid_t pid);
/// The words of its command line.
std::vector<std::string> command_line_of(pid_t pid);
/// A line of /proc/PID/status behind its "NAME:", blanks trimmed and tabs as single spaces: "CapEff",
/// "NSpid", "Uid".
std::string status_of(pid_t pid, const std::string& field);
/// Its parent; 0 if it is gone.
pid_t parent_of(pid_t pid);
/// Its session and its process group, setsid(2).
pid_t session_of(pid_t pid);
/// 'R', 'S', 'Z', …; 0 if it is gone.
char state_of(pid_t pid);
/// Whether it exists and is neither a zombie nor stopped: it runs, or sleeps in a system call.
bool is_active(pid_t pid);
/// The inode numbers of its eight namespaces; zeroes if it is gone.
ns::NamespaceIds namespaces_of(pid_t pid);
std::uint64_t namespace_of(pid_t pid, pod::NamespaceKind kind);

/// All processes below PID, zombies too, in no order.
std::vector<pid_t> descendants_of(pid_t pid);
std::vector<pid_t> children_of(pid_t pid);

/// What /proc/PID/fd links to, by number.
std::map<int, std::string> descriptors_of(pid_t pid);

/// Which directory a process has as its root.
struct RootId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const RootId&) const = default;
};
RootId root_of(pid_t pid);

/// One line of mountinfo, as far as tests ask.
struct MountLine {
  std::string point;
  std::string options;      ///< of this mount: "ro,nosuid"
  std::string propagation;  ///< "shared:7", "master:3", or "": private
  std::string type;
  std::string source;

  /// Whether OPTION is among the options.
  bool has(const std::string& option) const;
};
std::vector<MountLine> mounts_of(pid_t pid);
/// The last mount at POINT, the one on top; an empty line if there is none.
MountLine mount_at(const std::vector<MountLine>& mounts, const std::string& point);

/// This process's own, but no zombies: whatever a test started and still runs.
std::vector<pid_t> living_descendants();
/// Kills one of them, by a pidfd, and waits until it is dead; does nothing to other processes.
void end_descendant(pid_t pid);
/// Kills all of them, and what a dying one had just started.
void end_all_descendants();
/// The same at a test's end: also takes the exit status of each.
void end_and_reap_all_descendants();

}  // namespace podrun::test
