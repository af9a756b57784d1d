// The termination message of a container: terminationMessagePath and terminationMessagePolicy, with the kubelet's
// limits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pod/spec/policies.hpp"

namespace podrun::supervisor {

/// The sources of the message of an instance that has ended.
struct TerminationMessageSource {
  std::string file;  ///< path of its message file on the host; "": there is none
  int log = -1;      ///< descriptor of its newest log file; -1: there is none
  pod::TerminationMessagePolicy policy = pod::TerminationMessagePolicy::File;
  std::size_t containers = 1;  ///< number of containers in the pod, which share the limit
};

/// The last 4 KiB of the file. If the file is empty, the policy may allow the end of a failed container's log instead.
/// At most an equal part of the pod's 12 KiB. A file that cannot be read counts as empty: the exit must be recorded in
/// any case.
std::string termination_message(const TerminationMessageSource& words, int exit_code);

/// The text of the last 80 records in `log`, the end of a log file, or the last 2 KiB of that text.
std::string end_of_log(std::string_view log);

}  // namespace podrun::supervisor
