// The names and fields of all steps, as data. Code that prints or checks plans iterates over them.
//
// A step or field that is missing here does not compile: for_each_field() compares with the number of members.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A file mode, which is printed in octal.
struct Mode {
  std::uint32_t bits;
};

/// A set of capabilities, which is printed by names.
struct CapabilitySet {
  std::uint64_t bits;
};

/// A field of a step. `T` is a reference to the member, or one of the types above.
template <typename T>
struct StepField {
  std::string_view name;
  T value;
};
template <typename T>
constexpr StepField<T> field(std::string_view name, T&& value) {
  return {name, std::forward<T>(value)};
}

/// The name and the fields of a step. The names are those of the JSON form.
template <typename... T>
struct StepRecord {
  std::string_view name;
  std::tuple<StepField<T>...> fields;
};
template <typename... T>
constexpr StepRecord<T...> record(std::string_view name, StepField<T>... fields) {
  return {name, {std::move(fields)...}};
}

// clang-format off
constexpr auto record_of(const file::MakeDirectory& s) {
  return record("MakeDirectory", field("path", s.path), field("mode", Mode{s.mode}), field("group", s.group));
}
constexpr auto record_of(const file::Write& s) {
  return record("Write", field("path", s.path), field("content", s.content), field("mode", Mode{s.mode}));
}
constexpr auto record_of(const VolumeFile& f) {
  return record("VolumeFile", field("path", f.path), field("content", f.content), field("mode", Mode{f.mode}));
}
constexpr auto record_of(const VolumeFiles& f) {
  return record("VolumeFiles", field("group", f.group), field("mode", Mode{f.mode}), field("below", Mode{f.below}),
                field("list", f.list), field("mountPoints", f.mount_points));
}
constexpr auto record_of(const file::CheckHostPath& s) {
  return record("CheckHostPath", field("volume", s.volume), field("path", s.path), field("type", s.type));
}
constexpr auto record_of(const file::WriteVolume& s) {
  return record("WriteVolume", field("path", s.path), field("files", s.files));
}
constexpr auto record_of(const file::GiveToGroup& s) {
  return record("GiveToGroup", field("path", s.path), field("group", s.group),
                field("unlessRootHasIt", s.unless_root_has_it));
}

constexpr auto record_of(const sandbox::Unshare& s) { return record("Unshare", field("kinds", s.kinds)); }
constexpr auto record_of(const sandbox::Root&) { return record("Root"); }
constexpr auto record_of(const sandbox::SharedMemory& s) {
  return record("SharedMemory", field("bytes", s.bytes), field("container", s.container));
}
constexpr auto record_of(const sandbox::Loopback&) { return record("Loopback"); }
constexpr auto record_of(const sandbox::Sysctl& s) {
  return record("Sysctl", field("name", s.name), field("value", s.value));
}
constexpr auto record_of(const sandbox::Hostname& s) { return record("Hostname", field("name", s.name)); }
constexpr auto record_of(const sandbox::Init& s) { return record("Init", field("kinds", s.kinds)); }

constexpr auto record_of(const memory::EmptyDir& s) {
  return record("EmptyDir", field("volume", s.volume), field("bytes", s.bytes), field("mode", Mode{s.mode}),
                field("group", s.group));
}
constexpr auto record_of(const memory::Files& s) {
  return record("Files", field("volume", s.volume), field("bytes", s.bytes), field("files", s.files));
}

constexpr auto record_of(const network::HostSetting& s) {
  return record("HostSetting", field("name", s.name), field("value", s.value));
}
constexpr auto record_of(const network::Link& s) {
  return record("Link", field("interface", s.interface), field("alias", s.alias), field("mtu", s.mtu));
}
constexpr auto record_of(const network::PodEnd& s) {
  return record("PodEnd", field("addresses", s.addresses), field("gateways", s.gateways));
}
constexpr auto record_of(const network::HostEnd& s) {
  return record("HostEnd", field("interface", s.interface), field("addresses", s.addresses),
                field("gateways", s.gateways));
}
constexpr auto record_of(const network::Filter& s) { return record("Filter", field("table", s.table)); }
constexpr auto record_of(const network::SharedFilter& s) {
  return record("SharedFilter", field("table", s.table), field("elements", s.elements));
}
constexpr auto record_of(const network::DockerRule& s) {
  return record("DockerRule", field("family", s.family), field("interface", s.interface), field("comment", s.comment));
}
constexpr auto record_of(const network::ForgetConnections& s) {
  return record("ForgetConnections", field("ports", s.ports));
}
constexpr auto record_of(const network::Resolver& s) {
  return record("Resolver", field("address", s.address), field("upstreams", s.upstreams));
}

constexpr auto record_of(const host::OverlayRoot& s) {
  return record("OverlayRoot", field("to", s.to), field("image", s.image), field("layers", s.layers),
                field("directory", s.directory), field("layer", s.layer), field("userXattr", s.user_xattr));
}
constexpr auto record_of(const host::CloneTree& s) {
  return record("CloneTree", field("to", s.to), field("source", s.source), field("label", s.label),
                field("inMemory", s.in_memory), field("subPath", s.sub_path), field("makeSubPath", s.make_sub_path),
                field("devices", s.devices), field("noExec", s.no_exec), field("propagation", s.propagation),
                field("layers", s.layers), field("userXattr", s.user_xattr));
}
constexpr auto record_of(const host::CloneProc& s) {
  return record("CloneProc", field("to", s.to), field("container", s.container), field("readOnly", s.read_only));
}
constexpr auto record_of(const host::MessageFile& s) {
  return record("MessageFile", field("to", s.to), field("path", s.path));
}
constexpr auto record_of(const host::Stdio& s) {
  return record("Stdio", field("out", s.out), field("err", s.err), field("uid", s.uid), field("gid", s.gid));
}
constexpr auto record_of(const host::Input& s) {
  return record("Input", field("to", s.to), field("uid", s.uid), field("gid", s.gid), field("once", s.once));
}
constexpr auto record_of(const host::Terminal& s) {
  return record("Terminal", field("devpts", s.devpts), field("to", s.to), field("uid", s.uid), field("input", s.input));
}

constexpr auto record_of(const ClockOffsets& s) {
  return record("ClockOffsets", field("monotonic", s.monotonic), field("boottime", s.boottime));
}
constexpr auto record_of(const host::MakeNamespace& s) {
  return record("MakeNamespace", field("to", s.to), field("kind", s.kind), field("container", s.container),
                field("held", s.held), field("hostname", s.hostname), field("offsets", s.offsets));
}
constexpr auto record_of(const host::OpenInit& s) { return record("OpenInit", field("to", s.to)); }
constexpr auto record_of(const host::OpenProcess& s) {
  return record("OpenProcess", field("to", s.to), field("container", s.container));
}
constexpr auto record_of(const host::OpenRoot& s) {
  return record("OpenRoot", field("to", s.to), field("container", s.container));
}

constexpr auto record_of(const step::ResetSignals&) { return record("ResetSignals"); }
constexpr auto record_of(const step::NotDumpable&) { return record("NotDumpable"); }
constexpr auto record_of(const step::NewSession&) { return record("NewSession"); }
constexpr auto record_of(const step::ResetOomScore&) { return record("ResetOomScore"); }
constexpr auto record_of(const step::EnterNamespaces& s) {
  return record("EnterNamespaces", field("of", s.of), field("kinds", s.kinds));
}
constexpr auto record_of(const step::OwnMounts& s) { return record("OwnMounts", field("cells", s.cells)); }
constexpr auto record_of(const step::SetAsideOldRoot& s) {
  return record("SetAsideOldRoot", field("cells", s.cells), field("cell", s.cell), field("aside", s.aside));
}
constexpr auto record_of(const step::AttachRoot& s) {
  return record("AttachRoot", field("cells", s.cells), field("root", s.root), field("cell", s.cell));
}
constexpr auto record_of(const step::AttachOwnRoot& s) {
  return record("AttachOwnRoot", field("root", s.root));
}
constexpr auto record_of(const step::MountProc& s) {
  return record("MountProc", field("root", s.root), field("path", s.path), field("readOnly", s.read_only));
}
constexpr auto record_of(const step::MountSys& s) {
  return record("MountSys", field("root", s.root), field("path", s.path), field("readOnly", s.read_only));
}
constexpr auto record_of(const step::DeviceNode& s) {
  return record("DeviceNode", field("name", s.name), field("major", s.major), field("minor", s.minor));
}
constexpr auto record_of(const step::MountDev& s) {
  return record("MountDev", field("root", s.root), field("path", s.path), field("nodes", s.nodes),
                field("links", s.links));
}
constexpr auto record_of(const step::MountPts& s) {
  return record("MountPts", field("root", s.root), field("path", s.path));
}
constexpr auto record_of(const step::MountMqueue& s) {
  return record("MountMqueue", field("root", s.root), field("path", s.path));
}
constexpr auto record_of(const step::BindFromPod& s) {
  return record("BindFromPod", field("root", s.root), field("cells", s.cells), field("source", s.source),
                field("path", s.path), field("readOnly", s.read_only));
}
constexpr auto record_of(const step::AttachTree& s) {
  return record("AttachTree", field("root", s.root), field("tree", s.tree), field("path", s.path),
                field("readOnly", s.read_only), field("recursive", s.recursive));
}
constexpr auto record_of(const step::MaskPath& s) {
  return record("MaskPath", field("root", s.root), field("path", s.path));
}
constexpr auto record_of(const step::ReadOnlyPath& s) {
  return record("ReadOnlyPath", field("root", s.root), field("path", s.path));
}
constexpr auto record_of(const step::WritablePath& s) {
  return record("WritablePath", field("root", s.root), field("path", s.path));
}
constexpr auto record_of(const step::ReadOnlyRoot& s) {
  return record("ReadOnlyRoot", field("root", s.root));
}
constexpr auto record_of(const step::Chroot& s) { return record("Chroot", field("root", s.root)); }
constexpr auto record_of(const step::PivotRoot& s) { return record("PivotRoot", field("root", s.root)); }
constexpr auto record_of(const step::WorkingDirectory& s) {
  return record("WorkingDirectory", field("path", s.path));
}
constexpr auto record_of(const step::ConnectStdio& s) {
  return record("ConnectStdio", field("out", s.out), field("err", s.err));
}
constexpr auto record_of(const step::ConnectInput& s) {
  return record("ConnectInput", field("in", s.in));
}
constexpr auto record_of(const step::ConnectTerminal& s) {
  return record("ConnectTerminal", field("terminal", s.terminal));
}
inline auto record_of(const step::ResourceLimits& s) {
  return record("ResourceLimits", field("limits", s.limits));
}
constexpr auto record_of(const step::BoundCapabilities& s) {
  return record("BoundCapabilities", field("keep", CapabilitySet{s.keep}));
}
inline auto record_of(const step::Seccomp& s) {
  return record("Seccomp", field("profile", s.profile), field("rules", s.rules ? s.rules->rules.size() : 0),
                field("last", s.last), field("refuses", s.own ? words_of(*s.own) : std::vector<std::string>{}));
}
constexpr auto record_of(const step::SetIds& s) {
  return record("SetIds", field("uid", s.uid), field("gid", s.gid), field("groups", s.groups));
}
constexpr auto record_of(const step::NoNewPrivileges&) { return record("NoNewPrivileges"); }
constexpr auto record_of(const step::SetCapabilities& s) {
  return record("SetCapabilities", field("keep", CapabilitySet{s.keep}));
}
constexpr auto record_of(const step::ParentDeathSignal&) { return record("ParentDeathSignal"); }
constexpr auto record_of(const step::CloseDescriptors&) { return record("CloseDescriptors"); }
constexpr auto record_of(const step::Gate& s) { return record("Gate", field("gate", s.gate)); }
inline auto record_of(const step::Exec& s) {
  return record("Exec", field("argv", s.printable(s.argv)), field("env", s.printable(s.env)));
}
// clang-format on

namespace detail {
struct AnyMember {
  template <typename T>
  constexpr operator T() const;
};
/// The number of members of an aggregate, which is the number of initializers that it accepts.
template <typename T, typename... Members>
consteval std::size_t members() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return members<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}
/// The number of members that are not fields because they only determine how other members are printed.
template <typename Step>
consteval std::size_t unlisted() {
  if constexpr (requires { Step::unlisted; }) return Step::unlisted;
  return 0;
}
}  // namespace detail

/// Calls f(name, value) for each field of a step, in the order of declaration.
template <typename Step, typename F>
constexpr void for_each_field(const Step& step, F&& f) {
  const auto record = record_of(step);
  static_assert(std::tuple_size_v<decltype(record.fields)> + detail::unlisted<Step>() == detail::members<Step>(),
                "a member of this step is missing in its record");
  std::apply([&](const auto&... fields) { (f(fields.name, fields.value), ...); }, record.fields);
}

}  // namespace podrun::pod
