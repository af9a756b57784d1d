// The seccomp filters that containers run under, assembled by libseccomp in the parent; the child only loads them.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A filter as the kernel takes it, and the profile that it was made from.
struct Filter {
  const pod::SeccompFilter* of;
  sock_fprog program;
};

/// The filters of a container's plan. Each is assembled once in a process's life, for which the
/// instructions stay. Errors: libseccomp's, which knows the architectures and system calls of its version.
Result<std::vector<Filter>> filters_of(const pod::ContainerPlan& plan);

}  // namespace podrun::ns
