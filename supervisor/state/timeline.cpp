// Where a pod's start went.
#include "supervisor/state/timeline.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
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
  // A line for each span, not one tree of all: a start waits for this, and the tree would take 40 more pages of memory.
  constexpr std::size_t length_of_line = 128;
  std::string text;
  text.reserve(length_of_line * (timeline.spans.size() + 1));
  text += "{\"pod\":" + json::dump(timeline.pod) + ",\"spans\":[";
  for (const char* separator = "\n"; const Span& span : timeline.spans) {
    text += separator + json::dump(json::object({{"beginNanoseconds", span.begin.count()},
                                                 {"endNanoseconds", span.end.count()},
                                                 {"what", span.what},
                                                 {"who", span.who}}));
    separator = ",\n";
  }
  return text + "\n]}\n";
}

Result<Timeline> parse_timeline(std::string_view text) {
  const json::Value parsed = TRY(json::parse(text));
  std::string error;
  const json::Reader whole(parsed, error);
  Timeline timeline{.pod = whole.text("pod"), .spans = {}};
  for (const json::Value& item : whole.items("spans")) {
    const json::Reader span = whole.item(item);
    timeline.spans.push_back({.who = span.text("who"),
                              .what = span.text("what"),
                              .begin = BootTime(span.number<std::int64_t>("beginNanoseconds")),
                              .end = BootTime(span.number<std::int64_t>("endNanoseconds"))});
  }
  if (!error.empty()) return fail(std::move(error));
  return timeline;
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
