// The harness of the system tests, in one include. A test declares a TemporaryRoot first, then its PodRuns:
// they go in the opposite order.
#pragma once

#include <gtest/gtest.h>

#include "tests/system/host_snapshot.hpp"   // IWYU pragma: export
#include "tests/system/manifest.hpp"        // IWYU pragma: export
#include "tests/system/pod_run.hpp"         // IWYU pragma: export
#include "tests/system/procfs.hpp"          // IWYU pragma: export
#include "tests/system/running_pod.hpp"     // IWYU pragma: export
#include "tests/system/temporary_root.hpp"  // IWYU pragma: export
#include "tests/system/text.hpp"            // IWYU pragma: export
