// What a container says of its surroundings: a pod of one container `c` that runs a script once.
#pragma once

#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// What SCRIPT printed, both streams in one, without the prefixes. FIELDS: more of the container's, SPEC: of
/// the pod's.
struct View {
  std::string script;
  std::string fields = "";
  std::string spec = "";
  std::string image = "localhost/busybox";
};
std::vector<std::string> lines_seen(const TemporaryRoot& root, const View& view, const Setting& setting = {});

/// The lines in one, for comparing short ones.
std::string seen(const TemporaryRoot& root, const View& view, const Setting& setting = {});

}  // namespace podrun::test
