// Lists the runs of pods that have logs.
#include "supervisor/state/logged_runs.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "namespaces/paths/directory_handle.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {

std::vector<LoggedRun> logged_runs(const Layout& layout) {
  std::vector<LoggedRun> runs;
  ns::DirectoryHandle folder = layout.log_folder();
  if (!folder.open()) return runs;
  for (const std::string& name : folder.names()) {
    struct stat status{};
    const std::size_t before_name = name.find('_');
    const std::size_t before_uid = name.find('_', before_name + 1);
    if (before_name == std::string::npos || before_uid == std::string::npos) continue;
    if (::fstatat(folder.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(status.st_mode)) continue;
    runs.push_back(
        {.id = name.substr(0, before_uid),
         .uid = name.substr(before_uid + 1),
         .written = std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec)});
  }
  std::ranges::sort(runs, std::greater{}, &LoggedRun::written);
  return runs;
}

std::string last_run_of(const Layout& layout, const std::string& id) {
  if (const auto record = read_state(layout, id)) return record->uid;
  const std::vector<LoggedRun> runs = logged_runs(layout);
  const auto newest = std::ranges::find(runs, id, &LoggedRun::id);
  return newest == runs.end() ? "" : newest->uid;
}

Result<std::string> read_final_status(const ns::DirectoryHandle& folder) {
  constexpr std::size_t longest = 65 << 20;  // it has the spec, and a manifest may have 64 MiB
  return folder.read_file("status.json", longest);
}

std::optional<std::string> final_status_of_leaving(const Layout& layout, const std::string& id) {
  const std::string uid = is_running(layout, id) ? uid_of_running(layout, id) : "";
  if (uid.empty()) return std::nullopt;
  ns::DirectoryHandle folder = layout.log_folder(id, uid);
  if (!folder.open()) return std::nullopt;
  auto text = read_final_status(folder);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

}  // namespace podrun::supervisor
