// Errors are values: what failed, said once, by whoever knows the most about it.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace podrun {

/// What went wrong, in words for the user; `number` is the errno behind it, or 0.
struct Error {
  std::string message;
  int number = 0;

  /// "WHAT: strerror(number)". Reads errno unless a number is given.
  static Error system(std::string what, int number = errno) {
    return {std::move(what) + ": " + ::strerror(number), number};
  }
};

/// A value, or the Error that took its place.
template <typename T = void>
using Result = std::expected<T, Error>;

/// Shorthand for returning an Error from a function that returns a Result.
inline std::unexpected<Error> fail(std::string message, int number = 0) {
  return std::unexpected(Error{std::move(message), number});
}
inline std::unexpected<Error> fail_system(std::string what, int number = errno) {
  return std::unexpected(Error::system(std::move(what), number));
}

}  // namespace podrun

/// Evaluates a Result; returns its Error from the enclosing function, else yields its value.
/// (A GNU statement expression: GCC and Clang both have it; std::expected::and_then is not in GCC 12.)
#define TRY(...)                                                                          \
  (__extension__({                                                                        \
    auto try_result_ = (__VA_ARGS__);                                                     \
    if (!try_result_) return std::unexpected(std::move(try_result_).error());             \
    std::move(try_result_).value();                                                       \
  }))

/// TRY for a Result<void>.
#define TRY_VOID(...)                                                                     \
  do {                                                                                    \
    if (auto try_status_ = (__VA_ARGS__); !try_status_)                                   \
      return std::unexpected(std::move(try_status_).error());                             \
  } while (false)
