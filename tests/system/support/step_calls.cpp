// The steps of a plan, each with a system call whose failure makes it fail.
#include "tests/system/support/step_calls.hpp"

#include <signal.h>
#include <linux/netlink.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/plan/plan_fields.hpp"

namespace podrun::test {
namespace {

using namespace pod;

// On arm64 the kernel has only the newer calls, and glibc uses them under the old names.
#ifdef SYS_rename
constexpr long rename_call = SYS_rename, mkdir_call = SYS_mkdir, dup2_call = SYS_dup2;
#else
constexpr long rename_call = SYS_renameat, mkdir_call = SYS_mkdirat, dup2_call = SYS_dup3;
#endif

/// The system call by which a step is recognized, and its position among the equal calls of the step.
struct Mark {
  long number;
  Arguments arguments = {};
  std::string text = "";
  int made = 1;           ///< how many of them the step makes
  long also = Call::any;  ///< another call that it makes, by which other steps are recognized
  int also_since = 0;     ///< the first instance that makes it

  bool is_like(const Mark& other) const {
    return number == other.number && arguments == other.arguments && text == other.text;
  }
};

/// For a step whose calls cannot be recognized: it copies a descriptor, or opens something that only the running pod
/// knows.
const Mark no_call{Call::any};

// clang-format off
Mark mark(const file::MakeDirectory& step) { return {mkdir_call, {}, step.path}; }
Mark mark(const file::Write& step) { return {rename_call, {}, step.path}; }
Mark mark(const file::CheckHostPath& step) { return {SYS_openat2, {}, step.path}; }
Mark mark(const file::WriteVolume& step) { return {mkdir_call, {}, step.path}; }
Mark mark(const file::GiveToGroup&) { return {SYS_getdents64}; }

std::string place_in_memory(const std::string& volume) { return std::string(memory_volumes) + "/" + volume; }
Mark mark(const memory::EmptyDir& step) { return {SYS_openat, {}, place_in_memory(step.volume)}; }
Mark mark(const memory::Files& step) { return {SYS_openat, {}, place_in_memory(step.volume)}; }

Mark mark(const sandbox::Unshare&) { return {SYS_unshare}; }
Mark mark(const sandbox::Root&) { return {SYS_pivot_root}; }
Mark mark(const sandbox::SharedMemory& step) {
  return {SYS_mount, {}, step.container.empty() ? "_shm" : "_ipc/" + step.container};
}
Mark mark(const sandbox::Loopback&) { return {SYS_ioctl}; }
Mark mark(const sandbox::Sysctl& step) {
  return {SYS_openat, {}, sysctl_path(step.name).substr(sysctl_root.size())};
}
Mark mark(const sandbox::Hostname&) { return {SYS_sethostname}; }

Mark mark(const sandbox::Init&) { return {SYS_clone3}; }

// A message to netlink(7) is recognized by the length of the kernel's address.
Mark netlink_messages(int made) {
  return {.number = SYS_sendto, .arguments = {{5, sizeof(sockaddr_nl)}}, .made = made};
}
Mark mark(const network::HostSetting& step) {
  return {.number = SYS_openat, .text = step.name.substr(step.name.rfind('/') + 1), .made = 2};  // reads, and writes
}
Mark mark(const network::Link&) { return netlink_messages(2); }  // the pair, and the settings of the host's end
Mark mark(const network::PodEnd&) { return netlink_messages(1); }
Mark mark(const network::HostEnd&) { return netlink_messages(2); }  // the second asks whether it is up
Mark mark(const network::Filter&) { return netlink_messages(1); }
/// Looks for the table and makes it; then reads its sets and adds to them.
Mark mark(const network::SharedFilter& step) {
  return netlink_messages(2 + (step.elements.empty() ? 0 : static_cast<int>(step.table.sets.size()) + 1));
}
Mark mark(const network::DockerRule&) { return netlink_messages(2); }  // asks for the rules, and adds some
Mark mark(const network::ForgetConnections&) { return no_call; }  // it only warns
Mark mark(const network::Resolver&) { return netlink_messages(1); }

Mark mark(const host::OverlayRoot&) { return {SYS_fsopen, {}, "overlay"}; }
Mark mark(const host::CloneTree& step) {
  if (step.in_memory) return {SYS_openat, {}, place_in_memory(step.source)};
  return {SYS_openat2, {}, step.source};
}
Mark mark(const host::CloneProc&) { return no_call; }
Mark mark(const host::MessageFile&) { return {SYS_ftruncate}; }
Mark mark(const host::Stdio& step) {
  return {.number = SYS_fchown, .arguments = {{1, step.uid}, {2, step.gid}}, .made = 2};
}
Mark mark(const host::Input& step) { return {SYS_fchown, {{1, step.uid}, {2, step.gid}}}; }
Mark mark(const host::Terminal&) { return {SYS_fsopen, {}, "devpts"}; }
Mark mark(const host::MakeNamespace& step) { return {SYS_unshare, {{0, ns::clone_flag(step.kind)}}}; }
Mark mark(const host::OpenInit&) { return no_call; }
Mark mark(const host::OpenProcess&) { return no_call; }
Mark mark(const host::OpenRoot&) { return no_call; }

// Everything is attached by one move_mount(2).
Mark mark(const step::ResetSignals&) { return {SYS_rt_sigprocmask}; }
Mark mark(const step::NotDumpable&) { return {SYS_prctl, {{0, PR_SET_DUMPABLE}}}; }
Mark mark(const step::NewSession&) { return {SYS_setsid}; }
Mark mark(const step::ResetOomScore&) { return {SYS_openat, {}, "/proc/self/oom_score_adj"}; }
Mark mark(const step::EnterNamespaces&) { return {SYS_setns}; }
Mark mark(const step::OwnMounts&) { return {SYS_unshare}; }
Mark mark(const step::SetAsideOldRoot&) { return {.number = SYS_mkdirat, .also = SYS_move_mount, .also_since = 1}; }
Mark mark(const step::AttachRoot&) { return {SYS_move_mount}; }
Mark mark(const step::AttachOwnRoot&) { return {SYS_move_mount}; }
Mark mark(const step::MountProc&) { return {SYS_move_mount}; }
Mark mark(const step::MountSys&) { return {SYS_move_mount}; }
Mark mark(const step::MountDev&) { return {SYS_move_mount}; }
Mark mark(const step::MountPts&) { return {SYS_move_mount}; }
Mark mark(const step::MountMqueue&) { return {SYS_move_mount}; }
Mark mark(const step::BindFromPod&) { return {SYS_move_mount}; }
Mark mark(const step::AttachTree& step) {
  return {.number = SYS_move_mount, .also = step.read_only ? SYS_mount_setattr : Call::any};
}
Mark mark(const step::MaskPath&) { return {SYS_move_mount}; }
Mark mark(const step::ReadOnlyPath&) { return {.number = SYS_move_mount, .also = SYS_mount_setattr}; }
Mark mark(const step::WritablePath&) { return {SYS_move_mount}; }
Mark mark(const step::ReadOnlyRoot&) { return {SYS_mount_setattr}; }
Mark mark(const step::Chroot&) { return {SYS_chroot}; }
Mark mark(const step::PivotRoot&) { return {SYS_pivot_root}; }
Mark mark(const step::WorkingDirectory&) { return {SYS_openat, {}, "/"}; }
Mark mark(const step::ConnectStdio&) { return {.number = dup2_call, .made = 3}; }
Mark mark(const step::ConnectInput&) { return {dup2_call}; }
Mark mark(const step::ConnectTerminal&) { return {SYS_ioctl}; }
Mark mark(const step::ResourceLimits&) { return {.number = SYS_prlimit64, .made = pod::resource_kinds}; }
Mark mark(const step::BoundCapabilities&) { return {SYS_prctl, {{0, PR_CAPBSET_DROP}}}; }
Mark mark(const step::Seccomp&) { return {SYS_seccomp}; }
Mark mark(const step::SetIds&) { return {SYS_setresuid}; }
Mark mark(const step::NoNewPrivileges&) { return {SYS_prctl, {{0, PR_SET_NO_NEW_PRIVS}}}; }
Mark mark(const step::SetCapabilities&) { return {SYS_capset}; }
Mark mark(const step::ParentDeathSignal&) { return {SYS_prctl, {{0, PR_SET_PDEATHSIG}}}; }
Mark mark(const step::CloseDescriptors&) { return {SYS_close_range}; }
Mark mark(const step::Gate&) { return {SYS_read}; }
Mark mark(const step::Exec&) { return {SYS_execve}; }
// clang-format on

/// The steps of one process, in their order.
class Walk {
 public:
  explicit Walk(Call whose) : whose_(std::move(whose)) {}

  template <typename Step>
  Call next(const Step& step) {
    const Mark found = std::visit([](const auto& each) { return mark(each); }, step);
    Call call = whose_;
    call.number = found.number;
    call.arguments = found.arguments;
    call.text = found.text;
    for (const Mark& mark : done_)
      if (mark.is_like(found)) call.nth += mark.made;
    done_.push_back(found);
    if (whose_.instance >= found.also_since) done_.push_back({found.also});
    return call;
  }

  /// Counts a call like that of STEP, which is made before all steps.
  template <typename Step>
  void passes_over(const Step& step) {
    done_.push_back(mark(step));
  }

 private:
  Call whose_;
  std::vector<Mark> done_;
};

std::string words_of(const std::string& where, std::size_t index, std::size_t count, const StepText& text) {
  return fmt::format("{} {} of {}: {} {}: ", where, index + 1, count, text.action, text.detail);
}

/// The steps of the networks, with each of their messages to the kernel.
void append_networks(std::vector<StepCall>& to, const PodPlan& plan, Walk& walk) {
  for (const NetworkPlan& network : plan.networks)
    for (std::size_t index = 0; index < network.steps.size(); ++index) {
      const NetworkStep& step = network.steps[index];
      Call call = walk.next(step);
      const int made = std::visit([](const auto& each) { return mark(each).made; }, step);
      for (int i = 0; call.number != no_call.number && i < made; ++i, ++call.nth)
        to.push_back({call, std::string(step_name(step)),
                      words_of(plan.name + ": network step", index, network.steps.size(), describe(step))});
    }
}

/// The steps of one list. WORDS(index) describes one.
template <typename Steps, typename Words>
void append(std::vector<StepCall>& to, const Steps& steps, Walk& walk, const Words& words) {
  for (std::size_t index = 0; index < steps.size(); ++index) {
    const std::string kind(step_name(steps[index]));
    const Call call = walk.next(steps[index]);
    if (call.number != no_call.number) to.push_back({call, kind, words(index), kind == "Exec"});
  }
}

void append_container(std::vector<StepCall>& to, const PodPlan& plan, const ContainerPlan& container,
                      Walk& supervisor, int instance) {
  const std::string name = plan.name + "/" + container.name + ": ";
  append(to, container.host, supervisor, [&](std::size_t index) {
    return words_of(name + "host step", index, container.host.size(),
                    describe(container.host[index], container));
  });
  Walk child({.caller = Caller::Child,
              .container = container.name,
              .instance = instance,
              .joins_pids = container.pid_namespace.has_value()});
  // The process that prepares the container's own process dies with the supervisor.
  if (container.pid_namespace) child.passes_over(step::ParentDeathSignal{});
  append(to, container.child, child, [&](std::size_t index) {
    return words_of(name + "step", index, container.child.size(),
                    describe(container.child[index], container));
  });
}

bool joins_another(const ContainerPlan& container) {
  return std::ranges::any_of(container.namespaces,
                             [](const auto& source) { return source.owner == NamespaceOwner::Container; });
}

std::vector<StepCall> steps(const PodPlan& plan, Walk& supervisor) {
  std::vector<StepCall> all;
  append(all, plan.files, supervisor, [&](std::size_t index) {
    return words_of(plan.name + ": file step", index, plan.files.size(), describe(plan.files[index]));
  });
  Walk pause({.caller = Caller::Pause});
  append(all, plan.sandbox, pause, [&](std::size_t index) {
    return words_of(plan.name + ": sandbox step", index, plan.sandbox.size(), describe(plan.sandbox[index]));
  });
  append_networks(all, plan, supervisor);
  append(all, plan.memory, supervisor, [&](std::size_t index) {
    return words_of(plan.name + ": memory step", index, plan.memory.size(), describe(plan.memory[index]));
  });
  // A container that joins another one is started after it.
  for (const bool joins : {false, true})
    for (const ContainerPlan& container : plan.containers)
      if (joins_another(container) == joins) append_container(all, plan, container, supervisor, 0);
  return all;
}

}  // namespace

std::vector<StepCall> steps_of_start(const PodPlan& plan) {
  Walk supervisor({.caller = Caller::Supervisor});
  return steps(plan, supervisor);
}

std::vector<StepCall> steps_of_restart(const PodPlan& plan, std::size_t container) {
  Walk supervisor({.caller = Caller::Supervisor});
  steps(plan, supervisor);
  std::vector<StepCall> restart;
  append_container(restart, plan, plan.containers[container], supervisor, 1);
  return restart;
}

}  // namespace podrun::test
