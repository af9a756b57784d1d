// Where a pod's start went.
#include "supervisor/state/timeline.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

using Json = nlohmann::json;
using std::chrono::microseconds;

// One process, one thread, one stopwatch.
BootTime lap_begin{0};
std::vector<Span> done;

std::string in_microseconds(BootTime time) {
  return fmt::format("{}", std::chrono::round<microseconds>(time).count());
}

}  // namespace

void begin_laps(std::string_view since) {
  std::int64_t nanoseconds = 0;
  std::from_chars(since.data(), since.data() + since.size(), nanoseconds);
  const BootTime now = boot_now();
  lap_begin = nanoseconds > 0 && BootTime(nanoseconds) < now ? BootTime(nanoseconds) : now;
}

void end_lap(std::string what) {
  const BootTime now = boot_now();
  done.push_back({"podrun", std::move(what), lap_begin, now});
  lap_begin = now;
}

void skip_lap() { lap_begin = boot_now(); }

const std::vector<Span>& laps() { return done; }

std::string to_json(const Timeline& timeline) {
  Json spans = Json::array();
  for (const Span& span : timeline.spans)
    spans.push_back({{"who", span.who},
                     {"what", span.what},
                     {"beginNanoseconds", span.begin.count()},
                     {"endNanoseconds", span.end.count()}});
  // Paths may hold any bytes; JSON holds text.
  return Json{{"pod", timeline.pod}, {"spans", std::move(spans)}}.dump(1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

Result<Timeline> parse_timeline(std::string_view json) {
  try {
    const Json object = Json::parse(json);
    Timeline timeline{.pod = object.at("pod"), .spans = {}};
    for (const Json& span : object.at("spans"))
      timeline.spans.push_back({.who = span.at("who"),
                                .what = span.at("what"),
                                .begin = BootTime(span.at("beginNanoseconds").get<std::int64_t>()),
                                .end = BootTime(span.at("endNanoseconds").get<std::int64_t>())});
    return timeline;
  } catch (const Json::exception& error) {
    return fail(error.what());
  }
}

std::string to_text(const Timeline& timeline) {
  if (timeline.spans.empty()) return "";
  const BootTime origin = std::ranges::min(timeline.spans, {}, &Span::begin).begin;
  std::vector<Span> spans = timeline.spans;
  std::ranges::stable_sort(spans, {}, &Span::begin);
  std::vector<std::vector<std::string>> rows{{"AT", "TOOK", "WHO", "WHAT"}};
  for (const Span& span : spans)
    rows.push_back({in_microseconds(span.begin - origin), in_microseconds(span.end - span.begin), span.who, span.what});
  const BootTime end = std::ranges::max(timeline.spans, {}, &Span::end).end;
  return aligned(rows) +
         fmt::format("\n{} µs from the command line until everything ran\n", in_microseconds(end - origin));
}

}  // namespace podrun::supervisor
