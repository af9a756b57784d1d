// Errors as values. The function that knows the most about a failure writes its message; callers pass it on.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace podrun {

/// A failure: a message for the user, and the errno that caused it, or 0.
struct Error {
  std::string message;
  int number = 0;
  std::string field{};  ///< the field of a manifest that it is about: "spec.containers[0].image"; may be empty

  /// The error "WHAT: strerror(number)". Uses errno unless a number is given.
  static Error system(std::string what, int number = errno);
};

/// A value or an Error.
template <typename T = void>
using Result = std::expected<T, Error>;

/// Shorthand for returning an Error from a function that returns a Result.
inline std::unexpected<Error> fail(std::string message, int number = 0) {
  return std::unexpected(Error{std::move(message), number});
}
/// A failure that is about a field of a manifest.
inline std::unexpected<Error> fail_at(std::string field, std::string message, int number = 0) {
  return std::unexpected(Error{std::move(message), number, std::move(field)});
}
inline std::unexpected<Error> fail_system(std::string what, int number = errno) {
  return std::unexpected(Error::system(std::move(what), number));
}

}  // namespace podrun

/// Evaluates a Result. Returns its Error from the enclosing function, or yields its value.
/// It is a GNU statement expression, which GCC and Clang support. std::expected::and_then is missing in GCC 12.
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
