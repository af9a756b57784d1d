// Writes the files of a configMap, secret, downwardAPI or projected volume as the kubelet does.
#include "namespaces/volumes/atomic_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"

namespace podrun::ns {
namespace {

constexpr char data[] = "..data", new_data[] = "..data_tmp";

/// For example "..2026_11_24_19_51_00.123456789".
std::string directory_name() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  char text[40];
  ::strftime(text, sizeof text, "..%Y_%m_%d_%H_%M_%S", &parts);
  return fmt::format("{}.{:09}", text, now.tv_nsec);
}

/// Sets group and mode, whatever the umask; the mode comes last, because a change of owner may clear bits of it.
Result<> set_access(const Fd& fd, std::uint32_t group, std::uint32_t mode) {
  if (::fchown(fd.get(), 0, group) < 0 || ::fchmod(fd.get(), mode) < 0) return fail_system("access");
  return {};
}

/// Opens a directory in `parent`, and makes it if it is missing.
Result<Fd> make_directory(int parent, const std::string& name, const pod::VolumeFiles& files) {
  if (::mkdirat(parent, name.c_str(), 0700) < 0 && errno != EEXIST) return fail_system(name);
  Fd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return fail_system(name);
  TRY_VOID(set_access(directory, files.group, files.below));
  return directory;
}

Result<> write_file(int parent, const std::string& name, const pod::VolumeFile& file, std::uint32_t group) {
  const Fd fd(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_system(file.path);
  TRY_VOID(write_all(fd.get(), file.content.text, file.path));
  return set_access(fd, group, file.mode);
}

Result<> make_mount_point(int volume, const std::string& path, const pod::VolumeFiles& files) {
  Fd directory(::fcntl(volume, F_DUPFD_CLOEXEC, 0));
  for (std::string_view rest = path; !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    directory = TRY(make_directory(directory.get(), name, files));
  }
  return {};
}

Result<> write_below(const Fd& top, const pod::VolumeFile& file, const pod::VolumeFiles& files) {
  Fd parent(::fcntl(top.get(), F_DUPFD_CLOEXEC, 0));
  std::string_view rest = file.path;
  for (auto slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
    parent = TRY(make_directory(parent.get(), std::string(rest.substr(0, slash)), files));
    rest.remove_prefix(slash + 1);
  }
  return write_file(parent.get(), std::string(rest), file, files.group);
}

Result<> make_link(int volume, const std::string& target, const std::string& name, std::uint32_t group) {
  if (::symlinkat(target.c_str(), volume, name.c_str()) < 0 ||
      ::fchownat(volume, name.c_str(), 0, group, AT_SYMLINK_NOFOLLOW) < 0)
    return fail_system(name);
  return {};
}

}  // namespace

Result<> write_volume_files(int volume, const pod::VolumeFiles& files) {
  const std::string name = directory_name();
  const Fd top = TRY(make_directory(volume, name, files));
  std::set<std::string> links;
  for (const pod::VolumeFile& file : files.list) {
    TRY_VOID(write_below(top, file, files));
    links.insert(file.path.substr(0, file.path.find('/')));
  }
  TRY_VOID(make_link(volume, name, new_data, files.group));
  if (::renameat(volume, new_data, volume, data) < 0) return fail_system(data);
  for (const std::string& link : links)
    TRY_VOID(make_link(volume, fmt::format("{}/{}", data, link), link, files.group));
  for (const std::string& path : files.mount_points) TRY_VOID(make_mount_point(volume, path, files));
  return {};
}

}  // namespace podrun::ns
