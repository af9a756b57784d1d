// Converts the files and sandbox steps of a plan to shell.
#include "pod/script/script_sandbox.hpp"

#include <set>

#include <fmt/format.h>

#include "pod/plan/enum_names.hpp"

namespace podrun::pod::script {
namespace {

/// The commands that write the files of a volume.
std::string volume_lines(const std::string& directory, const VolumeFiles& files) {
  std::string text = fmt::format("mkdir -p {0}/..by-hand && chmod {1:04o} {0} && chmod {2:04o} {0}/..by-hand",
                                 directory, files.mode, files.below);
  std::set<std::string> names;
  for (const VolumeFile& file : files.list) {
    const std::string path = fmt::format("{}/..by-hand/{}", directory, word(file.path));
    const std::size_t slash = file.path.rfind('/');
    if (slash != file.path.npos)
      text += fmt::format("\nmkdir -p {}/..by-hand/{}", directory, word(file.path.substr(0, slash)));
    text += fmt::format("\nprintf %s {1} > {0} && chmod {2:04o} {0}", path, word(file.content.shown()), file.mode);
    names.insert(file.path.substr(0, file.path.find('/')));
  }
  text += fmt::format("\nln -s ..by-hand {}/..data", directory);
  for (const std::string& name : names)
    text += fmt::format("\nln -s {1} {0}/{2}", directory, word("..data/" + name), word(name));
  for (const std::string& path : files.mount_points)
    text += fmt::format("\nmkdir -p {}/{}", directory, word(path));
  if (files.group != 0) text += fmt::format("\nchgrp -hR {} {}", files.group, directory);
  return text;
}

class FilesScript {
 public:
  explicit FilesScript(std::string_view storage) : storage_(storage) {}

  void add(const FileStep& step) {
    lines_.step(describe(step));
    std::visit(*this, step);
  }
  void operator()(const file::MakeDirectory& s) {
    lines_ << fmt::format("mkdir -p {0} && chmod {1:04o} {0}", path_word(s.path, storage_), s.mode);
  }
  void operator()(const file::Write& s) {
    lines_ << fmt::format("printf %s {1} > {0} && chmod {2:04o} {0}", path_word(s.path, storage_),
                          word(s.content), s.mode);
  }
  void operator()(const file::CheckHostPath& s) {
    const std::string path = path_word(s.path, storage_);
    if (s.type == HostPathType::DirectoryOrCreate) lines_ << "mkdir -p " + path;
    if (s.type == HostPathType::FileOrCreate) lines_ << fmt::format("[ -e {0} ] || : > {0}", path);
    if (s.type == HostPathType::Any) lines_ << fmt::format("[ -e {0} ] || mkdir -p {0}", path);
    lines_ << fmt::format("[ -{} {} ] || die {}", test_of(s.type), path,
                          word(fmt::format("volume {}: {} is {}", s.volume, s.path,
                                           s.type == HostPathType::Any ? "not there"
                                                                       : fmt::format("no {}", name_of(s.type)))));
  }
  void operator()(const file::WriteVolume& s) { lines_ << volume_lines(path_word(s.path, storage_), s.files); }
  void operator()(const file::GiveToGroup& s) {
    lines_ << fmt::format(
        "chgrp -hR {0} {1}\n"
        "find {1} -xdev -type d -exec chmod ug+rwx,g+s {{}} + -o ! -type l -exec chmod ug+rw {{}} +",
        s.group, path_word(s.path, storage_));
  }
  const std::string& text() const { return lines_.text(); }

 private:
  /// The operator of test(1) for a type.
  static char test_of(HostPathType type) {
    switch (type) {
      case HostPathType::Any: return 'e';
      case HostPathType::DirectoryOrCreate:
      case HostPathType::Directory: return 'd';
      case HostPathType::FileOrCreate:
      case HostPathType::File: return 'f';
      case HostPathType::Socket: return 'S';
      case HostPathType::CharDevice: return 'c';
      case HostPathType::BlockDevice: return 'b';
    }
    __builtin_unreachable();
  }

  std::string_view storage_;
  Lines lines_;
};

class SandboxScript {
 public:
  explicit SandboxScript(PodScript& pod) : pod_(pod) {}

  std::string text() {
    for (const SandboxStep& step : pod_.plan.sandbox) {
      Lines& lines = std::holds_alternative<sandbox::Init>(step) ? after_ : inside_;
      lines.step(describe(step));
      std::visit(*this, step);
    }
    for (const MemoryStep& step : pod_.plan.memory) {
      inside_.step(describe(step));
      std::visit(*this, step);
    }
    return in_background(
               fmt::format("(\n  echo 0 > \"$cgroup\"/cgroup.procs\n  exec unshare {} --propagation private "
                           "sh -eu\n)",
                           options_of(shared_)),
               ". \"$storage\"/run/helpers\n" + inside_.text() + "\nready pause\nexec sleep infinity\n") +
           "await pause\nexport pause=$pid\n" + after_.text();
  }

  void operator()(const sandbox::Unshare& s) {
    shared_ = s.kinds;
    pod_.reasons.give(
        inside_,
        "unshare(1) did this above. What is in these namespaces is seen by all containers that enter them.");
  }
  void operator()(const sandbox::Root&) {
    pod_.reasons.give(inside_,
                      "podrun makes it the root (pivot_root(2)), detaches the host's tree, and covers /c, to "
                      "which it keeps a "
                      "descriptor: who leaves his chroot finds nothing. A shell would have no tools left: "
                      "here the host's tree "
                      "stays around it.");
    inside_ << "mkdir -p \"$storage\"/pod\nmount -t tmpfs -o nosuid,nodev,noexec,mode=755,size=64k podrun "
               "\"$storage\"/pod"
            << "mkdir \"$storage\"/pod/c";
  }
  void operator()(const sandbox::SharedMemory& s) {
    const std::string place =
        s.container.empty() ? shared_memory : fmt::format("{}/{}", own_shared_memories, word(s.container));
    const std::string at = "\"$storage\"/pod/c/" + place;
    inside_ << fmt::format("mkdir -p {1}\nmount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size={0} shm {1}",
                           s.bytes, at);
  }
  void operator()(const memory::EmptyDir& s) {
    inside_ << mount_volume(s.volume, s.bytes, fmt::format("mode={:04o},gid={}", s.mode, s.group));
  }
  void operator()(const memory::Files& s) {
    pod_.reasons.give(inside_,
                      "What comes from a Secret is in no script: where podrun writes it, this writes its name.");
    inside_ << mount_volume(s.volume, s.bytes, "mode=0755") << volume_lines(memory_place(s.volume), s.files);
  }
  void operator()(const sandbox::Loopback&) { inside_ << "loopback_up"; }
  void operator()(const sandbox::Hostname& s) {
    inside_ << fmt::format("echo {} > /proc/sys/kernel/hostname", word(s.name));
  }
  void operator()(const sandbox::Sysctl& s) {
    inside_ << fmt::format("echo {} > {}", word(s.value), word(sysctl_path(s.name)));
  }
  void operator()(const sandbox::Init& s) {
    pod_.reasons.give(
        after_, "A shell that waits reaps what others leave behind. In podrun the init is a second pause.");
    after_ << in_background(
        fmt::format("(\n  echo 0 > \"$cgroup\"/cgroup.procs\n  exec nsenter --target \"$pause\" {} \\\n"
                    "    unshare {} --fork --kill-child sh -eu\n)",
                    options_of(shared_), options_of(s.kinds)),
        ". \"$storage\"/run/helpers\nready init\nwhile :; do sleep 1000 & wait; done\n");
    after_ << "await init\nexport init=$pid";
  }

 private:
  static std::string mount_volume(std::string_view name, std::uint64_t bytes, std::string_view options) {
    return fmt::format("mkdir -p {0}\nmount -t tmpfs -o nodev,size={1},{2} {3} {0}", memory_place(name), bytes, options,
                       word(name));
  }

  PodScript& pod_;
  NamespaceSet shared_;
  Lines inside_;
  Lines after_;
};

}  // namespace

std::string files(const PodPlan& plan) {
  FilesScript script(plan.storage);
  for (const FileStep& step : plan.files) script.add(step);
  return script.text();
}

std::string sandbox(PodScript& pod) {
  return SandboxScript(pod).text();
}

}  // namespace podrun::pod::script
