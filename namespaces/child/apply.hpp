// One function for each child step. It performs the step and returns 0 or an errno. noexcept, no allocation (child.hpp
// says why).
#pragma once

#include "namespaces/child/child.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

// apply_process.cpp: signals, session, descriptors, exec.
int apply(const pod::step::ResetSignals&, const ChildContext&) noexcept;
int apply(const pod::step::NotDumpable&, const ChildContext&) noexcept;
int apply(const pod::step::NewSession&, const ChildContext&) noexcept;
int apply(const pod::step::ResetOomScore&, const ChildContext&) noexcept;
int apply(const pod::step::ConnectStdio&, const ChildContext&) noexcept;
int apply(const pod::step::ConnectInput&, const ChildContext&) noexcept;
int apply(const pod::step::ConnectTerminal&, const ChildContext&) noexcept;
int apply(const pod::step::CloseDescriptors&, const ChildContext&) noexcept;
int apply(const pod::step::Gate&, const ChildContext&) noexcept;
int apply(const pod::step::Exec&, const ChildContext&) noexcept;

// apply_mounts.cpp: namespaces, mounts, root.
int apply(const pod::step::EnterNamespaces&, const ChildContext&) noexcept;
int apply(const pod::step::OwnMounts&, const ChildContext&) noexcept;
int apply(const pod::step::SetAsideOldRoot&, const ChildContext&) noexcept;
int apply(const pod::step::AttachRoot&, const ChildContext&) noexcept;
int apply(const pod::step::AttachOwnRoot&, const ChildContext&) noexcept;
int apply(const pod::step::MountProc&, const ChildContext&) noexcept;
int apply(const pod::step::MountSys&, const ChildContext&) noexcept;
int apply(const pod::step::MountDev&, const ChildContext&) noexcept;
int apply(const pod::step::MountPts&, const ChildContext&) noexcept;
int apply(const pod::step::MountMqueue&, const ChildContext&) noexcept;
int apply(const pod::step::BindFromPod&, const ChildContext&) noexcept;
int apply(const pod::step::AttachTree&, const ChildContext&) noexcept;
int apply(const pod::step::MaskPath&, const ChildContext&) noexcept;
int apply(const pod::step::ReadOnlyPath&, const ChildContext&) noexcept;
int apply(const pod::step::WritablePath&, const ChildContext&) noexcept;
int apply(const pod::step::ReadOnlyRoot&, const ChildContext&) noexcept;
int apply(const pod::step::Chroot&, const ChildContext&) noexcept;
int apply(const pod::step::PivotRoot&, const ChildContext&) noexcept;
int apply(const pod::step::WorkingDirectory&, const ChildContext&) noexcept;

// apply_security.cpp: limits, ids, capabilities, filter.
int apply(const pod::step::ResourceLimits&, const ChildContext&) noexcept;
int apply(const pod::step::BoundCapabilities&, const ChildContext&) noexcept;
int apply(const pod::step::Seccomp&, const ChildContext&) noexcept;
int apply(const pod::step::SetIds&, const ChildContext&) noexcept;
int apply(const pod::step::NoNewPrivileges&, const ChildContext&) noexcept;
int apply(const pod::step::SetCapabilities&, const ChildContext&) noexcept;
int apply(const pod::step::ParentDeathSignal&, const ChildContext&) noexcept;

}  // namespace podrun::ns
