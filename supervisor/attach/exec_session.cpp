// The client of a command in a container.
#include "supervisor/attach/exec_session.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <iterator>

namespace podrun::supervisor {

Result<ExecSignals> ExecSignals::block(bool with_terminal) {
  sigset_t heard;
  ::sigemptyset(&heard);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM}) ::sigaddset(&heard, signal);
  if (!ns::ignores(SIGHUP)) ::sigaddset(&heard, SIGHUP);  // a blocked signal is queued even if it is ignored
  if (with_terminal)
    for (const int signal : {SIGWINCH, SIGTSTP}) ::sigaddset(&heard, signal);
  ::sigprocmask(SIG_BLOCK, &heard, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  Fd fd(::signalfd(-1, &heard, SFD_CLOEXEC));
  if (!fd) return fail_system("signalfd");
  return ExecSignals(std::move(fd));
}

int ExecSignals::take() const {
  signalfd_siginfo info{};
  return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void ExecSignals::die_of(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, signal);
  ::raise(signal);
  ::sigprocmask(SIG_UNBLOCK, &one, nullptr);
  ::_exit(128 + signal);  // the signal does not end a process
}

Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals) {
  pollfd watched[] = {{entered.monitor.pidfd.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
  while (::poll(watched, std::size(watched), -1) < 0 || watched[0].revents == 0)
    if (watched[1].revents != 0) ns::forward_signal(entered, signals.take());
  return ns::exit_code_of(TRY(ns::wait_for(entered.monitor)));
}

}  // namespace podrun::supervisor
