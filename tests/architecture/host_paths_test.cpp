// The rule of host-side paths: files below a directory that a container or an image may write are never reached by
// path. A call that takes a path must therefore be in this table, which says whose path it is. Directories of a
// container or an image are accessed by descriptor: openat2 with RESOLVE_…, openat with O_NOFOLLOW and a single name,
// …at and f… calls, ns::DirectoryHandle, ns::walk_tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_files.hpp"
#include "tests/architecture/source_text.hpp"

namespace {

using podrun::tests::code_of;
using podrun::tests::cpp_files;
using podrun::tests::library_calls;
using podrun::tests::lines_of;
using podrun::tests::SourceFile;

/// Functions of the C library that take a path and follow links in it.
constexpr std::string_view by_path[] = {"open",    "creat",  "fopen",  "stat",    "lstat",    "statfs",   "access",
                                        "mkdir",   "mknod",  "mkfifo", "unlink",  "rmdir",    "rename",   "chmod",
                                        "chown",   "lchown", "link",   "symlink", "readlink", "truncate", "opendir",
                                        "scandir", "ftw",    "nftw",   "remove",  "utimes",   "mkdtemp",  "mkstemp"};
/// Functions of podrun that call them.
constexpr std::string_view by_our_path[] = {"read_file", "write_file", "read_file_tail", "make_directories"};

/// The calls with paths that a file makes, and whose paths they are.
struct Allowed {
  std::string_view file;
  std::set<std::string> calls;
  std::string_view reason;
};

const std::vector<Allowed> allowed_calls{
    {"namespaces/child/apply_mounts.cpp",
     {"openat", "open", "mkdir"},
     "a cell of /c: no container sees the folder that cells lie in, beneath its cover"},
    {"namespaces/kernel/cgroup.cpp",
     {"open", "openat", "write_file"},
     "the host's cgroup2, which has no links; names are podrun's"},
    {"namespaces/kernel/cgroup_files.cpp", {"openat", "write_file"}, "likewise"},
    {"namespaces/kernel/command_cgroup.cpp", {"openat"}, "likewise"},
    {"namespaces/kernel/files.cpp",
     {"open", "mkdir", "chmod", "rename", "readlink", "make_directories", "write_file", "read_file", "std::filesystem"},
     "what this law speaks of itself: who calls them has the path, and is in this table; std::filesystem reads the "
     "host's /proc"},
    {"namespaces/images/store_folders.cpp",
     {"open", "make_directories"},
     "the top of the image store, podrun's own, 0700; what is in it goes by descriptor"},
    {"namespaces/network/firewall.cpp", {"read_file"}, "the host's own /proc"},
    {"namespaces/network/network_facts.cpp", {"open", "read_file"}, "the host's own /proc, /etc and /run/systemd"},
    {"namespaces/network/host_ports.cpp",
     {"opendir", "readlink"},
     "the host's /proc: names of descriptors, none of which is followed"},
    {"namespaces/front/main.cpp", {"open"}, "podrun's own programs, beside itself"},
    {"namespaces/volumes/apply_fs_group.cpp",
     {"open"},
     "a claim's root: the folder it lies in is podrun's own, 0700, and in no container"},
    {"namespaces/paths/directory_handle.cpp",
     {"open", "make_directories"},
     "the root of such a folder, /var/log, whose links are the administrator's"},
    {"namespaces/network/published_names.cpp",
     {"open", "make_directories"},
     "/run/podrun/.names, podrun's own, in a folder of mode 0700"},
    {"namespaces/launch/foreseen_mounts.cpp", {"open"}, "the host's own /proc and /sys"},
    {"namespaces/launch/read_host_facts.cpp",
     {"access", "statfs", "read_file"},
     "the host's own /proc, /sys and /var/lib/podrun"},
    {"namespaces/launch/image_store.cpp",
     {"open", "stat", "access", "lstat", "std::filesystem"},
     "an image's root and its config.json beside it, which the administrator named or laid out, and the folders above "
     "them; what is inside a root is opened in it"},
    {"namespaces/paths/inode_flags.cpp", {"open"}, "/proc/self/fd: what was opened O_PATH and looked at before"},
    {"namespaces/kernel/namespace_kinds.cpp", {"stat"}, "the host's /proc/PID/ns"},
    {"namespaces/launch/launch.cpp", {"open"}, "the host's / or /proc/PID/root, O_PATH: the pidfd says whose it was"},
    {"namespaces/launch/make_namespace.cpp", {"open"}, "the host's /proc/self/ns"},
    {"namespaces/volumes/mounts.cpp",
     {"make_directories"},
     "termination-log files: the folders they lie in are podrun's own, 0700, and in no container"},
    {"namespaces/volumes/overlay.cpp",
     {"chmod", "chown", "make_directories"},
     "layers: the folders they lie in are podrun's own, 0700, and in no container; images as in image_store; a new "
     "tmpfs in a mount namespace of its own"},
    {"namespaces/volumes/old_root.cpp", {"open"}, "the folder of a container's layers, podrun's own"},
    {"namespaces/puller/puller_root.cpp",
     {"openat", "readlink"},
     "the host's own /usr and /etc, and the new root, in which nobody is yet"},
    {"namespaces/puller/copy_certificates.cpp",
     {"open", "openat", "opendir"},
     "the administrator's certificates in /etc, and the new root"},
    {"namespaces/puller/main.cpp", {"open"}, "/staging in its own root, in which nobody else is"},
    {"namespaces/puller/short_names.cpp",
     {"access", "opendir", "read_file"},
     "the administrator's /etc/containers"},
    {"namespaces/pause/main.cpp", {"open"}, "the host's /proc/self/ns"},
    {"namespaces/pause/sandbox.cpp", {"openat"}, "the kernel's /proc/sys"},
    {"namespaces/launch/pause_client.cpp", {"open"}, "the kernel's /proc/sys"},
    {"namespaces/kernel/process.cpp", {"open", "read_file"}, "the host's /proc/PID"},
    {"namespaces/paths/pty.cpp", {"openat"}, "ptmx of a devpts, which has no links"},
    {"namespaces/paths/regular_file.cpp",
     {"open", "read_file_tail"},
     "/proc/self/fd: what was opened O_PATH and looked at before; O_PATH itself, which opens nothing"},
    {"namespaces/volumes/atomic_writer.cpp", {"write_file"}, "its own function of that name, which goes by descriptor"},
    {"namespaces/volumes/memory_volumes.cpp", {"openat"}, "a cell of /c as in apply_mounts"},
    {"namespaces/volumes/file_steps.cpp",
     {"open", "chmod", "lstat", "lchown", "make_directories", "write_file"},
     "a volume that podrun makes: in a folder of its own, 0700; a hostPath of type …OrCreate, as the manifest's "
     "author wrote it"},
    {"supervisor/state/claims.cpp",
     {"open", "rename", "make_directories", "std::filesystem"},
     "claims' roots and the folders they lie in: podrun's own, 0700, and in no container; what is in a claim goes by "
     "walk_tree"},
    {"supervisor/commands/debug.cpp", {"open"}, "the host's /proc/PID/fd of the pause"},
    {"supervisor/attach/control_socket.cpp", {"open", "chmod", "unlink"}, "/run/podrun, podrun's own, 0700"},
    {"supervisor/attach/enter_container.cpp", {"open"}, "the pod's own root, by the host's /proc/PID/root, O_PATH"},
    {"supervisor/engine/prober_sites.cpp", {"open"}, "the pod's own root, by the host's /proc/PID/root, O_PATH"},
    {"supervisor/attach/exec_target.cpp", {"open"}, "the host's /proc/PID/root, O_PATH"},
    {"supervisor/health/make_command.cpp", {"open"}, "roots, by the host's /proc/PID/root, O_PATH"},
    {"supervisor/engine/start_pod.cpp",
     {"make_directories"},
     "/run/podrun and /var/lib/podrun/pods, podrun's own, 0700"},
    {"supervisor/state/network_setup.cpp", {"read_file"}, "/etc/podrun/network.yaml, the administrator's"},
    {"supervisor/images/image_lookup.cpp",
     {"std::filesystem"},
     "an image's root that the administrator named or laid out, and the image store: podrun's own, 0700"},
    {"supervisor/state/load.cpp",
     {"std::filesystem"},
     "where a hostPath leads at the pod's start, before there is a container of it"},
    {"supervisor/image_verbs/load.cpp", {"open"}, "what the caller named on the command line"},
    {"supervisor/images/login_files.cpp", {"read_file"}, "the caller's own files of credentials"},
    {"supervisor/cli/options.cpp", {"access"}, "what the caller named on the command line"},
    {"supervisor/cli/pod_operands.cpp", {"access"}, "what the caller named on the command line"},
    {"supervisor/logs/nonblocking_output.cpp", {"open"}, "/proc/self/fd: a stream that the caller gave"},
    {"supervisor/core/installed_programs.cpp", {"access"}, "podrun's own programs"},
    {"supervisor/state/pod_cleanup.cpp",
     {"rmdir", "unlink", "std::filesystem"},
     "/run/podrun and the names in /var/lib/podrun/pods, podrun's own, 0700"},
    {"supervisor/state/pod_lock.cpp",
     {"open", "stat", "make_directories", "read_file", "std::filesystem"},
     "/run/podrun, podrun's own, 0700"},
    {"supervisor/cli/manifest_sources.cpp",
     {"open", "std::filesystem"},
     "manifests and folders of them that the caller named"},
    {"supervisor/state/state_file.cpp", {"open", "read_file", "write_file"}, "/run/podrun, podrun's own, 0700"},
    {"supervisor/state/legacy_stored_pod.cpp", {"read_file", "unlink"}, "/run/podrun, podrun's own, 0700"},
    {"supervisor/logs/termination_message.cpp",
     {"read_file_tail"},
     "the file of a terminationMessagePath: a container sees it as a mount, not the folder it lies in"},
};

/// The call that begins in a line, up to about its end.
std::string statement_at(const std::vector<std::string>& lines, std::size_t line) {
  std::string text;
  for (std::size_t index = line - 1; index < std::min(line + 3, lines.size()); ++index) {
    text += lines[index];
    if (lines[index].find(';') != std::string::npos) break;
  }
  return text;
}

/// Whether it is an openat(2) of a single name with O_NOFOLLOW, or of "." or "..".
bool is_strict(const std::string& statement) {
  return statement.find("O_NOFOLLOW") != statement.npos || statement.find("O_EXCL") != statement.npos ||
         statement.find("\".\"") != statement.npos || statement.find("\"..\"") != statement.npos;
}

/// The path is written there: the host's own /proc, /dev/null.
bool is_literal(const std::string& statement) {
  return statement.find("(\"/") != statement.npos;
}

/// The lines with a call NAME( that is no call of a member, as `folder.read_file(` is.
std::vector<std::size_t> calls_of_ours(std::string_view name, const std::string& code) {
  std::vector<std::size_t> found;
  for (auto at = code.find(name); at != code.npos; at = code.find(name, at + 1)) {
    const std::string_view before = std::string_view(code).substr(0, at),
                           after = std::string_view(code).substr(at + name.size());
    if (!after.starts_with("(") || (!before.empty() && podrun::tests::is_word(before.back()))) continue;
    if (before.ends_with(".") || before.ends_with("->")) continue;
    if (before.ends_with("::") && !before.ends_with("ns::")) continue;  // the definition of a member
    found.push_back(static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1);
  }
  return found;
}

std::set<std::string> path_calls(const SourceFile& file) {
  std::set<std::string> found;
  const std::string code = code_of(file.text);
  const std::vector<std::string> lines = lines_of(file.text);
  const auto note = [&](std::string_view name, const std::vector<std::size_t>& at) {
    for (const std::size_t line : at)
      if (const std::string statement = statement_at(lines, line);
          name == "openat" ? !is_strict(statement) : !is_literal(statement))
        found.emplace(name);
  };
  for (const std::string_view name : by_path) note(name, library_calls(name, code));
  note("openat", library_calls("openat", code));
  for (const std::string_view name : by_our_path) note(name, calls_of_ours(name, code));
  for (const std::string_view text : {"std::filesystem", "fstream"})
    if (code.find(text) != code.npos) found.emplace("std::filesystem");
  return found;
}

std::vector<SourceFile> host_side_files() {
  auto files = cpp_files({"namespaces", "supervisor"});
  std::erase_if(files, [](const SourceFile& file) { return !file.path.ends_with(".cpp"); });
  return files;
}

}  // namespace

TEST(HostPaths, EveryCallWithAPathIsInTheTable) {
  std::map<std::string_view, const Allowed*> by_file;
  for (const Allowed& each : allowed_calls)
    EXPECT_TRUE(by_file.emplace(each.file, &each).second) << each.file << " is there twice";
  for (const SourceFile& file : host_side_files()) {
    const auto entry = by_file.find(file.path);
    for (const std::string& call : path_calls(file))
      EXPECT_TRUE(entry != by_file.end() && entry->second->calls.contains(call)) << file.path << ": " << call;
  }
}

TEST(HostPaths, TheTableHasNothingThatIsNotThere) {
  std::map<std::string, std::set<std::string>> found;
  for (const SourceFile& file : host_side_files()) found[file.path] = path_calls(file);
  for (const auto& [file, calls, reason] : allowed_calls) {
    EXPECT_FALSE(reason.empty()) << file;
    for (const std::string& call : calls) EXPECT_TRUE(found[std::string(file)].contains(call)) << file << ": " << call;
  }
}

TEST(HostPaths, CallsByPathAreDistinguishedFromCallsByDescriptor) {
  const auto calls = [](const std::string& text) { return path_calls({.path = "x.cpp", .text = text}); };
  EXPECT_EQ(calls("Fd f(::open(path, O_RDONLY));"), std::set<std::string>{"open"});
  EXPECT_EQ(calls("Fd f(::openat(directory, name, O_RDONLY));"), std::set<std::string>{"openat"});
  EXPECT_EQ(calls("Fd f(::openat(directory, name,\n  O_RDONLY | O_NOFOLLOW));"), std::set<std::string>{});
  EXPECT_EQ(calls("Fd f(::openat(directory, \".\", O_RDONLY));"), std::set<std::string>{});
  EXPECT_EQ(calls("auto text = ns::read_file(path);"), std::set<std::string>{"read_file"});
  EXPECT_EQ(calls("auto text = folder.read_file(name);"), std::set<std::string>{});
  EXPECT_EQ(calls("auto text = ns::read_file(\"/proc/self/mountinfo\");"), std::set<std::string>{});
  EXPECT_EQ(calls("std::filesystem::exists(path);"), std::set<std::string>{"std::filesystem"});
  EXPECT_EQ(calls("::renameat(a, b, c, d); ::unlinkat(a, b, 0); sys::openat2(a, b, c, d); folder.open();"),
            std::set<std::string>{});
}
