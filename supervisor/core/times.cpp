// Points in time as text.
#include "supervisor/core/times.hpp"

#include <algorithm>
#include <array>

namespace podrun::supervisor {
namespace {

// A time stamp of zeros: shows where the digits are.
constexpr std::string_view blank_time = "0000-00-00T00:00:00.000000000Z";
static_assert(blank_time.size() == rfc3339_length);
struct Field {
  std::size_t at;
  std::size_t digits;
};
constexpr std::array<Field, 7> fields = {{{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 9}}};
using FieldValues = std::array<long, fields.size()>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

long read_field(std::string_view text, Field field) {
  long value = 0;
  for (const char digit : text.substr(field.at, field.digits)) value = value * 10 + (digit - '0');
  return value;
}

void write_field(std::string& text, Field field, long value) {
  for (std::size_t i = field.at + field.digits; i > field.at; value /= 10)
    text[--i] = static_cast<char>('0' + value % 10);
}

}  // namespace

bool has_form_of_rfc3339(std::string_view text) {
  return std::ranges::equal(text, blank_time,
                            [](char c, char form) { return is_digit(form) ? is_digit(c) : c == form; });
}

std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const FieldValues values = {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
                              static_cast<unsigned>(date.day()), clock.hours().count(),
                              clock.minutes().count(),           clock.seconds().count(),
                              clock.subseconds().count()};
  std::string text(blank_time);
  for (std::size_t i = 0; i < fields.size(); ++i) write_field(text, fields[i], values[i]);
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (!has_form_of_rfc3339(text)) return std::nullopt;
  FieldValues values{};
  std::ranges::transform(fields, values.begin(), [&](Field field) { return read_field(text, field); });
  const auto [year, month, day, hour, minute, second, nanosecond] = values;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  // Nanoseconds since 1970 in 64 bits reach from 1677 to 2262; the years that are covered completely are accepted.
  if (!date.ok() || year < 1678 || year > 2261 || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::nanoseconds(nanosecond);
}

}  // namespace podrun::supervisor
