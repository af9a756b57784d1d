// The members of a class as a tuple of references, by structured bindings. A wrong number of members does not compile.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace podrun::pod::stored {

#define PODRUN_MEMBERS(COUNT, ...) \
  if constexpr (N == (COUNT)) {    \
    auto& [__VA_ARGS__] = object;  \
    return std::tie(__VA_ARGS__);  \
  } else

/// References to the N members of a class whose members are all public, in the order of their declaration. It does not
/// compile unless the class has exactly N members.
template <std::size_t N, typename T>
constexpr auto members_of(T& object) {
  // clang-format off
  PODRUN_MEMBERS(1, a)
  PODRUN_MEMBERS(2, a, b)
  PODRUN_MEMBERS(3, a, b, c)
  PODRUN_MEMBERS(4, a, b, c, d)
  PODRUN_MEMBERS(5, a, b, c, d, e)
  PODRUN_MEMBERS(6, a, b, c, d, e, f)
  PODRUN_MEMBERS(7, a, b, c, d, e, f, g)
  PODRUN_MEMBERS(8, a, b, c, d, e, f, g, h)
  PODRUN_MEMBERS(9, a, b, c, d, e, f, g, h, i)
  PODRUN_MEMBERS(10, a, b, c, d, e, f, g, h, i, j)
  PODRUN_MEMBERS(11, a, b, c, d, e, f, g, h, i, j, k)
  PODRUN_MEMBERS(12, a, b, c, d, e, f, g, h, i, j, k, l)
  PODRUN_MEMBERS(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  PODRUN_MEMBERS(14, a, b, c, d, e, f, g, h, i, j, k, l, m, n)
  PODRUN_MEMBERS(15, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)
  PODRUN_MEMBERS(16, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
  PODRUN_MEMBERS(17, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)
  PODRUN_MEMBERS(18, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r)
  PODRUN_MEMBERS(19, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s)
  PODRUN_MEMBERS(20, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t)
  PODRUN_MEMBERS(21, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u)
  PODRUN_MEMBERS(22, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v)
  PODRUN_MEMBERS(23, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w)
  PODRUN_MEMBERS(24, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x)
  {
    static_assert(N == 0 && std::is_empty_v<T>, "more members than members_of() has lines");
    return std::tuple<>();
  }
  // clang-format on
}

#undef PODRUN_MEMBERS

}  // namespace podrun::pod::stored
