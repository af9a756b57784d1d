// Events as a table.
#include "supervisor/show/event_table.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "supervisor/core/terminal_text.hpp"
#include "supervisor/show/pod_table.hpp"

namespace podrun::supervisor {
namespace {

/// A message may quote what a container has printed: it stays on its line.
std::string on_one_line(std::string_view message) {
  std::string text = plain_text_for_terminal(message);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// What a hook or a probe has printed, if it is more than the line that the message ends with.
std::string output_lines(std::string_view output) {
  while (output.ends_with('\n')) output.remove_suffix(1);
  if (!output.contains('\n')) return "";
  std::string lines = "         | ";
  for (const char c : plain_text_for_terminal(output))
    lines += c == '\n' ? std::string("\n         | ") : std::string(1, c);
  return lines + '\n';
}

}  // namespace

std::string event_table(const std::vector<LoggedEvent>& events, const PodView& pod, WallTime now, bool with_heading) {
  constexpr std::size_t age = 6, type = 7;
  std::size_t reason = std::string_view("FailedPostStartHook").size(), object = pod.name.size() + 4;
  for (const ContainerView& container : pod.containers)
    object = std::max(object, pod.name.size() + container.name.size() + 5);
  const auto line = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view d,
                        std::string_view e) {
    return fmt::format("{:<{}}   {:<{}}   {:<{}}   {:<{}}   {}\n", a, age, b, type, c, reason, d, object, e);
  };
  std::string text = with_heading ? line("AGE", "TYPE", "REASON", "OBJECT", "MESSAGE") : "";
  for (const LoggedEvent& event : events)
    text += line(kubectl_age(now - event.time), event.is_warning ? "Warning" : "Normal", event.reason,
                 object_of(event, pod.name), on_one_line(event.message)) +
            output_lines(event.output);
  return text;
}

}  // namespace podrun::supervisor
