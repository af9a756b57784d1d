// The supervisor's half of network probes.
#include "supervisor/network/network_prober.hpp"

#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/process.hpp"
#include "pod/text/overloaded.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/core/terminal_text.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

using std::chrono::nanoseconds;

/// When a prober that has ended is started again: after the first delay, which doubles up to the last. One that has
/// lived for `healthy` begins anew.
constexpr std::chrono::milliseconds first_delay{100}, last_delay{10'000};
constexpr std::chrono::seconds healthy{60};

/// How many messages are handled before other events are.
constexpr int messages_at_once = 16;

/// How many verdicts of a probe may be on their way when it is removed.
constexpr std::size_t stale_verdicts = 3;

/// Where a probe goes unless the manifest says otherwise: the loopback interface of the container's network namespace.
constexpr char default_host[] = "127.0.0.1";

std::string host_or_default(const std::string& host) { return host.empty() ? default_host : host; }

void set_action(prober::Request& request, const pod::HttpGetAction& action) {
  request.kind = action.https ? prober::Kind::Https : prober::Kind::Http;
  request.host = host_or_default(action.host);
  request.port = static_cast<std::uint16_t>(action.port.number);
  request.path = action.path;
  for (const pod::HttpHeader& header : action.headers) request.headers.push_back({header.name, header.value});
}

void set_action(prober::Request& request, const pod::TcpSocketAction& action) {
  request.kind = prober::Kind::Tcp;
  request.host = host_or_default(action.host);
  request.port = static_cast<std::uint16_t>(action.port.number);
}

void set_action(prober::Request& request, const pod::GrpcAction& action) {
  request.kind = prober::Kind::Grpc;
  request.host = default_host;
  request.port = static_cast<std::uint16_t>(action.port.number);
  request.path = action.service;
}

/// Text of a server, as one line for people.
std::string harmless(std::string_view text) {
  std::string line = plain_text_for_terminal(text);
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line;
}

}  // namespace

/// The prober of one network namespace. Between two processes it waits for `again`.
struct NetworkProber::OneProber {
  NetworkId network;
  std::size_t container;  ///< one that is in this namespace
  ns::StartedProber started{};
  bool runs = false;
  BootTime since{};
  EventSource messages{}, end{}, again{};
  std::size_t stale = 0;  ///< how many verdicts may still come of probes that were removed
  std::deque<prober::Request> waiting{};  ///< the socket has no room for them yet
  std::chrono::milliseconds delay{0};
};

bool is_network_action(const pod::ProbeAction& action) { return !std::holds_alternative<pod::ExecAction>(action); }

Result<prober::Request> request_of(const pod::Probe& probe) {
  if (!is_network_action(probe.action)) return fail("an exec probe is no network probe");
  prober::Request request{.op = prober::Op::Add,
                          .period = nanoseconds(std::chrono::seconds(probe.period)).count(),
                          .timeout = nanoseconds(std::chrono::seconds(probe.timeout)).count(),
                          .successes = probe.success_threshold,
                          .failures = probe.failure_threshold};
  std::visit(pod::Overloaded{[](const pod::ExecAction&) {}, [&](const auto& each) { set_action(request, each); }},
             probe.action);
  return request;
}

Result<prober::Request> request_of(const pod::HookAction& action, nanoseconds timeout) {
  const auto* const get = std::get_if<pod::HttpGetAction>(&action);
  if (get == nullptr) return fail("the hook is no httpGet");
  prober::Request request{.op = prober::Op::Once, .id = 1, .timeout = timeout.count()};
  set_action(request, *get);
  return request;
}

bool VerdictBudget::take(BootTime now) { return ++taken_ <= (now - from_) / period_ + 3; }

NetworkProber::NetworkProber(Ports ports) : ports_(std::move(ports)) {}
NetworkProber::~NetworkProber() = default;

Result<> NetworkProber::start(ProbeKey key, const pod::Probe& probe, nanoseconds first, Report report) {
  stop(key);
  prober::Request request = TRY(request_of(probe));
  request.id = next_id_;
  request.due = std::max(first, nanoseconds{0}).count();
  if (prober::encode(request).size() > prober::longest_request)
    return fail("the path and the headers of the probe are longer than 128 KiB", E2BIG);
  const NetworkId network = TRY(ports_.network_of(key.container));
  const VerdictBudget budget(nanoseconds(request.period), boot_now());
  const auto added = probes_.emplace(next_id_, Probe{key, std::move(request), std::move(report), network, budget, {}});
  ids_[key] = next_id_++;
  if (const auto known = probers_.find(network); known == probers_.end()) launch_first(network, key.container);
  else if (known->second->started.socket) add(*known->second, added.first->second);
  return {};
}

void NetworkProber::stop(ProbeKey key) {
  const auto id = ids_.find(key);
  if (id == ids_.end()) return;
  const auto probe = probes_.find(id->second);
  const NetworkId network = probe->second.network;
  const auto prober = probers_.find(network);
  if (prober != probers_.end() && prober->second->started.socket) {
    prober->second->stale += stale_verdicts;
    send(*prober->second, {.op = prober::Op::Remove, .id = id->second});
  }
  probes_.erase(probe);
  ids_.erase(id);
  if (prober == probers_.end() || has_probes(network)) return;
  if (!prober->second->runs) return void(probers_.erase(prober));
  // A container's own namespace ends with its instance. The pod's is probed again when a container has restarted.
  if (network <= network_of_host) return;
  prober->second->messages.reset();
  prober->second->started.socket.reset();  // which ends it
}

bool NetworkProber::has_probes(NetworkId network) const {
  return std::ranges::any_of(probes_, [&](const auto& each) { return each.second.network == network; });
}

void NetworkProber::launch_first(NetworkId network, std::size_t container) {
  auto& prober = probers_[network];
  prober = std::make_unique<OneProber>(OneProber{.network = network, .container = container});
  launch(*prober);
}

void NetworkProber::launch(OneProber& prober) {
  auto started = ports_.start_prober(prober.container);
  if (!started) return retry(prober, started.error().message);
  prober.started = std::move(*started);
  prober.runs = true;
  prober.since = boot_now();
  prober.waiting.clear();
  prober.stale = 0;
  watch(prober);
  auto end = ports_.loop.watch(prober.started.process.pidfd.get(), EPOLLIN, [this, &prober] { on_end(prober); });
  if (end) prober.end = std::move(*end);
  else log_error("podrun-prober: {}", end.error().message);
  for (auto& [id, probe] : probes_)
    if (probe.network == prober.network) add(prober, probe);
}

/// Starts it again, later.
void NetworkProber::retry(OneProber& prober, const std::string& why) {
  prober.delay = std::clamp<std::chrono::milliseconds>(prober.delay * 2, first_delay, last_delay);
  log_warning("network probes: {}; podrun-prober is started again in {}", why, human_duration(prober.delay));
  auto timer = ports_.loop.at(boot_now() + prober.delay, [this, &prober] { launch(prober); });
  if (timer) prober.again = std::move(*timer);
}

void NetworkProber::add(OneProber& prober, Probe& probe) {
  probe.verdict.reset();
  probe.budget = VerdictBudget(nanoseconds(probe.request.period), boot_now());
  send(prober, probe.request);
}

/// Sends a request, now or when the socket has room. If the prober is gone, that is seen by its pidfd.
void NetworkProber::send(OneProber& prober, prober::Request request) {
  const bool was_empty = prober.waiting.empty();
  if (was_empty) {
    const auto sent = ns::send_request(prober.started.socket.get(), request);
    if (sent || sent.error().number != EAGAIN) return;
  }
  prober.waiting.push_back(std::move(request));
  if (was_empty) watch(prober);
}

void NetworkProber::watch(OneProber& prober) {
  const std::uint32_t events = prober.waiting.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  prober.messages.reset();
  auto messages = ports_.loop.watch(prober.started.socket.get(), events, [this, &prober] {
    send_waiting(prober);
    on_message(prober);
  });
  if (messages) prober.messages = std::move(*messages);
  else kill(prober, messages.error().message);
}

void NetworkProber::send_waiting(OneProber& prober) {
  if (prober.waiting.empty()) return;
  while (!prober.waiting.empty()) {
    const auto sent = ns::send_request(prober.started.socket.get(), prober.waiting.front());
    if (!sent && sent.error().number == EAGAIN) return;
    prober.waiting.pop_front();
  }
  watch(prober);
}

// ---- what a prober says ----

void NetworkProber::on_message(OneProber& prober) {
  for (int count = 0; count < messages_at_once && prober.started.socket; ++count) {
    prober::Verdict verdict;
    // One byte more than a verdict has, so that a longer message shows. Descriptors that came with it are dropped.
    char bytes[sizeof verdict + 1];
    const ssize_t length = ::recv(prober.started.socket.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) return prober.messages.reset();  // its end is seen by its pidfd
    std::memcpy(&verdict, bytes, sizeof verdict);
    if (const std::string fault = handle(prober, verdict, static_cast<std::size_t>(length)); !fault.empty())
      return kill(prober, fault);
  }
}

/// The fault of a message that no prober sends; empty: there is none.
std::string NetworkProber::handle(OneProber& prober, const prober::Verdict& verdict, std::size_t received) {
  const auto text = prober::text_of(verdict, received);
  if (!text) return "it has sent what is no verdict";
  const auto found = probes_.find(verdict.id);
  if (found == probes_.end()) {
    // It may have been removed while its verdict was on its way.
    if (verdict.id >= next_id_ || prober.stale == 0) return "it has sent a verdict of a probe that it does not have";
    --prober.stale;
    return "";
  }
  Probe& probe = found->second;
  if (probe.network != prober.network) return "it has sent a verdict of another network's probe";
  const bool succeeded = verdict.succeeded != 0;
  if (probe.verdict == succeeded) return "it has sent a verdict twice";
  if (!probe.budget.take(boot_now())) return "it has sent more verdicts than a probe can have";
  probe.verdict = succeeded;
  const Report report = probe.report;  // a copy: the report may stop the probe
  report(succeeded, harmless(*text));
  return "";
}

/// Its end is handled when it comes.
void NetworkProber::kill(OneProber& prober, const std::string& why) {
  log_warning("podrun-prober (pid {}) is killed: {}", prober.started.process.pid, why);
  prober.messages.reset();
  (void)ns::send_signal(prober.started.process, SIGKILL);
}

void NetworkProber::on_end(OneProber& prober) {
  prober.messages.reset();
  prober.end.reset();
  const auto status = ns::wait_for(prober.started.process);
  const pid_t pid = prober.started.process.pid;
  const bool was_ended = !prober.started.socket;  // by stop()
  prober.started = {};
  prober.runs = false;
  if (!has_probes(prober.network)) return void(probers_.erase(prober.network));
  if (was_ended) return launch(prober);
  if (boot_now() - prober.since > healthy) prober.delay = {};
  retry(prober, fmt::format("podrun-prober (pid {}) has ended with {}", pid, status ? ns::exit_code_of(*status) : 0));
}

}  // namespace podrun::supervisor
