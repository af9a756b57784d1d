// The words that are stored for enumerators. One that has no word does not compile.
#pragma once

#include <string_view>

#include "pod/plan/plan.hpp"
#include "pod/seccomp/seccomp_profile.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod::stored {

// word_of() is "" for a number that is no enumerator. The enumerators of each type are numbered from 0 without a gap.

// clang-format off
#define PODRUN_WORD(NAME) case NAME: return #NAME;
constexpr std::string_view word_of(NamespaceKind value) {
  using enum NamespaceKind;
  switch (value) {
    PODRUN_WORD(Mnt) PODRUN_WORD(Net) PODRUN_WORD(Ipc) PODRUN_WORD(Uts) PODRUN_WORD(Pid) PODRUN_WORD(User)
    PODRUN_WORD(Cgroup) PODRUN_WORD(Time)
  }
  return {};
}
constexpr std::string_view word_of(NamespaceOwner value) {
  using enum NamespaceOwner;
  switch (value) {
    PODRUN_WORD(Pod) PODRUN_WORD(Private) PODRUN_WORD(Host) PODRUN_WORD(Container)
  }
  return {};
}
constexpr std::string_view word_of(Resource value) {
  using enum Resource;
  switch (value) {
    PODRUN_WORD(Cpu) PODRUN_WORD(Fsize) PODRUN_WORD(Data) PODRUN_WORD(Stack) PODRUN_WORD(Core) PODRUN_WORD(Rss)
    PODRUN_WORD(Nproc) PODRUN_WORD(Nofile) PODRUN_WORD(Memlock) PODRUN_WORD(As) PODRUN_WORD(Locks)
    PODRUN_WORD(Sigpending) PODRUN_WORD(Msgqueue) PODRUN_WORD(Nice) PODRUN_WORD(Rtprio) PODRUN_WORD(Rttime)
  }
  return {};
}
constexpr std::string_view word_of(host::Layer value) {
  using enum host::Layer;
  switch (value) {
    PODRUN_WORD(Disk) PODRUN_WORD(Memory)
  }
  return {};
}
constexpr std::string_view word_of(host::Devices value) {
  using enum host::Devices;
  switch (value) {
    PODRUN_WORD(Refused) PODRUN_WORD(AsOnHost) PODRUN_WORD(Usable)
  }
  return {};
}
constexpr std::string_view word_of(MountPropagation value) {
  using enum MountPropagation;
  switch (value) {
    PODRUN_WORD(None) PODRUN_WORD(HostToContainer) PODRUN_WORD(Bidirectional)
  }
  return {};
}
constexpr std::string_view word_of(RecursiveReadOnly value) {
  using enum RecursiveReadOnly;
  switch (value) {
    PODRUN_WORD(Disabled) PODRUN_WORD(IfPossible) PODRUN_WORD(Enabled)
  }
  return {};
}
constexpr std::string_view word_of(HostPathType value) {
  using enum HostPathType;
  switch (value) {
    PODRUN_WORD(Any) PODRUN_WORD(DirectoryOrCreate) PODRUN_WORD(Directory) PODRUN_WORD(FileOrCreate) PODRUN_WORD(File)
    PODRUN_WORD(Socket) PODRUN_WORD(CharDevice) PODRUN_WORD(BlockDevice)
  }
  return {};
}
constexpr std::string_view word_of(Medium value) {
  using enum Medium;
  switch (value) {
    PODRUN_WORD(Disk) PODRUN_WORD(Memory)
  }
  return {};
}
constexpr std::string_view word_of(RestartPolicy value) {
  using enum RestartPolicy;
  switch (value) {
    PODRUN_WORD(Always) PODRUN_WORD(OnFailure) PODRUN_WORD(Never)
  }
  return {};
}
constexpr std::string_view word_of(ContainerRole value) {
  using enum ContainerRole;
  switch (value) {
    PODRUN_WORD(Init) PODRUN_WORD(Sidecar) PODRUN_WORD(App)
  }
  return {};
}
constexpr std::string_view word_of(RestartRule::Action value) {
  using enum RestartRule::Action;
  switch (value) {
    PODRUN_WORD(Restart) PODRUN_WORD(RestartAllContainers)
  }
  return {};
}
constexpr std::string_view word_of(RestartRule::Operator value) {
  using enum RestartRule::Operator;
  switch (value) {
    PODRUN_WORD(In) PODRUN_WORD(NotIn)
  }
  return {};
}
constexpr std::string_view word_of(TerminationMessagePolicy value) {
  using enum TerminationMessagePolicy;
  switch (value) {
    PODRUN_WORD(File) PODRUN_WORD(FallbackToLogsOnError)
  }
  return {};
}
constexpr std::string_view word_of(PullPolicy value) {
  using enum PullPolicy;
  switch (value) {
    PODRUN_WORD(Always) PODRUN_WORD(IfNotPresent) PODRUN_WORD(Never)
  }
  return {};
}
constexpr std::string_view word_of(DnsPolicy value) {
  using enum DnsPolicy;
  switch (value) {
    PODRUN_WORD(ClusterFirst) PODRUN_WORD(ClusterFirstWithHostNet) PODRUN_WORD(Default) PODRUN_WORD(None)
  }
  return {};
}
constexpr std::string_view word_of(Protocol value) {
  using enum Protocol;
  switch (value) {
    PODRUN_WORD(Tcp) PODRUN_WORD(Udp) PODRUN_WORD(Sctp)
  }
  return {};
}
constexpr std::string_view word_of(ServiceType value) {
  using enum ServiceType;
  switch (value) {
    PODRUN_WORD(ClusterIp) PODRUN_WORD(NodePort) PODRUN_WORD(LoadBalancer) PODRUN_WORD(ExternalName)
  }
  return {};
}
constexpr std::string_view word_of(SeccompProfile::Type value) {
  using enum SeccompProfile::Type;
  switch (value) {
    PODRUN_WORD(RuntimeDefault) PODRUN_WORD(Unconfined) PODRUN_WORD(Localhost)
  }
  return {};
}
constexpr std::string_view word_of(FsGroupChangePolicy value) {
  using enum FsGroupChangePolicy;
  switch (value) {
    PODRUN_WORD(Always) PODRUN_WORD(OnRootMismatch)
  }
  return {};
}
constexpr std::string_view word_of(SupplementalGroupsPolicy value) {
  using enum SupplementalGroupsPolicy;
  switch (value) {
    PODRUN_WORD(Merge) PODRUN_WORD(Strict)
  }
  return {};
}
constexpr std::string_view word_of(SeccompAction value) {
  using enum SeccompAction;
  switch (value) {
    PODRUN_WORD(Allow) PODRUN_WORD(Errno) PODRUN_WORD(KillProcess) PODRUN_WORD(KillThread) PODRUN_WORD(Trap)
    PODRUN_WORD(Trace) PODRUN_WORD(Log)
  }
  return {};
}
constexpr std::string_view word_of(SeccompComparison value) {
  using enum SeccompComparison;
  switch (value) {
    PODRUN_WORD(NotEqual) PODRUN_WORD(Less) PODRUN_WORD(LessOrEqual) PODRUN_WORD(Equal) PODRUN_WORD(GreaterOrEqual)
    PODRUN_WORD(Greater) PODRUN_WORD(MaskedEqual)
  }
  return {};
}
constexpr std::string_view word_of(CgroupLayout value) {
  using enum CgroupLayout;
  switch (value) {
    PODRUN_WORD(None) PODRUN_WORD(Hybrid) PODRUN_WORD(Pure)
  }
  return {};
}
constexpr std::string_view word_of(IpFamily value) {
  using enum IpFamily;
  switch (value) {
    PODRUN_WORD(V4) PODRUN_WORD(V6)
  }
  return {};
}
constexpr std::string_view word_of(nft::Hook value) {
  using enum nft::Hook;
  switch (value) {
    PODRUN_WORD(Ingress) PODRUN_WORD(Prerouting) PODRUN_WORD(Input) PODRUN_WORD(Forward) PODRUN_WORD(Output)
    PODRUN_WORD(Postrouting)
  }
  return {};
}
constexpr std::string_view word_of(nft::ChainType value) {
  using enum nft::ChainType;
  switch (value) {
    PODRUN_WORD(Filter) PODRUN_WORD(Nat)
  }
  return {};
}
constexpr std::string_view word_of(nft::SetKind value) {
  using enum nft::SetKind;
  switch (value) {
    PODRUN_WORD(PortsByMark) PODRUN_WORD(Ends)
  }
  return {};
}
#undef PODRUN_WORD
// clang-format on

}  // namespace podrun::pod::stored
