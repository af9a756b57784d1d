// The view of a container: a pod with one container `c`, which runs a script once.
#pragma once

#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// The output of SCRIPT on both streams, without the prefixes. FIELDS are fields of the container, SPEC are fields of
/// the pod.
struct View {
  std::string script;
  std::string fields = "";
  std::string spec = "";
  std::string image = "localhost/busybox";
  std::string annotations = "";  ///< of the pod, as YAML in one line
};
std::vector<std::string> lines_seen(const TemporaryRoot& root, const View& view, const Setting& setting = {});

/// The lines joined into one, to compare short lines.
std::string seen(const TemporaryRoot& root, const View& view, const Setting& setting = {});

}  // namespace podrun::test
