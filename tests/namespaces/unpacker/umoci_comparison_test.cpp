// An image of the host's own packages, as umoci(1) unpacks it and as podrun does: overlayfs on its layers.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "tests/namespaces/unpacker/oci_layout.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {
namespace fs = std::filesystem;

/// Runs a program to its end. Its input and output are files; "" is /dev/null.
int run(std::vector<std::string> words, const std::string& input = "", const std::string& output = "") {
  const auto child = ns::run_in_child([&] {
    const int in = ::open(input.empty() ? "/dev/null" : input.c_str(), O_RDONLY);
    const int out = ::open(output.empty() ? "/dev/null" : output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0) return 126;
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    return 127;
  });
  return ns::exit_code_of(ns::wait_for(*child).value_or(-1));
}

std::string attributes_of(const std::string& path) {
  std::string names(4096, '\0'), text;
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  std::istringstream each(names.substr(0, static_cast<std::size_t>(std::max<ssize_t>(length, 0))));
  for (std::string name; std::getline(each, name, '\0');) {
    char value[4096];
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value, sizeof value);
    text += " " + name + "=" + std::string(value, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }
  return text;
}

/// What an entry is, for a comparison: path → mode, owner, time, content, target, attributes, and the first path of its
/// inode.
std::map<std::string, std::string> tree_at(const std::string& root) {
  std::map<std::string, std::string> tree;
  std::map<ino_t, std::string> first_paths;
  std::set<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root)) paths.insert(entry.path());
  for (const auto& path : paths) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    const std::string name = path.lexically_relative(root).string();
    std::ostringstream text;
    text << std::oct << status.st_mode << std::dec << " " << status.st_uid << ":" << status.st_gid << " "
         << status.st_mtim.tv_sec << "." << status.st_mtim.tv_nsec << attributes_of(path.string());
    if (S_ISREG(status.st_mode))
      text << " " << status.st_size << " " << sha256_of(ns::read_file(path.string(), 1 << 30).value_or("?")) << " "
           << first_paths.try_emplace(status.st_ino, name).first->second;
    if (S_ISLNK(status.st_mode)) text << " " << fs::read_symlink(path).string();
    tree[name] = text.str();
  }
  return tree;
}

class RootUmociComparison : public testing::Test {
 protected:
  /// An archive of all that a package has on this host. tar(1) writes it.
  std::string archive_of(const std::string& package) {
    const std::string list = world_.folder() + "/list", archive = world_.folder() + "/archive";
    EXPECT_EQ(run({"dpkg", "-L", package}, "", list), 0) << package;
    // Without what the host has removed of it, such as manuals, and without its mounts. /lib is a link to /usr/lib.
    std::istringstream lines(*ns::read_file(list));
    std::set<std::string> present;
    for (fs::path line; lines >> line;)
      if (line.has_filename() && line != "/." && fs::exists(fs::symlink_status(line)))
        if (const fs::path real = fs::canonical(line.parent_path()) / line.filename();
            real.string().starts_with("/usr/") || real.string().starts_with("/etc/"))
          // With the folders above: umoci gives one that has no entry the time of the layer below.
          for (fs::path path = real; path.has_relative_path(); path = path.parent_path()) present.insert(path.string());
    std::string text = "./\n";
    for (const std::string& path : present) text += "." + path + "\n";
    EXPECT_TRUE(ns::write_file(list, text, 0600));
    EXPECT_EQ(run({"tar", "--create", "--format=posix", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                   "--no-recursion", "--directory=/", "--files-from=-"}, list, archive), 0);
    return ns::read_file(archive, 1 << 30).value();
  }

  /// Unpacks the layers as podrun does, and returns what a container would see.
  std::map<std::string, std::string> as_podrun_unpacks(const std::vector<std::string>& blobs) {
    std::vector<Fd> files;
    std::vector<ns::LayerToUnpack> layers;
    std::string lower;
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      const std::string name = std::to_string(i), folder = world_.folder() + "/" + name;
      fs::create_directory(folder);
      files.push_back(blob_of(blobs[i]));
      files.emplace_back(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      layers.push_back({.name = name, .blob = files[2 * i].get(), .folder = files[2 * i + 1].get()});
      lower = name + (lower.empty() ? "" : ":") + lower;
    }
    const auto reports = ns::unpack_layers(world_.program(), layers);
    EXPECT_TRUE(reports) << reports.error().message;
    for (const char* name : {"upper", "work", "merged"}) fs::create_directory(world_.folder() + "/" + name);
    const std::string options = "userxattr,lowerdir=" + lower + ",upperdir=upper,workdir=work";
    return in_own_mounts([&] {
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
      return ::chdir(world_.folder().c_str()) == 0 &&
             ::mount("overlay", "merged", "overlay", 0, options.c_str()) == 0;
    });
  }

  /// The tree at "merged" after `mount_it` in a mount namespace of its own.
  template <typename Work>
  std::map<std::string, std::string> in_own_mounts(Work mount_it) {
    std::map<std::string, std::string> tree;
    std::thread([&] {
      ASSERT_EQ(::unshare(CLONE_NEWNS | CLONE_FS), 0);
      ASSERT_TRUE(mount_it()) << ::strerror(errno);
      tree = tree_at(world_.folder() + "/merged");
    }).join();
    return tree;
  }

  UnpackerWorld world_;
};

}  // namespace

TEST_F(RootUmociComparison, AnImageOfDebiansPackagesIsTheSame) {
  std::vector<std::string> archives;
  for (const auto package : {"base-files", "libc-bin", "debianutils", "bash", "perl-base", "passwd", "sed", "mount",
                             "login", "tar", "tzdata", "libpam-modules"})
    archives.push_back(archive_of(package));
  const std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);  // cap_net_raw=ep
  archives.push_back(TarArchive()
                         .folder("usr", {.mode = 0755, .modified = 998})
                         .folder("usr/share", {.mode = 0755, .modified = 999})
                         .folder("usr/bin", {.mode = 0755, .modified = 1000})
                         .file("usr/bin/.wh.perl", "")
                         .file("usr/bin/ping", "ping",
                               {.mode = 0755, .pax = {{"SCHILY.xattr.security.capability", capability}}})
                         .folder("usr/share/zoneinfo", {.mode = 0755, .modified = 1001})
                         .file("usr/share/zoneinfo/.wh..wh..opq", "")
                         .file("usr/share/zoneinfo/UTC", "only this",
                               {.uid = 70'000, .pax = {{"mtime", "5.000000007"}}})
                         .finish());
  archives.push_back(TarArchive()
                         .folder("usr", {.mode = 0750, .uid = 1, .modified = 1999})
                         .folder("usr/bin", {.mode = 0755, .modified = 2000})
                         .file("usr/bin/caf\xe9", "not UTF-8")
                         .hard_link("usr/bin/again", "usr/bin/caf\xe9")
                         .fifo("usr/bin/fifo", {.mode = 0622, .uid = 3})
                         .symlink("usr/bin/link", "../../..//etc/./passwd", {.uid = 4, .modified = 3})
                         .file("usr/bin/.wh.bash", "")
                         .finish());
  const std::string layout = world_.folder() + "/layout", bundle = world_.folder() + "/bundle";
  const std::vector<std::string> blobs = write_oci_layout(layout, archives);
  ASSERT_EQ(run({"umoci", "--log=error", "unpack", "--image", layout + ":image", bundle}), 0);
  const auto expected = tree_at(bundle + "/rootfs"), found = as_podrun_unpacks(blobs);
  EXPECT_GT(found.size(), 1000U);
  EXPECT_FALSE(found.contains("usr/bin/perl"));
  EXPECT_FALSE(found.contains("usr/share/zoneinfo/Europe"));
  std::size_t differences = 0;
  for (const auto& [path, entry] : expected)
    if (const auto at = found.find(path); at == found.end() || at->second != entry) {
      if (++differences <= 10) ADD_FAILURE() << path << "\n" << entry << "\n" << (at == found.end() ? "" : at->second);
    }
  for (const auto& [path, entry] : found)
    if (!expected.contains(path)) ADD_FAILURE() << "umoci has no " << path;
  EXPECT_EQ(differences, 0U);
}

}  // namespace podrun::tests
