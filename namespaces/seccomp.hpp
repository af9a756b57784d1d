// The seccomp filter that containers run under, assembled by libseccomp in the parent; the child only loads it.
#pragma once

#include <linux/filter.h>

#include "pod/result.hpp"

namespace podrun::ns {

/// The calls that step::RefuseCalls names answer EPERM, by whichever numbers this machine's kernel takes them; all others
/// pass. Assembled once in a process's life, for which the instructions stay. Errors: libseccomp's.
Result<sock_fprog> refusing_filter();

}  // namespace podrun::ns
