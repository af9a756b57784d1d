// A helper program that is started when somebody needs it.
#include "supervisor/network/helper_on_demand.hpp"

#include <algorithm>
#include <utility>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {
namespace {

/// After a helper that could not be started, or that has failed.
constexpr std::chrono::seconds first_delay{1}, longest_delay{60};

}  // namespace

HelperOnDemand::HelperOnDemand(std::string name, std::vector<int> sockets, Ports ports)
    : name_(std::move(name)), sockets_(std::move(sockets)), ports_(std::move(ports)), delay_(first_delay) {}

void HelperOnDemand::begin() {
  if (ports_.commands.contains(name_))
    ports_.commands.when_ended(name_, [this](const CommandEnd& end) { on_end(end); });
  else
    watch();
}

void HelperOnDemand::watch() {
  watches_.clear();
  for (const int socket : sockets_) {
    auto source = ports_.loop.watch(socket, EPOLLIN, [this] { start(); });
    if (!source) return retry(source.error().message);
    watches_.push_back(std::move(*source));
  }
}

/// The watches end first: what has arrived stays readable until the helper takes it.
void HelperOnDemand::start() {
  watches_.clear();
  auto command = ports_.start(name_);
  if (!command) return retry(command.error().message);
  const auto added =
      ports_.commands.add(std::move(*command), [this](const CommandEnd& end) { on_end(end); });
  if (!added) retry(added.error().message);
}

void HelperOnDemand::on_end(const CommandEnd& end) {
  if (end.exit_code == 0) {
    delay_ = first_delay;
    return watch();
  }
  std::string why = end.error;
  if (why.empty()) why = end.exit_code ? fmt::format("exited with {}", *end.exit_code) : "did not start";
  retry(why);
}

void HelperOnDemand::retry(const std::string& why) {
  log_warning("{}: {}", name_, why);
  watches_.clear();
  auto timer = ports_.loop.at(boot_now() + delay_, [this] { watch(); });
  delay_ = std::min<std::chrono::nanoseconds>(2 * delay_, longest_delay);
  if (timer) retry_timer_ = std::move(*timer);
}

}  // namespace podrun::supervisor
