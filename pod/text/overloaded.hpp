// A visitor made of lambdas.
#pragma once

namespace podrun::pod {

/// One function object with the call operators of several lambdas, for std::visit. Without a generic lambda among them
/// a new alternative of the variant does not compile until it is handled.
template <typename... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

}  // namespace podrun::pod
