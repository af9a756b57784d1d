// Converts the steps of one container to shell.
//
// In podrun the supervisor executes the host steps and a cloned process executes the child steps. In the script each
// command that enters namespaces executes the next one. The last of them is a shell, which mounts and then executes the
// program.
#include "pod/script/script_container.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pod/spec/capabilities.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/joined.hpp"

namespace podrun::pod::script {
namespace {

constexpr std::size_t drops_a_line = 5;
constexpr std::string_view hardened = "nosuid,nodev,noexec";

/// The lines that mount a file system and then set attributes of the mount: for the kernel a read-only mount is
/// different from a read-only file system.
std::string mount_lines(std::string_view type, std::string_view options, std::string_view path,
                        bool read_only) {
  const std::string at = fmt::format("\"$root\"{}", word(path));
  std::string text =
      fmt::format("place directory {}\nmount -t {} -o {} {} {}", word(path), type, options, type, at);
  if (read_only) text += fmt::format("\nmount -o remount,bind,ro,{} {}", options, at);
  return text;
}

class ContainerScript {
 public:
  ContainerScript(PodScript& pod, const ContainerPlan& plan)
      : pod_(pod), plan_(plan), host_(host_part(pod, plan)) {}

  std::string text() {
    enter_pid_namespace();
    for (const ChildStep& step : plan_.child) {
      inside_.step(describe(step, plan_));
      std::visit(*this, step);
    }
    return host_.lines +
           in_background(command(), ". \"$storage\"/run/helpers\n" + inside_.text() + program()) +
           fmt::format("job_{0}=$!\nawait {1}\npid_{0}=$pid\nuntil_program\nexport pid_{0}\n",
                       variable(plan_.name), word(plan_.name));
  }

  void operator()(const step::ResetSignals&) {
    explain(
        "env(1) does this below: a shell starts what is in the background with SIGINT and SIGQUIT ignored.");
    late_.emplace_back("env --default-signal");
  }
  void operator()(const step::NotDumpable&) {
    explain(
        "prctl(PR_SET_DUMPABLE, 0), which no command can say for the next one: until its exec nobody in the "
        "pod may look into this process, which still has descriptors of the host.");
  }
  void operator()(const step::NewSession&) {
    late_.emplace_back("setsid");
    explain(
        "setsid(1) did this above, so that Ctrl-C reaches only who shall have it. podrun also gives it a "
        "session keyring of its own (keyctl(2)).");
    inside_ << "umask 0022";
  }
  void operator()(const step::ResetOomScore&) { inside_ << "echo 0 2> /dev/null > /proc/self/oom_score_adj || :"; }
  void operator()(const step::EnterNamespaces& s) {
    chain_.push_back(fmt::format("nsenter --target {} {}", host_.places[s.of], options_of(s.kinds)));
    explain("nsenter(1) did this above, before this shell was started.");
  }
  void operator()(const step::OwnMounts&) {
    chain_.emplace_back("unshare --mount --propagation private");
    explain("unshare(1) did this above.");
  }
  void operator()(const step::SetAsideOldRoot& s) {
    explain("There is none: this script does not restart containers.");
    inside_ << fmt::format("root=$storage/pod/c/{}\nmkdir -p \"$root\"", s.cell);
  }
  void operator()(const step::AttachRoot&) { inside_ << host_.overlay; }
  void operator()(const step::AttachOwnRoot&) {
    explain("podrun attaches it over /c itself, of which it has a descriptor for what lies there.");
    inside_ << fmt::format("root=$storage/pod/c/{}\nmkdir -p \"$root\"", word(plan_.name)) << host_.overlay;
  }
  void operator()(const step::MountProc& s) {
    explain(
        "Of the PID namespace that this process is in. Read-only as a mount: what is hidden in it below "
        "cannot be written even if it is uncovered.");
    inside_ << mount_lines("proc", hardened, s.path, s.read_only);
  }
  void operator()(const step::MountSys& s) {
    explain("Of the network namespace that this process is in.");
    inside_ << mount_lines("sysfs", hardened, s.path, s.read_only);
  }
  void operator()(const step::MountDev& s) {
    inside_ << mount_lines("tmpfs", "nosuid,noexec,mode=755,size=64k", s.path, false);
    for (const step::DeviceNode& node : s.nodes)
      inside_ << fmt::format("mknod -m 0666 \"$root\"{} c {} {}", word(s.path + "/" + node.name), node.major,
                             node.minor);
    for (const auto& [name, target] : s.links)
      inside_ << fmt::format("ln -s {} \"$root\"{}", word(target), word(s.path + "/" + name));
  }
  void operator()(const step::MountPts& s) {
    inside_ << mount_lines(
        "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5,max=" + std::string(step::most_terminals),
        s.path, false);
  }
  void operator()(const step::MountMqueue& s) { inside_ << mount_lines("mqueue", hardened, s.path, false); }
  void operator()(const step::BindFromPod& s) {
    if (s.source == shared_proc) return proc_of_others(s.path, s.read_only);
    inside_ << fmt::format("bind \"$storage\"/pod/c/{} {} rprivate", word(s.source), word(s.path));
  }
  void operator()(const step::AttachTree& s) {
    if (host_.places[s.tree] == proc_place) return proc_of_others(s.path, s.read_only);
    // The devpts of a terminal: only host::Terminal leaves a tree without a place.
    if (host_.places[s.tree].empty()) return (*this)(step::MountPts{.root = s.root, .path = s.path});
    std::string options = host_.options[s.tree];
    if (s.read_only) options += options.empty() ? "ro" : ",ro";
    if (s.recursive)
      explain(
          "podrun also makes read-only what is mounted below: mount_setattr(2), AT_RECURSIVE. mount(8) can since "
          "util-linux 2.39.");
    inside_ << fmt::format("{}bind {} {} {}{}", host_.preparation[s.tree], host_.places[s.tree], word(s.path),
                           host_.propagation[s.tree], options.empty() ? "" : " " + options);
  }
  void operator()(const step::MaskPath& s) { inside_ << "hide " + word(s.path); }
  void operator()(const step::ReadOnlyPath& s) { inside_ << "read_only " + word(s.path); }
  void operator()(const step::WritablePath& s) {
    explain("A volume of the image's config: a mount over itself stays writable when the root no longer is.");
    inside_ << fmt::format("place directory {0}\nmount --bind \"$root\"{0} \"$root\"{0}", word(s.path));
  }
  void operator()(const step::ReadOnlyRoot&) { inside_ << "mount -o remount,bind,ro,nodev \"$root\""; }
  void operator()(const step::Chroot& s) {
    if (host_.places[s.root] != overlay_place) inside_ << "root=" + host_.places[s.root];
    explain(
        "capsh(1) does this below, between two things that chroot(1) and setpriv(1) could only do one after "
        "the other: a capability can be given up for what comes after the chroot, and the chroot still be "
        "made.");
  }
  void operator()(const step::PivotRoot&) {
    explain(
        "podrun makes the root that of the mount namespace, pivot_root(2), and detaches what was there "
        "before: a process with these rights could leave a chroot. A shell would have no tools left: here it "
        "is a chroot, and the host's tree is around it. Do not give this container to somebody you do not "
        "trust.");
  }
  void operator()(const step::WorkingDirectory& s) {
    if (s.path == "/") return;
    directory_ = s.path;
    explain("The image's own shell does this below, for capsh(1) goes to the new root's / after the chroot.");
    inside_ << "place directory " + word(s.path);
  }
  void operator()(const step::ConnectStdio&) {}
  void operator()(const step::ConnectInput& s) { input_ = "<> " + host_.places[s.in]; }
  void operator()(const step::ConnectTerminal& s) { input_ = "<> " + host_.places[s.terminal]; }
  void operator()(const step::ResourceLimits& s) {
    std::string command = "prlimit --pid $$";
    const auto number = [](std::uint64_t value) { return value == unlimited ? "unlimited" : std::to_string(value); };
    for (const auto& [resource, soft, hard] : s.limits)
      command += fmt::format(" \\\n  --{}={}:{}", name_of(resource), number(soft), number(hard));
    explain("prlimit(1) sets them for this shell, and so for what it executes.");
    inside_ << command;
  }
  void operator()(const step::BoundCapabilities& s) {
    constexpr std::uint64_t all = (std::uint64_t{1} << capability_names_by_number.size()) - 1;
    std::vector<std::string> dropped = capability_names(all & ~s.keep);
    for (std::string& name : dropped) {
      std::ranges::transform(name, name.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
      name.insert(0, "cap_");
    }
    for (std::size_t at = 0; at < dropped.size(); at += drops_a_line)
      capsh_.push_back(fmt::format(
          "--drop={}", joined(std::span(dropped).subspan(at, std::min(drops_a_line, dropped.size() - at)), ",")));
    explain("These stay; capsh(1) drops the others from the bounding set below.");
  }
  void operator()(const step::Seccomp& s) {
    explain(fmt::format("podrun also filters system calls with seccomp(2) ({}), for which a shell has no command.",
                        s.profile));
  }
  void operator()(const step::SetIds& s) {
    setpriv_.push_back(s.groups.empty() ? "--clear-groups"
                                        : fmt::format("--groups {}", joined(s.groups, ",")));
    ids_ = {fmt::format("--gid={}", s.gid), fmt::format("--uid={}", s.uid)};
  }
  void operator()(const step::NoNewPrivileges&) { setpriv_.emplace_back("--no-new-privs"); }
  void operator()(const step::SetCapabilities&) {
    explain(
        "podrun sets them with capset(2). The exec does the same here: root gets what the bounding set "
        "allows, everybody else nothing.");
  }
  void operator()(const step::ParentDeathSignal&) {
    setpriv_.emplace_back("--pdeathsig KILL");
    explain(
        "Here the parent is unshare(1) or nsenter(1). A change of ids takes it back, so podrun does this "
        "after them.");
  }
  void operator()(const step::CloseDescriptors&) {
    explain("close_range(2). These are the ones that a shell can name.");
    inside_ << "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
  }
  void operator()(const step::Gate&) {
    explain(
        "In podrun every container is a child of the pause, which must know it before it runs: a byte in a "
        "pipe opens the gate. Here the script only notes the pid.");
    inside_ << "ready " + word(plan_.name);
  }
  void operator()(const step::Exec& s) {
    exec_ = {.argv = s.printable(s.argv), .env = s.printable(s.env)};
    if (!s.shown.empty()) explain("What comes from a Secret is left out: <secret NAME/KEY> stands for it.");
  }

 private:
  void proc_of_others(std::string_view path, bool read_only) {
    explain(
        "podrun's process is not yet in that PID namespace, where a container with SYS_PTRACE could look into it: it "
        "has a clone "
        "of a mount that was made before. This shell is in it.");
    inside_ << mount_lines("proc", hardened, path, read_only);
  }
  void explain(std::string_view reason) { pod_.reasons.give(inside_, reason); }

  /// Sets the command for the PID namespace. It is executed last, because a process is created in its PID namespace.
  void enter_pid_namespace() {
    if (plan_.pid_namespace)
      pid_command_ = fmt::format("nsenter --target {} --pid", host_.places[*plan_.pid_namespace]);
    else if (source_of(plan_.namespaces, NamespaceKind::Pid).owner == NamespaceOwner::Private)
      pid_command_ = "unshare --pid --fork --kill-child";
  }

  /// The chain of commands that execute each other, with the shell at the end.
  std::string command() {
    if (!pid_command_.empty()) chain_.push_back(pid_command_);
    chain_.insert(chain_.end(), late_.begin(), late_.end());
    std::string text = fmt::format(
        "(\n  # podrun clones the process into its control group (CLONE_INTO_CGROUP).\n  echo 0 > "
        "\"$cgroup\"/{}/cgroup.procs\n  exec",
        word(plan_.name));
    for (const std::string& link : chain_) text += fmt::format(" {} \\\n   ", link);
    return text + " sh -eu\n)";
  }

  /// The last command of the shell, which sets environment, privileges, root and ids and executes the program.
  std::string program() const {
    std::string text =
        fmt::format("program=$(find_program {} {})\n", word(exec_.argv.front()), word(search_path()));
    text += "exec env -i \\\n";
    for (const std::string& variable : exec_.env) text += fmt::format("  {} \\\n", word(variable));
    text += "  \"$setpriv\"";
    for (const std::string& option : setpriv_) text += " " + option;
    text += " \\\n  \"$capsh\"";
    for (const std::string& option : capsh_) text += fmt::format(" \\\n    {}", option);
    text += fmt::format(" \\\n    --chroot=\"$root\" {} \\\n    ", joined(ids_, " "));
    // capsh changes to "/" of the new root.
    if (directory_.empty())
      text += "--shell=\"$program\" --";
    else
      text +=
          fmt::format("--shell=/bin/sh -- -c 'cd \"$0\" && exec \"$@\"' {} \"$program\"", word(directory_));
    for (std::size_t index = 1; index < exec_.argv.size(); ++index)
      text += " \\\n    " + word(exec_.argv[index]);
    return fmt::format("{} {}\n", text, input_);
  }

  std::string search_path() const {
    for (const std::string& variable : exec_.env)
      if (variable.starts_with("PATH=")) return variable.substr(5);
    return "/bin:/usr/bin";
  }

  PodScript& pod_;
  const ContainerPlan& plan_;
  HostPart host_;
  Lines inside_;                    ///< lines of the container's shell
  std::vector<std::string> chain_;  ///< the chain of commands that execute each other
  std::string pid_command_;
  std::vector<std::string> late_;     ///< commands after the one that forks
  std::vector<std::string> setpriv_;  ///< options of setpriv(1)
  std::vector<std::string> capsh_;
  std::vector<std::string> ids_;
  std::string directory_;
  std::string input_ = "< /dev/null";
  step::Exec exec_;
};

}  // namespace

std::string container(PodScript& pod, const ContainerPlan& plan) {
  return ContainerScript(pod, plan).text();
}

}  // namespace podrun::pod::script
