// The seccomp filters of containers. The parent assembles them with libseccomp; the child only loads them.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A filter in the form that the kernel takes, and the profile that it was made from.
struct Filter {
  const pod::SeccompFilter* of;
  sock_fprog program;
};

/// The filters of a container's plan. Each is assembled once in the life of the process, and its instructions are kept.
/// Errors are those of libseccomp, which knows the architectures and system calls of its version.
Result<std::vector<Filter>> filters_of(const pod::ContainerPlan& plan);

}  // namespace podrun::ns
