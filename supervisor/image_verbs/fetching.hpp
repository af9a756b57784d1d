// What `podrun image pull` and `podrun image load` have in common.
#pragma once

#include <string>
#include <vector>

#include "namespaces/images/fetch_error.hpp"
#include "supervisor/cli/invocation.hpp"
#include "supervisor/core/exit_status.hpp"
#include "supervisor/images/image_tools.hpp"

namespace podrun::supervisor {

/// Blocks the signals that end a program, so that an image that is fetched is given up and nothing is left. Those that
/// the caller ignores, as nohup(1) does, stay ignored.
class GiveUpOnSignal {
 public:
  GiveUpOnSignal();
  /// Readable once a signal has come.
  int fd() const { return signals_.get(); }

 private:
  Fd signals_;
};

/// The tools, with the platform of the command line.
Result<OpenImageTools> tools_for(const Invocation& invocation);

/// Prints why an image could not be fetched: "podrun: nginx:1.27: …".
ExitStatus report_fetch_error(const std::string& what, const ns::FetchError& error);

/// Prints what was left out of layers.
void note_left_out(const std::string& what, const std::vector<std::string>& notes);

}  // namespace podrun::supervisor
