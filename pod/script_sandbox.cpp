// The pod's own part of a shell script.
#include "pod/script_sandbox.hpp"

#include "pod/names.hpp"

#include <fmt/format.h>

namespace podrun::pod::script {
namespace {

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
  const std::string& text() const { return lines_.text(); }

 private:
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
            << "mkdir \"$storage\"/pod/c \"$storage\"/pod/shm \"$storage\"/pod/ipc";
  }
  void operator()(const sandbox::SharedMemory& s) {
    const std::string at = "\"$storage\"/pod" + (s.container.empty() ? "/shm" : "/ipc/" + word(s.container));
    inside_ << fmt::format("mkdir -p {1}\nmount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size={0} shm {1}",
                           s.bytes, at);
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
