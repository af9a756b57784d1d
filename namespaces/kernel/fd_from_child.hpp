// A descriptor that a short-lived process makes where its maker must not go: in a namespace of its own.
#pragma once

#include <functional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Runs `make` in a child of ours, born into the control group `cgroup` if one is given, and takes over what it makes.
/// Of an error only the number crosses: `what` names it.
Result<Fd> fd_from_child(const std::string& what, const std::function<Result<Fd>()>& make, int cgroup = -1);

}  // namespace podrun::ns
