// A visitor made of lambdas.
#pragma once

namespace podrun::pod {

/// A function object with the call operators of several lambdas, for std::visit. If none of them is generic, a variant
/// with an alternative that none handles does not compile.
template <typename... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

}  // namespace podrun::pod
