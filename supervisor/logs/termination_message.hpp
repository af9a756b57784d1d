// What a container says about its end: terminationMessagePath and terminationMessagePolicy, with the kubelet's limits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pod/spec/spec.hpp"

namespace podrun::supervisor {

/// Where an instance that has ended may have left words.
struct TerminationMessageSource {
  std::string file;  ///< its own; "": it had none
  int log = -1;      ///< the newest of its log files; -1: there is none
  pod::TerminationMessagePolicy policy = pod::TerminationMessagePolicy::File;
  std::size_t containers = 1;  ///< of the pod, which share the room for messages
};

/// The last 4 KiB of its file; where that is empty, a failed container's log may stand in for it. At most an equal part
/// of the pod's 12 KiB. What cannot be read is empty: an exit is recorded all the same.
std::string termination_message(const TerminationMessageSource& words, int exit_code);

/// The text of the last 80 records of LOG, the end of a log file, or the last 2 KiB of that.
std::string end_of_log(std::string_view log);

}  // namespace podrun::supervisor
