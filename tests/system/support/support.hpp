// The harness of the system tests, in one include. A test declares a TemporaryRoot first, then its PodRuns:
// they go in the opposite order.
#pragma once

#include <gtest/gtest.h>

#include "tests/system/support/host_snapshot.hpp"   // IWYU pragma: export
#include "tests/system/support/manifest.hpp"        // IWYU pragma: export
#include "tests/system/support/pod_run.hpp"         // IWYU pragma: export
#include "tests/system/support/procfs.hpp"          // IWYU pragma: export
#include "tests/system/support/running_pod.hpp"     // IWYU pragma: export
#include "tests/system/support/temporary_root.hpp"  // IWYU pragma: export
#include "tests/system/support/text.hpp"            // IWYU pragma: export
