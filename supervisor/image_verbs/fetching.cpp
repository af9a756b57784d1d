// What `podrun image pull` and `podrun image load` have in common.
#include "supervisor/image_verbs/fetching.hpp"

#include <signal.h>
#include <sys/signalfd.h>

#include "namespaces/kernel/process.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor {

GiveUpOnSignal::GiveUpOnSignal() {
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    if (!ns::ignores(number)) ::sigaddset(&ending, number);
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  signals_ = Fd(::signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
}

Result<OpenImageTools> tools_for(const Invocation& invocation) {
  OpenImageTools opened = TRY(open_image_tools(invocation.program));
  if (invocation.options.platform) opened.tools.fetch.platform = *invocation.options.platform;
  if (invocation.options.patience) opened.tools.fetch.patience = *invocation.options.patience;
  opened.tools.fetch.without_tls = invocation.options.without_tls;
  return opened;
}

ExitStatus report_fetch_error(const std::string& what, const ns::FetchError& error) {
  const bool is_of_host = error.fault == ns::FetchFault::NoProgram || error.fault == ns::FetchFault::NoSpace;
  return report_error(is_of_host ? ExitStatus::CannotStart : ExitStatus::Failed, what + ": " + error.message);
}

void note_left_out(const std::string& what, const std::vector<std::string>& notes) {
  for (const std::string& line : notes) note(what + ": " + line);
}

}  // namespace podrun::supervisor
