// All headers that a system test needs. A test declares its TemporaryRoot before its PodRuns, because they are
// destroyed in the opposite order.
#pragma once

#include <gtest/gtest.h>

#include "tests/system/support/host_snapshot.hpp"   // IWYU pragma: export
#include "tests/system/support/manifest.hpp"        // IWYU pragma: export
#include "tests/system/support/pod_run.hpp"         // IWYU pragma: export
#include "tests/system/support/procfs.hpp"          // IWYU pragma: export
#include "tests/system/support/running_pod.hpp"     // IWYU pragma: export
#include "tests/system/support/temporary_root.hpp"  // IWYU pragma: export
#include "tests/system/support/text.hpp"            // IWYU pragma: export
