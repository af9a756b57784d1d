// The files and folders of control groups, cgroups(7): reading, killing, removing. For the folder's own use.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// How a group is opened.
inline constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// Writes a file of a group.
Result<> write_file(int directory, const char* name, std::string_view text);

/// Opens DIRECTORY/PATH and makes what is missing of it.
Result<Fd> make_path(int directory, const std::string& path);

/// The names of the groups below a group.
Result<std::vector<std::string>> children(int directory);

/// Opens cgroup.events of a group.
Result<Fd> open_events(int group);

/// Whether the file cgroup.events of a group says that no process is in it or below it.
Result<bool> is_empty(const Fd& events);

/// Removes a group and its children with rmdir(2), deepest first.
Result<> remove_groups(int parent, const std::string& name);

/// Whether an errno says that a group was removed.
inline bool is_of_removed(int error) { return error == ENOENT || error == ENODEV; }

/// Kills what is in a group, and removes the group and its children. A missing group is no error.
Result<> end_groups(int parent, const std::string& name, std::chrono::milliseconds timeout);

}  // namespace podrun::ns
