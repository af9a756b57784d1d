// What the kernel says of a container: its exec, its output, its end.
#include <fmt/format.h>

#include <cstring>

#include "pod/describe.hpp"
#include "supervisor/clock.hpp"
#include "supervisor/log.hpp"
#include "supervisor/supervisor.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::seconds log_retry{1};

}  // namespace

/// "step 9 of 17: mount proc → /c/app/proc: Operation not permitted".
std::string Supervisor::words_of(std::size_t index, const ns::Report& report) const {
  const pod::ContainerPlan& container = plan_.containers[index];
  if (report.step >= container.child.size()) return fmt::format("step {}: {}", report.step + 1, ::strerror(report.error));
  const pod::StepText text = pod::describe(container.child[report.step], container);
  return fmt::format("{}/{}: step {} of {}: {} {}: {}", plan_.name, container.name, report.step + 1,
                     container.child.size(), text.action, text.detail, ::strerror(report.error));
}

Result<> Supervisor::watch(std::size_t index) {
  Instance& instance = instances_[index];
  instance.exit_watch = TRY(loop_.watch(instance.process.pidfd.get(), EPOLLIN, [this, index] { on_exit(index); }));
  instance.report_watch = TRY(loop_.watch(instance.report.get(), EPOLLIN, [this, index] { on_report(index); }));
  watch_output(index);
  return {};
}

void Supervisor::watch_output(std::size_t index) {
  Instance& instance = instances_[index];
  const LogDescriptors& log = instance.log->descriptors();
  auto out = loop_.watch(log.out.get(), EPOLLIN, [this, index] { on_output(index, Stream::Out); });
  auto err = loop_.watch(log.err.get(), EPOLLIN, [this, index] { on_output(index, Stream::Err); });
  if (out) instance.out_watch = std::move(*out);
  if (err) instance.err_watch = std::move(*err);
}

/// The end of the report socket: the exec succeeded. A report: a step failed, and the process is ending.
void Supervisor::on_report(std::size_t index) {
  const ns::ExecOutcome outcome = ns::peek_report(instances_[index].report.get());
  if (outcome.kind == ns::ExecOutcome::Kind::Pending) return;
  instances_[index].report_watch.reset();
  const pod::ContainerPlan& container = plan_.containers[index];
  if (outcome.kind == ns::ExecOutcome::Kind::Succeeded) {
    log_info("{}: started (pid {}, instance {})", container.name, instances_[index].process.pid,
             record_.status.containers[index].instance);
    return handle_container(index, event::ExecOk{});
  }
  const ns::Report& report = outcome.report;
  const bool own_step = report.step + 1U < container.child.size();
  if (own_step && std::holds_alternative<pod::step::Gate>(container.child[report.step])) return;  // on_exit's matter
  const std::string words = words_of(index, report);
  if (own_step && !started(record_.status)) abort_start({words, report.error});
  handle_container(index, event::ExecFailed{words});
}

void Supervisor::on_exit(std::size_t index) {
  Instance& instance = instances_[index];
  if (instance.report_watch) on_report(index);  // how it began comes before how it ended
  instance.exit_watch.reset();
  if (instance.log) {
    if (auto drained = instance.log->drain(); !drained) pump_failed(index, drained.error());
    show(index);
  }
  const int number = record_.status.containers[index].instance;
  const Registered child = registered(index, number);
  if (child.exec != Registered::Exec::AtGate) return handle_container(index, event::Exited{child.exit_code.value_or(128)});
  // A former supervisor died before it opened this one's gate: it never ran.
  const Adopted adopted = reconcile(policy_.container, record_.status.containers[index], child, boot_now());
  record_.status.containers[index] = adopted.next;
  for (const Action& action : adopted.actions) perform(index, action);
  settle();
}

void Supervisor::on_output(std::size_t index, Stream stream) {
  Instance& instance = instances_[index];
  const auto pumped = instance.log->pump(stream);
  if (!pumped) return pump_failed(index, pumped.error());
  if (pumped->end) (stream == Stream::Out ? instance.out_watch : instance.err_watch).reset();
  show(index);
}

/// The disk is full, or gone: the batch stays where it is and the container comes to wait; nothing is lost.
void Supervisor::pump_failed(std::size_t index, const Error& error) {
  Instance& instance = instances_[index];
  log_warning("{}: log: {}", plan_.containers[index].name, error.message);
  instance.out_watch.reset();
  instance.err_watch.reset();
  auto retry = loop_.at(boot_now() + log_retry, [this, index] { watch_output(index); });
  if (retry) instance.retry = std::move(*retry);
}

/// Lets the terminal catch up with a container's log. False: the rest follows when it can be written to again.
bool Supervisor::show(std::size_t index) {
  if (!terminal_) return true;
  const std::string& name = plan_.containers[index].name;
  std::deque<Fd>& former = unshown_[index];
  bool all = true;
  while (all && !former.empty()) {
    all = terminal_->show(name, index, former.front().get());
    if (all) former.pop_front();
  }
  if (all && instances_[index].log) all = terminal_->show(name, index, instances_[index].log->descriptors().shown.get());
  if (!all) wait_for_terminal();
  return all;
}

bool Supervisor::show_all() {
  bool all = true;
  for (std::size_t index = 0; index < instances_.size(); ++index) all &= show(index);
  return all;
}

void Supervisor::wait_for_terminal() {
  const auto go_on = [this] {
    for (Source& watch : terminal_watches_) watch.reset();
    if (show_all() && ending_) try_to_leave();
  };
  for (const Stream stream : streams) {
    Source& watch = terminal_watches_[static_cast<std::size_t>(stream)];
    const int blocked = terminal_->blocked_fd(stream);
    if (watch || blocked < 0) continue;
    auto watched = loop_.watch(blocked, EPOLLOUT, go_on);
    if (!watched) watched = loop_.soon(go_on);  // a regular file cannot be polled, and never blocks
    if (watched) watch = std::move(*watched);
  }
}

}  // namespace podrun::supervisor
